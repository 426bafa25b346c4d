using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Core.Status;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Puts into words whether addresses of a Service are advertised by BGP, to whom, and why not: what every speaker works out alike
/// (<see cref="BgpCandidates"/>), and what this one knows of its own sessions (<see cref="PeerSessions"/>).
/// </summary>
internal static class AdvertisedStatement
{
    private const int MostNamed = 6;
    private const string TheReason = "Announced";
    private static readonly IReadOnlyDictionary<string, string> NoLabels = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The nodes that are to advertise any of a Service's addresses; none when no endpoint can serve.</summary>
    public static IReadOnlyList<string> CandidatesOf(Service service, IReadOnlyList<PlacedAddresses> places, SpeakerView view)
    {
        if (!view.Endpoints.HasServing(service.Key))
            return [];
        return places is [var only]
            ? CandidacyOf(service, only, view)?.Nodes ?? []
            : [.. places.SelectMany(place => CandidacyOf(service, place, view)?.Nodes ?? []).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The statement about addresses of one pool; null when no advertisement selects them.</summary>
    public static Statement? Of(Service service, PlacedAddresses place, SpeakerView view)
    {
        if (CandidacyOf(service, place, view) is not { } candidacy)
            return null;
        if (!view.Endpoints.HasServing(service.Key))
            return new(false, "NoReadyEndpoints", "no endpoint of the Service is ready or serving");
        if (candidacy.Nodes.IsEmpty)
            return Nobody(candidacy);
        return candidacy.Nodes.Contains(view.Options.NodeName)
            ? Own(service, place, candidacy, view)
            : new(true, TheReason, $"to be advertised by BGP from {Nodes(candidacy.Nodes)}");
    }

    /// <summary>The advertisements of the pool when there are some, and none of them selects the Service.</summary>
    public static Statement? Unselected(Service service, PoolConfig pool, SpeakerView view)
    {
        var refusing = view.Routes.NotFor(pool, service.Metadata.Labels ?? NoLabels);
        return refusing.Count == 0
            ? null
            : new(
                false, "ServiceNotSelected",
                $"IPAddressPool {pool.Name} is advertised only for the Services that the serviceSelectors of BGPAdvertisement " +
                $"{Names(refusing)} select, and this one's labels do not match");
    }

    private static BgpCandidacy? CandidacyOf(Service service, PlacedAddresses place, SpeakerView view) =>
        view.Config.FindPool(place.Pool) is { } pool
            ? view.Routes.Of(
                pool, place.Addresses, service.Metadata.Labels ?? NoLabels,
                service.Spec.ExternalTrafficPolicy == "Local" ? view.Endpoints.ServingNodes(service.Key) : null)
            : null;

    private static Statement Nobody(BgpCandidacy candidacy)
    {
        if (candidacy.Peers.IsEmpty)
        {
            return new(
                false, "NoPeer",
                $"BGPAdvertisement {Names(candidacy.Advertisements)} selects it, and there is no BGPPeer that it is to be advertised to; " +
                "create one, or correct spec.peers of the advertisement");
        }
        var named = string.Join(", ", candidacy.Exclusions.Take(MostNamed));
        var more = candidacy.Exclusions.Length - MostNamed;
        return new(false, "NoEligibleNode", $"no node may advertise it by BGP: {named}{(more > 0 ? $", and {more} more" : "")}");
    }

    private static Statement Own(Service service, PlacedAddresses place, BgpCandidacy candidacy, SpeakerView view)
    {
        var node = view.Options.NodeName;
        var pool = view.Config.FindPool(place.Pool);
        var request = new BgpRequest(place.Addresses)
        {
            Labels = service.Metadata.Labels ?? NoLabels,
            HasServingEndpoint = true,
            HasLocalEndpoint = true,
        };
        var placement = BgpPlacement.Of(view.Config, pool, view.OwnNode, view.Options.IgnoreExcludeLabel, request);
        if (placement.Verdict != BgpVerdict.Advertise)
        {
            var isUnusable = placement.Verdict is BgpVerdict.NodeNotCovered or BgpVerdict.NoMatchingAdvertisement;
            return new(false, "NotAdvertised", $"node {node} does not advertise it by BGP: " + (isUnusable
                ? $"it cannot use BGPAdvertisement {Names(candidacy.Advertisements)}, as ConfigurationState speaker-{node} tells"
                : placement.Explanation));
        }
        var (v4, v6) = (place.Addresses.Any(address => address.IsIPv4), place.Addresses.Any(address => address.IsIPv6));
        var peers = view.Config.BgpPeers.Where(peer => ((v4 && peer.CarriesIPv4) || (v6 && peer.CarriesIPv6)) &&
            placement.Contributions.Any(route => route.Advertisement.ReachesPeer(peer.Name))).Select(peer => peer.Name).ToList();
        var up = peers.FindAll(view.Sessions.IsUp);
        var down = peers.FindAll(peer => !view.Sessions.IsUp(peer));
        if (up.Count > 0)
        {
            var missing = down.Count == 0 ? "" : $", but not to {Reasons(down, view)}";
            return new(true, TheReason, $"{RouteVoucher.WordsOf(node)}{Names(up)}{missing}");
        }
        return new(
            false, "NoPeerUp", candidacy.Nodes.Length == 1
                ? $"no BGP session of node {node} is up: {Reasons(down, view)}"
                : $"none of {Nodes(candidacy.Nodes)} has a BGP session that is up; on node {node}: {Reasons(down, view)}");
    }

    private static string Reasons(List<string> peers, SpeakerView view) => peers.Count == 0
        ? "it has no peer that could be used, see its ConfigurationState"
        : string.Join(", ", peers.Take(MostNamed).Select(peer => $"{peer} ({view.Sessions.ErrorOf(peer) ?? "not established yet"})")) +
            (peers.Count > MostNamed ? $", and {peers.Count - MostNamed} more" : "");

    private static string Nodes(ImmutableArray<string> nodes) => $"{(nodes.Length == 1 ? "node" : "nodes")} {Names(nodes)}";

    private static string Names(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");
}
