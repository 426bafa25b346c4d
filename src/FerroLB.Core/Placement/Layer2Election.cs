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
/// The interfaces from which a node would announce are its own: the union over the kept advertisements that cover it, or all interfaces if
/// one of these names none. They influence who wins only when every living speaker states its interfaces, so that a speaker that knows
/// nothing of this, as MetalLB's, never elects another node. Then a node that has no such interface is no candidate when another candidate
/// has one, and after that a node whose interfaces' subnets do not contain the address is none when another candidate's do, unless an
/// advertisement that covers it allows any subnet. With several addresses those nodes stay that are good for the most of them.
///
/// Services that share an address but not all of what decides may elect different nodes for it; then <see cref="Reconcile"/> finds the one
/// owner.
///
/// An instance holds what depends only on nodes and configuration, and is made anew when either changes. What hashing finds outlives it
/// (<see cref="HashOrders"/>), so that an address costs one hash per node once.
/// </summary>
public sealed class Layer2Election
{
    /// <summary>The label, with whatever value, that keeps a node out of external load balancers.</summary>
    public const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    private static readonly ImmutableSortedSet<string> NoInterfaces = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    private readonly ClusterConfig _config;
    private readonly ImmutableArray<PlacementNode> _nodes;
    private readonly ImmutableArray<string> _names;
    private readonly HashOrders _orders;
    private readonly ImmutableArray<ExclusionReason?> _unavailable;
    private readonly Dictionary<string, int[]> _scores = [];
    private readonly bool _areInterfacesStated;
    private ImmutableArray<NodeExclusion> _lastSetAside = [];
    private List<L2AdvertisementConfig> _lastAdvertisements = [];
    private int[] _lastSums = [];
    private WayOut?[] _lastWays = [];

    /// <summary>
    /// Prepares elections among these nodes, given in any order and each once. <paramref name="ignoreExcludeLabel"/> is the flag
    /// --ignore-exclude-lb, and <paramref name="orders"/> what earlier elections found by hashing, if that was kept.
    /// </summary>
    public Layer2Election(ClusterConfig config, IEnumerable<PlacementNode> nodes, bool ignoreExcludeLabel, HashOrders? orders = null)
    {
        _config = config;
        _orders = orders ?? new();
        _nodes = [.. nodes.OrderBy(node => node.Name, StringComparer.Ordinal)];
        _names = [.. _nodes.Select(node => node.Name)];
        _unavailable = [.. _nodes.Select(node => WhyUnavailable(node, ignoreExcludeLabel))];
        _areInterfacesStated = _nodes.All(node => node.Interfaces is not null || !node.IsAlive);
        foreach (var advertisement in config.L2Advertisements)
            _scores[advertisement.Name] = [.. _nodes.Select(node => Score(advertisement, node))];
    }

    /// <summary>Where a Service's address lives, seen from one node.</summary>
    public Layer2Placement Place(Layer2Request request, string thisNode)
    {
        if (WhyNowhere(request, out var advertisements) is { } verdict)
            return new(verdict, [], [], []);
        var scores = Sum(advertisements);
        var (able, setAside) = FindCandidates(request, advertisements, scores);
        var candidates = Order(able, scores, request.Address);
        var self = _nodes.BinarySearch(new(thisNode, null, false, false), NodeOrder);
        var interfaces = self < 0 ? [] : InterfacesOf(self, advertisements);
        var exclusions = candidates.IsEmpty && advertisements.Count > 0 ? Exclusions(request, scores) : setAside;
        return new(Judge(thisNode, self >= 0 && scores[self] >= 0, candidates), candidates, interfaces, exclusions);
    }

    /// <summary>
    /// The order of the candidates for one address that several Services share, one request for each, when they would elect different
    /// nodes for it; null when those that elect any elect the same. First comes who is a candidate for the most of them, then who has the
    /// highest score, then the lowest hash with the shared address itself, whichever address comes first in each Service.
    /// </summary>
    public ImmutableArray<string>? Reconcile(IpAddress address, IEnumerable<Layer2Request> requests)
    {
        string? owner = null;
        var doAgree = true;
        var holders = new int[_nodes.Length];
        var best = new int[_nodes.Length];
        foreach (var request in requests)
        {
            if (WhyNowhere(request, out var advertisements) is not null)
                continue;
            var scores = Sum(advertisements);
            var (able, _) = FindCandidates(request, advertisements, scores);
            if (able.Count == 0)
                continue;
            var winner = Order(able, scores, request.Address)[0];
            doAgree &= owner is null || owner == winner;
            owner = winner;
            foreach (var node in able)
                (holders[node], best[node]) = (holders[node] + 1, Math.Max(best[node], scores[node]));
        }
        if (doAgree)
            return null;
        var byHash = _orders.Of(address, _names).Where(node => holders[node] > 0);
        return [.. byHash.OrderByDescending(node => holders[node]).ThenByDescending(node => best[node]).Select(node => _names[node])];
    }

    private Layer2Verdict? WhyNowhere(Layer2Request request, out List<L2AdvertisementConfig> advertisements)
    {
        advertisements = [];
        if (_config.FindPool(request.Address) is not { } pool)
            return Layer2Verdict.AddressNotInPools;
        if (!request.HasServingEndpoint)
            return Layer2Verdict.NoServingEndpoint;
        advertisements = [.. _config.L2AdvertisementsOf(pool).Where(advertisement => advertisement.MatchesService(request.Labels))];
        var isRefused = request.HasSharingAnnotation && advertisements.Any(advertisement => !advertisement.ServiceSelectors.IsEmpty);
        return isRefused ? Layer2Verdict.SharedAddressWithServiceSelector : null;
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
        // Most Services have the same advertisements as the one before.
        if (_lastSums.Length == _nodes.Length && advertisements.SequenceEqual(_lastAdvertisements, ReferenceEqualityComparer.Instance))
            return _lastSums;
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
        (_lastAdvertisements, _lastSums, _lastWays) = (advertisements, sums, new WayOut?[_nodes.Length]);
        return sums;
    }

    private ImmutableArray<string> Order(List<int> able, int[] scores, IpAddress address)
    {
        var isAble = new bool[_nodes.Length];
        foreach (var node in able)
            isAble[node] = true;
        var byHash = _orders.Of(address, _names).Where(node => isAble[node]);
        var haveEqualScores = able.TrueForAll(node => scores[node] == scores[able[0]]);
        var order = haveEqualScores ? byHash : byHash.OrderByDescending(node => scores[node]);
        return [.. order.Select(node => _names[node])];
    }

    private (List<int> Able, ImmutableArray<NodeExclusion> SetAside) FindCandidates(
        Layer2Request request, List<L2AdvertisementConfig> advertisements, int[] scores)
    {
        var able = new List<int>();
        for (var node = 0; node < scores.Length; node++)
        {
            if (WhyExcluded(node, request, scores) is null)
                able.Add(node);
        }
        if (!_areInterfacesStated || able.Count < 2)
            return (able, []);
        var setAside = new List<NodeExclusion>();
        var wayOut = able.ConvertAll(node => _lastWays[node] ??= FindWayOut(node, advertisements));
        IReadOnlyList<IpAddress> addresses = [request.Address, .. request.Followers];
        var announceable = addresses.Where(address => wayOut.Exists(way => way.SurelyAnnounces(address))).ToList();
        Prefer(able, wayOut, way => way.CountAnnounceable(announceable), ExclusionReason.LacksInterface, setAside);
        var reachable = addresses.Where(address => wayOut.Exists(way => way.SurelyReaches(address))).ToList();
        Prefer(able, wayOut, way => way.CountReached(reachable), ExclusionReason.OutsideSubnet, setAside);
        setAside.Sort((left, right) => string.CompareOrdinal(left.Node, right.Node));
        // Most Services have the same ones set aside as the one before.
        if (!setAside.SequenceEqual(_lastSetAside))
            _lastSetAside = [.. setAside];
        return (able, _lastSetAside);
    }

    private WayOut FindWayOut(int node, List<L2AdvertisementConfig> advertisements) => new(
        _nodes[node].Interfaces!, InterfacesOf(node, advertisements))
    {
        AllowsAnySubnet = advertisements.Any(advertisement => advertisement.AllowsAnySubnet && _scores[advertisement.Name][node] >= 0),
    };

    /// <summary>Keeps those whose way out is good for the most addresses.</summary>
    private void Prefer(
        List<int> able, List<WayOut> wayOut, Func<WayOut, int> count, ExclusionReason reason, List<NodeExclusion> setAside)
    {
        var counts = wayOut.ConvertAll(way => count(way));
        var most = counts.Max();
        for (var i = able.Count - 1; i >= 0; i--)
        {
            if (counts[i] == most)
                continue;
            setAside.Add(new(_nodes[able[i]].Name, reason));
            able.RemoveAt(i);
            wayOut.RemoveAt(i);
        }
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
        var interfaces = NoInterfaces;
        foreach (var advertisement in advertisements)
        {
            if (_scores[advertisement.Name][node] < 0)
                continue;
            if (advertisement.Interfaces.IsEmpty)
                return null;
            interfaces = interfaces.IsEmpty ? advertisement.Interfaces : interfaces.Union(advertisement.Interfaces);
        }
        return interfaces;
    }
}
