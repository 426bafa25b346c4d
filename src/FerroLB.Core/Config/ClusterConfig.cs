using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// The configuration in force: every object in it is valid, and they fit together. Immutable; a build that changes nothing returns the
/// same instance, so that "did anything change" is a comparison of references.
/// </summary>
public sealed class ClusterConfig
{
    private readonly SortedDictionary<string, PoolConfig> _poolByName = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ImmutableArray<L2AdvertisementConfig>> _l2ByPool = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ImmutableArray<BgpAdvertisementConfig>> _bgpByPool = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, PeerConfig> _peerByName = new(StringComparer.Ordinal);
    private readonly ImmutableArray<(IpPrefix Block, PoolConfig Pool)> _blocks;

    /// <summary>Joins valid objects, sorted by name; the pools' blocks must be disjoint.</summary>
    internal ClusterConfig(ClusterParts parts)
    {
        Parts = parts;
        _blocks = [.. Pools.SelectMany(pool => pool.Blocks, (pool, block) => (block, pool)).OrderBy(entry => entry.block)];
        foreach (var pool in Pools)
        {
            _poolByName[pool.Name] = pool;
            _l2ByPool[pool.Name] = Attach(pool, L2Advertisements);
            _bgpByPool[pool.Name] = [.. BgpAdvertisements.Where(advertisement => IsUsedFor(advertisement, pool))];
        }
        foreach (var peer in BgpPeers)
            _peerByName[peer.Name] = peer;
    }

    /// <summary>The configuration without any object.</summary>
    public static ClusterConfig Empty { get; } = new(new ClusterParts());

    /// <summary>The pools, sorted by name. The array is the same as in the configuration before when no pool changed.</summary>
    public ImmutableArray<PoolConfig> Pools => Parts.Pools;

    /// <summary>The layer-2 advertisements, sorted by name.</summary>
    public ImmutableArray<L2AdvertisementConfig> L2Advertisements => Parts.L2Advertisements;

    /// <summary>The BGP advertisements, sorted by name.</summary>
    public ImmutableArray<BgpAdvertisementConfig> BgpAdvertisements => Parts.BgpAdvertisements;

    /// <summary>The BGP peers, sorted by name.</summary>
    public ImmutableArray<PeerConfig> BgpPeers => Parts.BgpPeers;

    /// <summary>The BFD profiles, sorted by name.</summary>
    public ImmutableArray<BfdProfileConfig> BfdProfiles => Parts.BfdProfiles;

    /// <summary>The Community objects, sorted by name.</summary>
    public ImmutableArray<CommunityConfig> Communities => Parts.Communities;

    /// <summary>What the configuration was joined of.</summary>
    internal ClusterParts Parts { get; }

    /// <summary>The pool of a name, or null.</summary>
    public PoolConfig? FindPool(string name) => _poolByName.GetValueOrDefault(name);

    /// <summary>The pool that an address may be used from, or null; binary search. Addresses that their pool avoids are in none.</summary>
    public PoolConfig? FindPool(IpAddress address)
    {
        var low = 0;
        var high = _blocks.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var (block, pool) = _blocks[middle];
            if (block.Contains(address))
                return pool.IsAvoided(address) ? null : pool;
            if (block.First < address)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return null;
    }

    /// <summary>The layer-2 advertisements of a pool, without those that add nothing, sorted by name; empty for an unknown pool.</summary>
    public ImmutableArray<L2AdvertisementConfig> L2AdvertisementsOf(PoolConfig pool) =>
        _l2ByPool.TryGetValue(pool.Name, out var advertisements) ? advertisements : [];

    /// <summary>
    /// The BGP advertisements that are used for a pool, sorted by name; empty for an unknown pool. Those in which nodes, Services and peers
    /// meet are found by their own methods; what clashes for one Service, by <see cref="LocalPreferenceClash.Find"/>.
    /// </summary>
    public ImmutableArray<BgpAdvertisementConfig> BgpAdvertisementsOf(PoolConfig pool) =>
        _bgpByPool.TryGetValue(pool.Name, out var advertisements) ? advertisements : [];

    /// <summary>The peer of a name, or null.</summary>
    public PeerConfig? FindPeer(string name) => _peerByName.GetValueOrDefault(name);

    /// <summary>The BFD profile to use with a peer, without echo where that cannot work; null for no BFD.</summary>
    public BfdProfileConfig? BfdProfileOf(PeerConfig peer) =>
        peer.BfdProfile is { EchoMode: true } profile && Parts.PeersWithoutEcho.Contains(peer.Name)
            ? profile with { EchoMode = false }
            : peer.BfdProfile;

    private bool IsUsedFor(BgpAdvertisementConfig advertisement, PoolConfig pool) =>
        advertisement.AppliesTo(pool) && !Parts.Exclusions.Contains(ClusterParts.Exclusion(advertisement, pool));

    private static ImmutableArray<L2AdvertisementConfig> Attach(PoolConfig pool, ImmutableArray<L2AdvertisementConfig> advertisements)
    {
        var attached = ImmutableArray.CreateBuilder<L2AdvertisementConfig>();
        foreach (var advertisement in advertisements)
        {
            if (advertisement.AppliesTo(pool) && !attached.Any(earlier => earlier.MakesRedundant(advertisement)))
                attached.Add(advertisement);
        }
        return attached.ToImmutable();
    }
}
