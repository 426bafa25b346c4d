using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>
/// The routes of all Services on this node. Services put in what they ask for (<see cref="BgpPlacement.Contributions"/>); for each prefix
/// it is counted how many ask for it by which advertisement, so that an aggregate goes only with the last Service in it, and what a peer is
/// told follows from the advertisements alone.
/// <code>
/// index.Set("shop/web", placement.Contributions);         // whenever a Service, the node or the configuration changed
/// foreach (prefix in index.TakeChanged())                 // once for all of them
///     foreach (peer) tell peer index.TermsFor(peer, prefix)
/// index.RoutesFor(peer)                                   // everything, for a peer that is new
/// </code>
/// A change costs what the Service asks for, whatever the number of Services.
/// </summary>
public sealed class BgpRouteIndex
{
    private readonly SortedDictionary<string, ImmutableArray<BgpContribution>> _byService = new(StringComparer.Ordinal);
    private readonly SortedDictionary<IpPrefix, List<Use>> _byPrefix = [];
    private readonly SortedSet<IpPrefix> _changed = [];

    // Services in a row come by the same advertisement, as a rule.
    private Said? _last;

    /// <summary>How many prefixes anybody asks for.</summary>
    public int PrefixCount => _byPrefix.Count;

    /// <summary>Says what a Service asks for from now on; nothing when it is not advertised or gone.</summary>
    /// <param name="service">Names the Service in its namespace.</param>
    /// <param name="contributions">What it asks for, of all its pools.</param>
    public void Set(string service, ImmutableArray<BgpContribution> contributions)
    {
        var before = _byService.GetValueOrDefault(service, []);
        if (before.AsSpan().SequenceEqual(contributions.AsSpan()))
            return;
        // First the new, so that what stays is at no time gone.
        foreach (var contribution in contributions)
            Count(contribution, 1);
        foreach (var contribution in before)
            Count(contribution, -1);
        if (contributions.IsEmpty)
            _byService.Remove(service);
        else
            _byService[service] = contributions;
    }

    /// <summary>The prefixes about which any peer may have to be told something else, sorted; asking again tells only what is
    /// new.</summary>
    public IReadOnlyList<IpPrefix> TakeChanged()
    {
        if (_changed.Count == 0)
            return [];
        IpPrefix[] changed = [.. _changed];
        _changed.Clear();
        return changed;
    }

    /// <summary>What a peer is to know about a prefix; null for nothing.</summary>
    public BgpRouteTerms? TermsFor(string peer, IpPrefix prefix)
    {
        if (!_byPrefix.TryGetValue(prefix, out var uses))
            return null;
        if (uses is [var only])
            return only.Advertisement.ReachesPeer(peer) ? only.Terms : null;
        var reaching = uses.FindAll(use => use.Advertisement.ReachesPeer(peer));
        return reaching.Count switch
        {
            0 => null,
            1 => reaching[0].Terms,
            _ => BgpRouteTerms.Of([.. reaching.Select(use => use.Advertisement)]),
        };
    }

    /// <summary>All that a peer is to know, sorted by prefix.</summary>
    public IEnumerable<BgpPeerRoute> RoutesFor(string peer)
    {
        foreach (var prefix in _byPrefix.Keys)
        {
            if (TermsFor(peer, prefix) is { } terms)
                yield return new(prefix, terms);
        }
    }

    /// <summary>The peers, of those named, that are told about any prefix that a Service asks for.</summary>
    public IEnumerable<string> PeersOf(string service, IEnumerable<string> peers) =>
        _byService.TryGetValue(service, out var contributions)
            ? peers.Where(peer => contributions.Any(contribution => contribution.Advertisement.ReachesPeer(peer)))
            : [];

    private void Count(in BgpContribution contribution, int change)
    {
        var advertisement = contribution.Advertisement;
        if (!_byPrefix.TryGetValue(contribution.Prefix, out var uses))
            _byPrefix[contribution.Prefix] = uses = new(1);
        var at = uses.FindIndex(use => use.Advertisement.Equals(advertisement));
        if (at < 0)
        {
            at = uses.Count;
            if (_last is null || !ReferenceEquals(_last.Advertisement, advertisement))
                _last = new(advertisement, BgpRouteTerms.Of([advertisement]));
            uses.Add(new(_last));
            _changed.Add(contribution.Prefix);
        }
        uses[at].Services += change;
        if (uses[at].Services > 0)
            return;
        uses.RemoveAt(at);
        _changed.Add(contribution.Prefix);
        if (uses.Count == 0)
            _byPrefix.Remove(contribution.Prefix);
    }

    /// <summary>What is said of a prefix that one advertisement alone asks for.</summary>
    private sealed record Said(BgpAdvertisementConfig Advertisement, BgpRouteTerms Terms);

    /// <summary>How many Services ask for a prefix by one advertisement.</summary>
    private sealed class Use(Said said)
    {
        public BgpAdvertisementConfig Advertisement => said.Advertisement;

        public BgpRouteTerms Terms => said.Terms;

        public int Services { get; set; }
    }
}
