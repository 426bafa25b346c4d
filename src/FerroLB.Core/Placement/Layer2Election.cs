using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>
/// Decides which node announces an address on its LAN, by ARP or NDP. Every speaker computes this for itself from the same facts, and all
/// arrive at the same answer without talking to each other.
///
/// The way of a Service through it: its address leads to a pool, the pool to its advertisements, of which those that match the Service's
/// labels are kept. Candidates are the nodes that live, have their network, are not excluded by label, and are covered by one of the kept
/// advertisements; with traffic policy Local they also need an endpoint that can serve. Candidates are ordered by their score, highest
/// first, and then by the SHA-256 of "node#address", lowest first. The score of a node adds the weights of all preferences that match it,
/// over those kept advertisements that cover it. The first candidate owns the address. Nothing is remembered: a node that comes back
/// takes its addresses back.
///
/// The interfaces of an advertisement do not influence who wins. They are a node's own: the union over the kept advertisements that cover
/// it, or all interfaces if one of these names none.
///
/// An instance holds what depends only on nodes and configuration, so that a Service costs one hash per candidate; it is made anew when
/// either changes.
/// </summary>
public sealed class Layer2Election
{
    /// <summary>The label, with whatever value, that keeps a node out of external load balancers.</summary>
    public const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    private readonly ClusterConfig _config;
    private readonly ImmutableArray<PlacementNode> _nodes;
    private readonly ImmutableArray<ExclusionReason?> _unavailable;
    private readonly Dictionary<string, int[]> _scores = [];

    /// <summary>
    /// Prepares elections among these nodes, given in any order and each once. <paramref name="ignoreExcludeLabel"/> is the flag
    /// --ignore-exclude-lb.
    /// </summary>
    public Layer2Election(ClusterConfig config, IEnumerable<PlacementNode> nodes, bool ignoreExcludeLabel)
    {
        _config = config;
        _nodes = [.. nodes.OrderBy(node => node.Name, StringComparer.Ordinal)];
        _unavailable = [.. _nodes.Select(node => WhyUnavailable(node, ignoreExcludeLabel))];
        foreach (var advertisement in config.L2Advertisements)
            _scores[advertisement.Name] = [.. _nodes.Select(node => Score(advertisement, node))];
    }

    /// <summary>Where a Service's address lives, seen from one node.</summary>
    public Layer2Placement Place(Layer2Request request, string thisNode)
    {
        if (_config.FindPool(request.Address) is not { } pool)
            return Nowhere(Layer2Verdict.AddressNotInPools);
        if (!request.HasServingEndpoint)
            return Nowhere(Layer2Verdict.NoServingEndpoint);
        var advertisements = _config.L2AdvertisementsOf(pool).Where(advertisement => advertisement.MatchesService(request.Labels)).ToList();
        if (request.HasSharingAnnotation && advertisements.Any(advertisement => !advertisement.ServiceSelectors.IsEmpty))
            return Nowhere(Layer2Verdict.SharedAddressWithServiceSelector);

        var scores = Sum(advertisements);
        var candidates = Elect(request, scores);
        var self = _nodes.BinarySearch(new(thisNode, null, false, false), NodeOrder);
        var interfaces = self < 0 ? [] : InterfacesOf(self, advertisements);
        var exclusions = candidates.IsEmpty && advertisements.Count > 0 ? Exclusions(request, scores) : [];
        return new(Judge(thisNode, self >= 0 && scores[self] >= 0, candidates), candidates, interfaces, exclusions);
    }

    private static Layer2Verdict Judge(string thisNode, bool isCovered, ImmutableArray<string> candidates)
    {
        if (!isCovered)
            return Layer2Verdict.NoMatchingAdvertisement;
        if (candidates.IsEmpty)
            return Layer2Verdict.NoCandidate;
        return candidates[0] == thisNode ? Layer2Verdict.Announce : Layer2Verdict.OtherNodeWon;
    }

    private static readonly Comparer<PlacementNode> NodeOrder =
        Comparer<PlacementNode>.Create((left, right) => string.CompareOrdinal(left.Name, right.Name));

    private static Layer2Placement Nowhere(Layer2Verdict verdict) => new(verdict, [], [], []);

    private static ExclusionReason? WhyUnavailable(PlacementNode node, bool ignoreExcludeLabel)
    {
        if (!node.IsAlive)
            return ExclusionReason.NotAlive;
        if (node.IsNetworkUnavailable)
            return ExclusionReason.NetworkUnavailable;
        var isExcluded = !ignoreExcludeLabel && node.Labels is not null && node.Labels.ContainsKey(ExcludeLabel);
        return isExcluded ? ExclusionReason.ExcludedByLabel : null;
    }

    /// <summary>The weights of the preferences that match the node; -1 when the advertisement does not cover it.</summary>
    private static int Score(L2AdvertisementConfig advertisement, PlacementNode node)
    {
        if (node.Labels is null || !advertisement.CoversNode(node.Labels))
            return -1;
        return advertisement.Preferences.Where(preference => preference.Nodes.Matches(node.Labels)).Sum(preference => preference.Weight);
    }

    /// <summary>Each node's score over all advertisements that cover it; -1 for nodes that none covers.</summary>
    private int[] Sum(List<L2AdvertisementConfig> advertisements)
    {
        var sums = new int[_nodes.Length];
        Array.Fill(sums, -1);
        foreach (var advertisement in advertisements)
        {
            var scores = _scores[advertisement.Name];
            for (var i = 0; i < sums.Length; i++)
            {
                if (scores[i] >= 0)
                    sums[i] = Math.Max(sums[i], 0) + scores[i];
            }
        }
        return sums;
    }

    private ImmutableArray<string> Elect(Layer2Request request, int[] scores)
    {
        var address = request.Address.ToString();
        var candidates = new List<(int Score, byte[] Hash, string Name)>();
        for (var i = 0; i < scores.Length; i++)
        {
            var name = _nodes[i].Name;
            if (WhyExcluded(i, request, scores) is null)
                candidates.Add((scores[i], StableHash.Sha256($"{name}#{address}"), name));
        }
        candidates.Sort((left, right) =>
            left.Score != right.Score ? right.Score.CompareTo(left.Score) : left.Hash.AsSpan().SequenceCompareTo(right.Hash));
        return [.. candidates.Select(candidate => candidate.Name)];
    }

    private ImmutableArray<NodeExclusion> Exclusions(Layer2Request request, int[] scores) =>
        [.. _nodes.Select((node, index) => new NodeExclusion(node.Name, WhyExcluded(index, request, scores)!.Value))];

    private ExclusionReason? WhyExcluded(int node, Layer2Request request, int[] scores)
    {
        if (_unavailable[node] is { } reason)
            return reason;
        if (scores[node] < 0)
            return ExclusionReason.NotCovered;
        return request.IsTrafficPolicyLocal && !request.ServingNodes.Contains(_nodes[node].Name) ? ExclusionReason.NoLocalEndpoint : null;
    }

    private ImmutableSortedSet<string>? InterfacesOf(int node, List<L2AdvertisementConfig> advertisements)
    {
        var interfaces = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var advertisement in advertisements)
        {
            if (_scores[advertisement.Name][node] < 0)
                continue;
            if (advertisement.Interfaces.IsEmpty)
                return null;
            interfaces.UnionWith(advertisement.Interfaces);
        }
        return interfaces.ToImmutable();
    }
}
