using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>
/// A valid L2Advertisement: which pools it announces, for which Services, from which nodes and interfaces. The selectors stay compiled
/// and are asked where the election is held, so that a change of node or Service labels needs no new configuration.
/// </summary>
public sealed class L2AdvertisementConfig(string name) : IEquatable<L2AdvertisementConfig>
{
    /// <summary>The object's name.</summary>
    public string Name { get; } = name;

    /// <summary>Pools by name; names that no pool has are ignored.</summary>
    public ImmutableSortedSet<string> PoolNames { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Pools by label.</summary>
    public SelectorList PoolSelectors { get; init; } = SelectorList.Empty;

    /// <summary>The nodes that may announce; empty for all.</summary>
    public SelectorList NodeSelectors { get; init; } = SelectorList.Empty;

    /// <summary>The interfaces to announce from; empty for all.</summary>
    public ImmutableSortedSet<string> Interfaces { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The Services announced; empty for all of the pool.</summary>
    public SelectorList ServiceSelectors { get; init; } = SelectorList.Empty;

    /// <summary>Wishes for the election among the nodes that <see cref="NodeSelectors"/> allows.</summary>
    public ImmutableArray<NodePreference> Preferences { get; init; } = [];

    /// <summary>Whether nodes without an interface in the address's subnet stay candidates.</summary>
    public bool AllowsAnySubnet { get; init; }

    /// <summary>Whether the advertisement applies to a pool: by name or label, or to every pool when neither is written.</summary>
    public bool AppliesTo(PoolConfig pool) =>
        (PoolNames.IsEmpty && PoolSelectors.IsEmpty) || PoolNames.Contains(pool.Name) || PoolSelectors.Matches(pool.Labels);

    /// <summary>Whether a node with these labels may announce.</summary>
    public bool CoversNode(IReadOnlyDictionary<string, string> labels) => NodeSelectors.IsEmptyOrMatches(labels);

    /// <summary>Whether a Service with these labels is announced.</summary>
    public bool MatchesService(IReadOnlyDictionary<string, string> labels) => ServiceSelectors.IsEmptyOrMatches(labels);

    /// <summary>
    /// Whether attaching the other one to a pool as well would change nothing: same nodes, interfaces and Services. Advertisements with
    /// preferences are never redundant, because weights add up.
    /// </summary>
    public bool MakesRedundant(L2AdvertisementConfig other) =>
        Preferences.IsEmpty && other.Preferences.IsEmpty && NodeSelectors.Equals(other.NodeSelectors) &&
        Interfaces.SequenceEqual(other.Interfaces) && ServiceSelectors.Equals(other.ServiceSelectors) &&
        AllowsAnySubnet == other.AllowsAnySubnet;

    /// <inheritdoc/>
    public bool Equals(L2AdvertisementConfig? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && Name == other.Name && PoolNames.SequenceEqual(other.PoolNames) && PoolSelectors.Equals(other.PoolSelectors) &&
            NodeSelectors.Equals(other.NodeSelectors) && Interfaces.SequenceEqual(other.Interfaces) &&
            ServiceSelectors.Equals(other.ServiceSelectors) && Preferences.SequenceEqual(other.Preferences) &&
            AllowsAnySubnet == other.AllowsAnySubnet);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as L2AdvertisementConfig);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.Length;
}
