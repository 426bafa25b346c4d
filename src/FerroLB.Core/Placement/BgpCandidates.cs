using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>
/// Which nodes are to advertise a Service by BGP, as every speaker works it out alike from what all of them see. Whether a session of such
/// a node is up, or its configuration of the peer is valid, it alone knows.
/// </summary>
/// <param name="scope">The advertisements and peers of the whole cluster.</param>
/// <param name="nodes">The nodes.</param>
/// <param name="ignoreExcludeLabel">The flag --ignore-exclude-lb.</param>
public sealed class BgpCandidates(BgpScope scope, IEnumerable<PlacementNode> nodes, bool ignoreExcludeLabel)
{
    private readonly ImmutableArray<PlacementNode> _nodes = [.. nodes.OrderBy(node => node.Name, StringComparer.Ordinal)];
    private readonly SortedDictionary<string, BgpCandidacy> _known = new(StringComparer.Ordinal);

    /// <summary>
    /// Who is to advertise addresses of one pool; null when no advertisement selects the pool and the Service.
    /// </summary>
    /// <param name="pool">The pool.</param>
    /// <param name="addresses">The Service's addresses in it; at least one.</param>
    /// <param name="labels">The Service's labels.</param>
    /// <param name="servingNodes">For traffic policy Local, the nodes with an endpoint that can serve; null for Cluster.</param>
    public BgpCandidacy? Of(
        PoolConfig pool, IReadOnlyList<IpAddress> addresses, IReadOnlyDictionary<string, string> labels, IReadOnlySet<string>? servingNodes)
    {
        var matching = scope.Advertisements.Where(item => item.AppliesTo(pool) && item.MatchesService(labels)).ToList();
        if (matching.Count == 0)
            return null;
        var (v4, v6) = (addresses.Any(address => address.IsIPv4), addresses.Any(address => address.IsIPv6));
        var key = $"{(v4 ? "4" : "")}{(v6 ? "6" : "")} {string.Join(',', matching.Select(item => item.Name))}";
        if (!_known.TryGetValue(key, out var everywhere))
            _known[key] = everywhere = Judge(matching, peer => (v4 && peer.CarriesIPv4) || (v6 && peer.CarriesIPv6));
        return servingNodes is null ? everywhere : everywhere.Among(servingNodes);
    }

    /// <summary>The advertisements of a pool that do not select the Service, by name.</summary>
    public IReadOnlyList<string> NotFor(PoolConfig pool, IReadOnlyDictionary<string, string> labels) =>
        [.. scope.Advertisements.Where(item => item.AppliesTo(pool) && !item.MatchesService(labels)).Select(item => item.Name)];

    private BgpCandidacy Judge(List<BgpAdvertisementConfig> matching, Func<PeerConfig, bool> carries)
    {
        var reached = scope.Peers.Where(peer => matching.Exists(item => item.ReachesPeer(peer.Name))).ToList();
        var carriers = reached.FindAll(peer => carries(peer));
        var candidates = ImmutableArray.CreateBuilder<string>();
        var exclusions = ImmutableArray.CreateBuilder<NodeExclusion>();
        foreach (var node in _nodes)
        {
            if (WhyNot(node, matching, carriers) is { } reason)
                exclusions.Add(new(node.Name, reason));
            else
                candidates.Add(node.Name);
        }
        return new([.. matching.Select(item => item.Name)], candidates.ToImmutable(), exclusions.ToImmutable())
        {
            Peers = [.. reached.Select(peer => peer.Name)],
        };
    }

    private ExclusionReason? WhyNot(PlacementNode node, List<BgpAdvertisementConfig> matching, List<PeerConfig> carriers)
    {
        if (!node.IsAlive)
            return ExclusionReason.NotAlive;
        if (node.IsNetworkUnavailable)
            return ExclusionReason.NetworkUnavailable;
        if (!ignoreExcludeLabel && node.Labels?.ContainsKey(Layer2Election.ExcludeLabel) == true)
            return ExclusionReason.ExcludedByLabel;
        var labels = node.Labels ?? ImmutableSortedDictionary<string, string>.Empty;
        var covering = matching.FindAll(item => item.CoversNode(labels));
        if (covering.Count == 0)
            return ExclusionReason.NotCovered;
        return carriers.Exists(peer => peer.CoversNode(labels) && covering.Exists(item => item.ReachesPeer(peer.Name)))
            ? null
            : ExclusionReason.NoPeer;
    }
}
