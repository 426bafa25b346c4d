using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Routers;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// What a router must know once everything is at rest, computed in the simplest way from what the store has: every Service, by every
/// advertisement of its pool, from every node that may, to every peer that the node and the advertisement have in common.
/// </summary>
/// <param name="mirror">The store.</param>
/// <param name="routes">What the store has about routes.</param>
/// <param name="allocation">Which pool an address is of.</param>
public sealed class RouteModel(StoreMirror mirror, RouteMirror routes, AllocationRules allocation)
{
    private const uint UsualLocalPref = 100;

    private readonly SortedDictionary<string, List<(IpPrefix, RouteAdvertisementView)>> _askedAt = new(StringComparer.Ordinal);

    /// <summary>The BGPPeer of a router; null when there is none, or none for this node.</summary>
    public PeerView? PeerOf(RouterPlan router, NodeView node) => routes.Peers
        .FirstOrDefault(peer => peer.Address == router.Address && peer.Covers(node));

    /// <summary>What a router must know from a node, by prefix; null when the two have no session.</summary>
    /// <param name="router">The router.</param>
    /// <param name="node">The node, whose speaker lives.</param>
    /// <param name="nextHopOf">The node's address that routes of a family go to.</param>
    public SortedDictionary<IpPrefix, string>? Expected(
        RouterPlan router, NodeView node, Func<PeerView, AddressFamily, IpAddress> nextHopOf)
    {
        if (PeerOf(router, node) is not { } peer)
            return null;
        var asked = new SortedDictionary<IpPrefix, List<RouteAdvertisementView>>();
        foreach (var (prefix, advertisement) in AskedAt(node))
        {
            if (!advertisement.Covers(peer) || (prefix.Family != router.Address.Family && !peer.IsDualStack))
                continue;
            if (!asked.TryGetValue(prefix, out var all))
                asked[prefix] = all = [];
            all.Add(advertisement);
        }
        var expected = new SortedDictionary<IpPrefix, string>();
        foreach (var (prefix, advertisements) in asked)
            expected[prefix] = Words(advertisements, router, peer, nextHopOf(peer, prefix.Family));
        return expected;
    }

    private List<(IpPrefix, RouteAdvertisementView)> AskedAt(NodeView node)
    {
        if (!_askedAt.TryGetValue(node.Name, out var asked))
        {
            _askedAt[node.Name] = asked = node.MayAnnounce
                ? [.. mirror.Services.Objects.Values.SelectMany(service => AskedBy(service, node))]
                : [];
        }
        return asked;
    }

    private IEnumerable<(IpPrefix, RouteAdvertisementView)> AskedBy(ServiceView service, NodeView node)
    {
        var serving = mirror.Slices.Objects.Values
            .Where(slice => slice.Service == service.Key).SelectMany(slice => slice.ServingNodes).ToList();
        if (!service.IsOurs || serving.Count == 0 || (service.IsLocal && !serving.Contains(node.Name, StringComparer.Ordinal)))
            return [];
        return
            from address in service.Addresses
            let pool = allocation.PoolOf(address)
            where pool is not null
            from advertisement in routes.Advertisements
            where advertisement.Covers(pool) && advertisement.Covers(service) && advertisement.Covers(node)
            select (advertisement.PrefixOf(address), advertisement);
    }

    private string Words(List<RouteAdvertisementView> advertisements, RouterPlan router, PeerView peer, IpAddress nextHop)
    {
        var isInternal = peer.PresentedAsn == router.Asn;
        var path = Enumerable.Repeat(peer.PresentedAsn, isInternal ? 0 : 1 + (int)advertisements.Min(item => item.Prepend));
        var preference = advertisements.Max(item => item.LocalPref);
        return RouteWords.Of(
            [nextHop], path, !isInternal ? null : preference == 0 ? UsualLocalPref : preference, advertisements.Min(item => item.Med),
            advertisements.SelectMany(item => item.Communities).Select(Resolve));
    }

    private string Resolve(string community) => routes.Communities.Objects.Values.SelectMany(item => item.Aliases)
        .Where(alias => alias.Name == community).Select(alias => alias.Value).FirstOrDefault() ?? community;
}
