using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;

namespace FerroLB.Core.Placement;

/// <summary>Whether this node advertises a Service by BGP.</summary>
public enum BgpVerdict
{
    /// <summary>It does.</summary>
    Advertise,

    /// <summary>The addresses lie in no pool.</summary>
    AddressNotInPools,

    /// <summary>No advertisement of the pool covers this node.</summary>
    NodeNotCovered,

    /// <summary>None of those that cover this node matches the Service.</summary>
    NoMatchingAdvertisement,

    /// <summary>Two that do ask for different local preferences in one route.</summary>
    ConflictingAdvertisements,

    /// <summary>This node's network is unavailable.</summary>
    NetworkUnavailable,

    /// <summary>This node carries the label that keeps it out of external load balancers.</summary>
    ExcludedByLabel,

    /// <summary>No endpoint can serve.</summary>
    NoServingEndpoint,

    /// <summary>Traffic policy Local, and no endpoint on this node can serve.</summary>
    NoLocalEndpoint,
}

/// <summary>
/// The routes that this node advertises for the addresses that one Service has in one pool, or why it advertises none. Each node decides
/// for itself, and several may advertise the same: the routers spread the traffic over them.
/// </summary>
/// <param name="Verdict">Whether, and if not, the first reason found.</param>
/// <param name="Contributions">The routes asked for, in the order of the addresses and then of the advertisements' names.</param>
public sealed record BgpPlacement(BgpVerdict Verdict, ImmutableArray<BgpContribution> Contributions)
{
    /// <summary>The names of the two advertisements that contradict each other; null for any other verdict.</summary>
    public (string First, string Second)? Conflict { get; private init; }

    /// <summary>The short reason that logs use when this node does not advertise; empty when it does.</summary>
    public string LogReason => Verdict switch
    {
        BgpVerdict.Advertise => "",
        BgpVerdict.AddressNotInPools => "ipNotAllowed",
        BgpVerdict.NodeNotCovered => "notOwner",
        BgpVerdict.NoMatchingAdvertisement => "noMatchingAdvertisement",
        BgpVerdict.ConflictingAdvertisements => "conflictingAdvertisements",
        BgpVerdict.NetworkUnavailable => "nodeNetworkUnavailable",
        BgpVerdict.ExcludedByLabel => "nodeLabeledExcludeBalancers",
        BgpVerdict.NoServingEndpoint => "noEndpoints",
        _ => "noLocalEndpoints",
    };

    /// <summary>Whether this node advertises, and if not why, as a phrase for the user.</summary>
    public string Explanation => Verdict switch
    {
        BgpVerdict.Advertise => $"advertised as {string.Join(", ", Contributions.Select(c => c.Prefix).Distinct())}",
        BgpVerdict.AddressNotInPools => "the address is in no pool",
        BgpVerdict.NodeNotCovered => "no BGPAdvertisement of the pool covers this node",
        BgpVerdict.NoMatchingAdvertisement => "no BGPAdvertisement that covers this node matches the Service",
        BgpVerdict.ConflictingAdvertisements =>
            $"BGPAdvertisements {Conflict?.First} and {Conflict?.Second} ask for different local preferences in the same route; " +
            "give them the same localPref, different peers, or different aggregation lengths",
        BgpVerdict.NetworkUnavailable => "this node's network is unavailable",
        BgpVerdict.ExcludedByLabel => "this node is labelled to be excluded from external load balancers",
        BgpVerdict.NoServingEndpoint => "no endpoint of the Service can serve",
        _ => "traffic policy Local, and no endpoint on this node can serve",
    };

    /// <summary>
    /// Decides for one Service and one pool.
    /// </summary>
    /// <param name="config">The configuration in force.</param>
    /// <param name="pool">The pool that holds the addresses; null for none.</param>
    /// <param name="node">This node; one without labels is known to no advertisement with node selectors.</param>
    /// <param name="ignoreExcludeLabel">The flag --ignore-exclude-lb.</param>
    /// <param name="request">The Service.</param>
    public static BgpPlacement Of(
        ClusterConfig config, PoolConfig? pool, PlacementNode node, bool ignoreExcludeLabel, BgpRequest request)
    {
        if (pool is null || request.Addresses.Count == 0)
            return Refuse(BgpVerdict.AddressNotInPools);
        var covering = config.BgpAdvertisementsOf(pool).Where(advertisement => Covers(advertisement, node)).ToList();
        if (covering.Count == 0)
            return Refuse(BgpVerdict.NodeNotCovered);
        var matching = covering.FindAll(advertisement => advertisement.MatchesService(request.Labels));
        if (matching.Count == 0)
            return Refuse(BgpVerdict.NoMatchingAdvertisement);
        if (LocalPreferenceClash.Find(matching, pool) is var (first, second))
            return Refuse(BgpVerdict.ConflictingAdvertisements) with { Conflict = (first.Name, second.Name) };
        if (WhyNotFrom(node, ignoreExcludeLabel) is { } unfit)
            return Refuse(unfit);
        if (!request.HasServingEndpoint)
            return Refuse(BgpVerdict.NoServingEndpoint);
        if (request.IsTrafficPolicyLocal && !request.HasLocalEndpoint)
            return Refuse(BgpVerdict.NoLocalEndpoint);
        return new(BgpVerdict.Advertise, [.. Contribute(request, matching)]);
    }

    /// <inheritdoc/>
    public bool Equals(BgpPlacement? other) =>
        other is not null && Verdict == other.Verdict && Conflict == other.Conflict && Contributions.SequenceEqual(other.Contributions);

    /// <inheritdoc/>
    public override int GetHashCode() => Contributions.Length;

    private static BgpPlacement Refuse(BgpVerdict verdict) => new(verdict, []);

    private static bool Covers(BgpAdvertisementConfig advertisement, PlacementNode node) =>
        node.Labels is { } labels ? advertisement.CoversNode(labels) : advertisement.NodeSelectors.IsEmpty;

    private static BgpVerdict? WhyNotFrom(PlacementNode node, bool ignoreExcludeLabel)
    {
        if (node.IsNetworkUnavailable)
            return BgpVerdict.NetworkUnavailable;
        return !ignoreExcludeLabel && node.Labels is { } labels && labels.ContainsKey(Layer2Election.ExcludeLabel)
            ? BgpVerdict.ExcludedByLabel
            : null;
    }

    private static IEnumerable<BgpContribution> Contribute(BgpRequest request, IReadOnlyList<BgpAdvertisementConfig> matching) =>
        from address in request.Addresses
        from advertisement in matching
        select new BgpContribution(advertisement.PrefixOf(address), advertisement);
}
