using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// BFD's echo mode is for IPv4 only. A peer to which addresses of a pool with IPv6 are advertised keeps its BFD session, but without echo,
/// and is told so.
/// </summary>
internal static class EchoRule
{
    /// <summary>Returns the names of such peers, and adds a fault to each.</summary>
    public static ImmutableSortedSet<string> Apply(
        List<Contender<PeerConfig>> peers,
        ImmutableArray<BgpAdvertisementConfig> advertisements,
        ImmutableArray<PoolConfig> pools,
        BgpAdvertisementArena arena)
    {
        var withEcho = peers.Where(peer => peer.Form?.BfdProfile is { EchoMode: true }).ToList();
        var found = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        if (withEcho.Count == 0)
            return found.ToImmutable();
        var uses = Uses(advertisements, pools, arena);
        foreach (var contender in withEcho)
        {
            var peer = contender.Form!;
            var use = uses.FindIndex(use => use.Advertisement.ReachesPeer(peer.Name));
            if (use < 0)
                continue;
            var (advertisement, pool) = uses[use];
            found.Add(peer.Name);
            contender.Faults.AddPartial(
                new(
                    "spec.bfdProfile", peer.BfdProfile!.Name,
                    $"names a profile with echoMode, which does not work with the IPv6 addresses of IPAddressPool \"{pool.Name}\" that " +
                    $"BGPAdvertisement \"{advertisement.Name}\" advertises to the peer",
                    "Use a profile without echoMode, or leave the pool to other peers"),
                "its BFD session goes without echo");
        }
        return found.ToImmutable();
    }

    private static List<(BgpAdvertisementConfig Advertisement, PoolConfig Pool)> Uses(
        ImmutableArray<BgpAdvertisementConfig> advertisements, ImmutableArray<PoolConfig> pools, BgpAdvertisementArena arena)
    {
        var wide = pools.Where(pool => pool.Entries.Any(entry => entry.Family == AddressFamily.IPv6)).ToList();
        return
        [
            .. from advertisement in advertisements
               from pool in wide
               where advertisement.AppliesTo(pool) && !arena.Excludes(advertisement, pool)
               select (advertisement, pool),
        ];
    }
}
