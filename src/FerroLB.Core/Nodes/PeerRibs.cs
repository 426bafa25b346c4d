using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Bgp.Rib;
using FerroLB.Protocols.Bgp.Wire;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The routes of this node's Services on their way to its peers: what Services ask for is added up per prefix
/// (<see cref="BgpRouteIndex"/>), and each peer's table (<see cref="AdjRibOut"/>) is told what changed for that peer. Services and peers
/// are changed as often as needed; <see cref="Flush"/> makes one change of all of it, in which new routes come before old ones go.
/// </summary>
public sealed class PeerRibs
{
    private readonly BgpRouteIndex _index = new();
    private readonly SortedDictionary<string, AdjRibOut> _ribs = new(StringComparer.Ordinal);
    private readonly List<RouteChange> _changes = [];

    /// <summary>The peers that have a table, sorted by name.</summary>
    public IReadOnlyCollection<string> Peers => _ribs.Keys;

    /// <summary>Says what a Service asks for from now on; nothing when it is not advertised or gone.</summary>
    public void SetService(string service, ImmutableArray<BgpContribution> contributions) => _index.Set(service, contributions);

    /// <summary>Says which peers there are. A new one gets a table with all that it is to know; the table of one that is gone is
    /// dropped.</summary>
    public void SetPeers(IEnumerable<string> peers)
    {
        var wanted = new SortedSet<string>(peers, StringComparer.Ordinal);
        foreach (var gone in _ribs.Keys.Where(name => !wanted.Contains(name)).ToList())
            _ribs.Remove(gone);
        foreach (var peer in wanted.Where(name => !_ribs.ContainsKey(name)))
        {
            var rib = _ribs[peer] = new();
            rib.Replace([.. _index.RoutesFor(peer).Select(route => new RouteChange(route.Prefix, TermsOf(route.Terms)))]);
        }
    }

    /// <summary>The table of a peer; null when there is no such peer.</summary>
    public AdjRibOut? Find(string peer) => _ribs.GetValueOrDefault(peer);

    /// <summary>Tells every peer's table what changed since the last time. Afterwards those that have something to write say so.</summary>
    public void Flush()
    {
        var prefixes = _index.TakeChanged();
        if (prefixes.Count == 0)
            return;
        foreach (var (peer, rib) in _ribs)
        {
            _changes.Clear();
            foreach (var prefix in prefixes)
                _changes.Add(new(prefix, TermsOf(_index.TermsFor(peer, prefix))));
            rib.Apply([.. _changes]);
        }
        _changes.Clear();
    }

    /// <summary>The peers, in their order, that are told about a Service.</summary>
    public IEnumerable<string> PeersOf(string service) => _index.PeersOf(service, _ribs.Keys);

    private static RouteTerms? TermsOf(BgpRouteTerms? terms) => terms is null
        ? null
        : new()
        {
            LocalPref = terms.LocalPref == 0 ? null : terms.LocalPref,
            MultiExitDisc = terms.Med,
            PrependCount = terms.AsPathPrepend,
            Communities = [.. terms.Communities.Where(c => !c.IsLarge).Select(c => new BgpCommunity(c.First))],
            LargeCommunities = [.. terms.Communities.Where(c => c.IsLarge).Select(c => new BgpLargeCommunity(c.First, c.Second, c.Third))],
        };
}
