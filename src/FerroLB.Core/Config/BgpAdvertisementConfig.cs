using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// A valid BGPAdvertisement: which pools it advertises, for which Services, from which nodes, to which peers and with which attributes.
/// The selectors stay compiled and are asked where routes are made, so that a change of labels needs no new configuration.
/// </summary>
public sealed class BgpAdvertisementConfig(string name) : IEquatable<BgpAdvertisementConfig>
{
    /// <summary>The object's name.</summary>
    public string Name { get; } = name;

    /// <summary>Pools by name; names that no pool has are ignored.</summary>
    public ImmutableSortedSet<string> PoolNames { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Pools by label.</summary>
    public SelectorList PoolSelectors { get; init; } = SelectorList.Empty;

    /// <summary>The nodes that advertise; empty for all.</summary>
    public SelectorList NodeSelectors { get; init; } = SelectorList.Empty;

    /// <summary>The Services advertised; empty for all of the pool.</summary>
    public SelectorList ServiceSelectors { get; init; } = SelectorList.Empty;

    /// <summary>The peers advertised to, by name; empty for all. Names that no peer has are ignored.</summary>
    public ImmutableSortedSet<string> PeerNames { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Length of IPv4 prefixes, 1-32.</summary>
    public int AggregationLengthV4 { get; init; } = 32;

    /// <summary>Length of IPv6 prefixes, 0-128.</summary>
    public int AggregationLengthV6 { get; init; } = 128;

    /// <summary>LOCAL_PREF for internal peers; 0 when not set.</summary>
    public uint LocalPref { get; init; }

    /// <summary>The communities, sorted, without duplicates.</summary>
    public ImmutableArray<CommunityValue> Communities { get; init; } = [];

    /// <summary>MULTI_EXIT_DISC; null for none.</summary>
    public uint? Med { get; init; }

    /// <summary>How many times more our AS number is put in front of the path, 0-10.</summary>
    public int AsPathPrepend { get; init; }

    /// <summary>
    /// Whether the advertisement is meant for a pool: by name or label, or for every pool when neither is written. Which of those it is
    /// used for, <see cref="ClusterConfig.BgpAdvertisementsOf"/> tells.
    /// </summary>
    public bool AppliesTo(PoolConfig pool) =>
        (PoolNames.IsEmpty && PoolSelectors.IsEmpty) || PoolNames.Contains(pool.Name) || PoolSelectors.Matches(pool.Labels);

    /// <summary>Whether a node with these labels advertises.</summary>
    public bool CoversNode(IReadOnlyDictionary<string, string> labels) => NodeSelectors.IsEmptyOrMatches(labels);

    /// <summary>Whether a Service with these labels is advertised.</summary>
    public bool MatchesService(IReadOnlyDictionary<string, string> labels) => ServiceSelectors.IsEmptyOrMatches(labels);

    /// <summary>Whether a peer is advertised to.</summary>
    public bool ReachesPeer(string peer) => PeerNames.IsEmpty || PeerNames.Contains(peer);

    /// <summary>The prefix that is advertised for an address.</summary>
    public IpPrefix PrefixOf(IpAddress address) => new(address, AggregationLength(address.Family));

    /// <summary>The length of prefixes of a family.</summary>
    public int AggregationLength(AddressFamily family) => family == AddressFamily.IPv4 ? AggregationLengthV4 : AggregationLengthV6;

    /// <inheritdoc/>
    public bool Equals(BgpAdvertisementConfig? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && Name == other.Name && PoolNames.SequenceEqual(other.PoolNames) && PoolSelectors.Equals(other.PoolSelectors) &&
            NodeSelectors.Equals(other.NodeSelectors) && ServiceSelectors.Equals(other.ServiceSelectors) &&
            PeerNames.SequenceEqual(other.PeerNames) && AggregationLengthV4 == other.AggregationLengthV4 &&
            AggregationLengthV6 == other.AggregationLengthV6 && LocalPref == other.LocalPref &&
            Communities.SequenceEqual(other.Communities) && Med == other.Med && AsPathPrepend == other.AsPathPrepend);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BgpAdvertisementConfig);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.Length;
}
