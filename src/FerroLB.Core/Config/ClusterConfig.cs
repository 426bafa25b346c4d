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
    private readonly ImmutableArray<(IpPrefix Block, PoolConfig Pool)> _blocks;

    /// <summary>Joins valid objects, sorted by name; the pools' blocks must be disjoint.</summary>
    public ClusterConfig(ImmutableArray<PoolConfig> pools, ImmutableArray<L2AdvertisementConfig> l2Advertisements)
    {
        Pools = pools;
        L2Advertisements = l2Advertisements;
        _blocks = [.. pools.SelectMany(pool => pool.Blocks, (pool, block) => (block, pool)).OrderBy(entry => entry.block)];
        foreach (var pool in pools)
        {
            _poolByName[pool.Name] = pool;
            _l2ByPool[pool.Name] = Attach(pool, l2Advertisements);
        }
    }

    /// <summary>The configuration without any object.</summary>
    public static ClusterConfig Empty { get; } = new([], []);

    /// <summary>The pools, sorted by name.</summary>
    public ImmutableArray<PoolConfig> Pools { get; }

    /// <summary>The layer-2 advertisements, sorted by name.</summary>
    public ImmutableArray<L2AdvertisementConfig> L2Advertisements { get; }

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
