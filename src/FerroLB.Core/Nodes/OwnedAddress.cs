using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>An address that this node owns at layer 2. Never changes.</summary>
/// <param name="Address">The address.</param>
/// <param name="Holders">The Services for which it is announced, and on which interfaces each wants it (sorted; null: every usable
/// one).</param>
public sealed record OwnedAddress(IpAddress Address, ImmutableSortedDictionary<ObjectKey, IReadOnlyList<string>?> Holders)
{
    /// <summary>
    /// The interfaces on which it is announced: those that any holder wants, sorted; null when some holder wants every usable one.
    /// </summary>
    public IReadOnlyList<string>? Interfaces { get; } = Union(Holders.Values);

    /// <summary>Whether two interface sets, both sorted, are the same; null equals null only.</summary>
    public static bool AreSame(IReadOnlyList<string>? left, IReadOnlyList<string>? right) =>
        left is null || right is null ? left is null && right is null : left.SequenceEqual(right);

    private static string[]? Union(IEnumerable<IReadOnlyList<string>?> wishes)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var wish in wishes)
        {
            if (wish is null)
                return null;
            names.UnionWith(wish);
        }
        return names.ToArray();
    }
}
