using System;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>What a <see cref="ClusterConfig"/> is joined of: valid objects that fit together, each kind sorted by name.</summary>
internal sealed record ClusterParts
{
    public ImmutableArray<PoolConfig> Pools { get; init; } = [];

    public ImmutableArray<L2AdvertisementConfig> L2Advertisements { get; init; } = [];

    public ImmutableArray<BgpAdvertisementConfig> BgpAdvertisements { get; init; } = [];

    public ImmutableArray<PeerConfig> BgpPeers { get; init; } = [];

    public ImmutableArray<BfdProfileConfig> BfdProfiles { get; init; } = [];

    public ImmutableArray<CommunityConfig> Communities { get; init; } = [];

    /// <summary>Pools for which an advertisement is not used although it is meant for them.</summary>
    public ImmutableSortedSet<string> Exclusions { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Peers whose BFD session goes without echo.</summary>
    public ImmutableSortedSet<string> PeersWithoutEcho { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Names an advertisement and a pool in <see cref="Exclusions"/>; no name of an object holds a slash.</summary>
    public static string Exclusion(BgpAdvertisementConfig advertisement, PoolConfig pool) => $"{advertisement.Name}/{pool.Name}";

    /// <summary>
    /// The parts with the lists of another instance wherever those hold the very same objects, so that readers can compare lists by
    /// reference; the other instance itself when all do.
    /// </summary>
    public ClusterParts Reusing(ClusterParts other)
    {
        var reused = this with
        {
            Pools = Reuse(Pools, other.Pools),
            L2Advertisements = Reuse(L2Advertisements, other.L2Advertisements),
            BgpAdvertisements = Reuse(BgpAdvertisements, other.BgpAdvertisements),
            BgpPeers = Reuse(BgpPeers, other.BgpPeers),
            BfdProfiles = Reuse(BfdProfiles, other.BfdProfiles),
            Communities = Reuse(Communities, other.Communities),
        };
        var same = reused.Pools == other.Pools && reused.L2Advertisements == other.L2Advertisements &&
            reused.BgpAdvertisements == other.BgpAdvertisements && reused.BgpPeers == other.BgpPeers &&
            reused.BfdProfiles == other.BfdProfiles && reused.Communities == other.Communities &&
            Exclusions.SequenceEqual(other.Exclusions) && PeersWithoutEcho.SequenceEqual(other.PeersWithoutEcho);
        return same ? other : reused;
    }

    private static ImmutableArray<T> Reuse<T>(ImmutableArray<T> mine, ImmutableArray<T> other)
        where T : class =>
        mine.Length == other.Length && mine.Zip(other).All(pair => ReferenceEquals(pair.First, pair.Second)) ? other : mine;
}
