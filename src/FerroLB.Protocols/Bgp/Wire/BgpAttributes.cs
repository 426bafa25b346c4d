using System;
using System.Collections.Immutable;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// The path attributes that routes share (RFC 4271 section 5), without next hops and prefixes. Two of them are equal when they say the
/// same in the same order.
/// </summary>
public sealed record BgpAttributes
{
    /// <summary>ORIGIN; null when absent.</summary>
    public BgpOrigin? Origin { get; init; }

    /// <summary>AS_PATH; null when absent. What AS4_PATH tells is merged into it.</summary>
    public BgpAsPath? AsPath { get; init; }

    /// <summary>MULTI_EXIT_DISC; null when absent.</summary>
    public uint? MultiExitDisc { get; init; }

    /// <summary>LOCAL_PREF; null when absent.</summary>
    public uint? LocalPref { get; init; }

    /// <summary>Whether ATOMIC_AGGREGATE is there.</summary>
    public bool IsAtomicAggregate { get; init; }

    /// <summary>AGGREGATOR; null when absent. What AS4_AGGREGATOR tells is merged into it.</summary>
    public BgpAggregator? Aggregator { get; init; }

    /// <summary>COMMUNITIES.</summary>
    public ImmutableArray<BgpCommunity> Communities { get; init; } = [];

    /// <summary>ORIGINATOR_ID; null when absent.</summary>
    public uint? OriginatorId { get; init; }

    /// <summary>CLUSTER_LIST.</summary>
    public ImmutableArray<uint> ClusterList { get; init; } = [];

    /// <summary>EXTENDED COMMUNITIES.</summary>
    public ImmutableArray<BgpExtendedCommunity> ExtendedCommunities { get; init; } = [];

    /// <summary>LARGE_COMMUNITY.</summary>
    public ImmutableArray<BgpLargeCommunity> LargeCommunities { get; init; } = [];

    /// <summary>Only to Customer; null when absent.</summary>
    public uint? OnlyToCustomer { get; init; }

    /// <summary>Optional attributes that are not understood.</summary>
    public ImmutableArray<BgpUnknownAttribute> Unknown { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(BgpAttributes? other) =>
        ReferenceEquals(this, other) ||
        (other is not null && Origin == other.Origin && AsPath == other.AsPath && MultiExitDisc == other.MultiExitDisc &&
            LocalPref == other.LocalPref && IsAtomicAggregate == other.IsAtomicAggregate && Aggregator == other.Aggregator &&
            OriginatorId == other.OriginatorId && OnlyToCustomer == other.OnlyToCustomer && HasListsOf(other));

    /// <summary>The same in every process.</summary>
    public override int GetHashCode()
    {
        unchecked
        {
            var hash = 17u;
            hash = hash * 31 + (uint)(AsPath?.GetHashCode() ?? 0);
            hash = hash * 31 + (MultiExitDisc ?? 0);
            hash = hash * 31 + (LocalPref ?? 0);
            foreach (var community in Communities.AsSpan())
                hash = hash * 31 + community.Value;
            foreach (var community in LargeCommunities.AsSpan())
                hash = ((hash * 31 + community.GlobalAdministrator) * 31 + community.LocalData1) * 31 + community.LocalData2;
            return (int)hash;
        }
    }

    private bool HasListsOf(BgpAttributes other) =>
        Communities.AsSpan().SequenceEqual(other.Communities.AsSpan()) &&
        ClusterList.AsSpan().SequenceEqual(other.ClusterList.AsSpan()) &&
        ExtendedCommunities.AsSpan().SequenceEqual(other.ExtendedCommunities.AsSpan()) &&
        LargeCommunities.AsSpan().SequenceEqual(other.LargeCommunities.AsSpan()) &&
        Unknown.AsSpan().SequenceEqual(other.Unknown.AsSpan());
}
