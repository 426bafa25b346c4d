using System;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>A valid Community object: names for communities, each of which no other object in force defines.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="Aliases">The names and their values, in the order written.</param>
public sealed record CommunityConfig(string Name, ImmutableArray<(string Alias, CommunityValue Value)> Aliases)
{
    /// <inheritdoc/>
    public bool Equals(CommunityConfig? other) => other is not null && Name == other.Name && Aliases.SequenceEqual(other.Aliases);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.Length;
}
