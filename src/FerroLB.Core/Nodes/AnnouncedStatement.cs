using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Puts into words whether a Service is announced, where, and why not. Each group of addresses that is placed on its own gives a part of
/// the message; the Service counts as announced when every part does. What every speaker works out alike is worded alike by every one of
/// them, so that it does not matter who writes it.
/// </summary>
internal static class AnnouncedStatement
{
    private const string TheReason = "Announced";
    private const string MissingInterface = "InterfaceMissing";
    private static readonly IReadOnlyDictionary<string, string> NoLabels = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>A status that names something else than addresses.</summary>
    public static Statement Unreadable(Service service)
    {
        var strange = service.Status.Ingress.FirstOrDefault(entry => !IpAddress.TryParse(entry.Ip, out _));
        return new(
            false, "AddressUnreadable", $"status.loadBalancer.ingress holds {Excerpt.Quote(strange?.Hostname ?? strange?.Ip ?? "")}, " +
            "which is no IP address; remove it, or give the Service a loadBalancerClass if it is another load balancer's");
    }

    /// <summary>Another host claims an address that this node announces.</summary>
    public static Statement Claimed(AddressConflict conflict, string node) => new(
        false, "AddressConflict",
        $"node {node} announces {conflict.Address} by layer 2, and so does another host, {conflict.Mac}, on {conflict.Interface}; " +
        "clients may reach either until that host gives the address up");

    /// <summary>The statement of a Service whose addresses were placed.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="places">Its addresses and where they live; at least one.</param>
    /// <param name="node">This node's name.</param>
    /// <param name="view">What was decided from.</param>
    public static Statement Of(Service service, IReadOnlyList<PlacedAddresses> places, string node, SpeakerView view)
    {
        var parts = places.Select(place => Part(service, place, node, view)).ToList();
        var failed = parts.Find(part => !part.Holds);
        var message = parts.Count == 1
            ? parts[0].Message
            : string.Join("; ", parts.Select((part, i) => $"{string.Join(", ", places[i].Addresses)}: {part.Message}"));
        return new(failed is null, failed?.Reason ?? TheReason, Excerpt.Cut(message, Excerpt.MostInMessage));
    }

    // What is announced by layer 2 and advertised by BGP is told as one, and one of the two is enough.
    private static Statement Part(Service service, PlacedAddresses place, string node, SpeakerView view)
    {
        if (AdvertisedStatement.Of(service, place, view) is not { } routed)
            return Layer2(service, place, node, view);
        if (view.Config.FindPool(place.Pool) is { } pool && view.Config.L2AdvertisementsOf(pool).IsEmpty)
            return routed;
        var layer2 = Layer2(service, place, node, view);
        if (layer2 == routed)
            return layer2;
        if (!layer2.Holds && routed.Holds)
            return routed with { Message = $"{routed.Message}; not announced by layer 2: {layer2.Message}" };
        return layer2 with { Message = $"{layer2.Message}; {(routed.Holds ? "" : "not advertised by BGP: ")}{routed.Message}" };
    }

    private static Statement Layer2(Service service, PlacedAddresses place, string node, SpeakerView view) => place.Placement switch
    {
        { Verdict: Layer2Verdict.Announce } mine => Own(mine, node, view),
        { Owner: { } owner } => new(true, TheReason, $"announced by layer 2 from node {owner}"),
        { Verdict: Layer2Verdict.AddressNotInPools } => new(
            false, "AddressNotInPools", $"{string.Join(", ", place.Addresses)} is in no IPAddressPool that is in force"),
        { Verdict: Layer2Verdict.NoServingEndpoint } => new(
            false, "NoReadyEndpoints", "no endpoint of the Service is ready or serving"),
        { Verdict: Layer2Verdict.SharedAddressWithServiceSelector } shared => new(
            false, "SharedAddressWithServiceSelectors", shared.Explanation),
        { Verdict: Layer2Verdict.OwnedForOthers } others => new(false, "SharedAddressOwnedForOthers", others.Explanation),
        { Exclusions.IsEmpty: false } excluded => new(false, "NoEligibleNode", excluded.Explanation),
        _ => Unselected(service, place.Pool, view),
    };

    private static Statement Own(Layer2Placement mine, string node, SpeakerView view)
    {
        if (mine.Interfaces is not { } names)
            return new(true, TheReason, $"announced by layer 2 from node {node} on all interfaces");
        var present = names.Where(view.Interfaces.Contains).ToList();
        return present.Count > 0
            ? new(true, TheReason, $"announced by layer 2 from node {node} on {string.Join(", ", present)}")
            : new(
                false, MissingInterface,
                $"node {node} was elected and has none of the interfaces that the matching L2Advertisements name: " +
                string.Join(", ", names));
    }

    private static Statement Unselected(Service service, string pool, SpeakerView view)
    {
        var config = view.Config;
        var known = config.FindPool(pool);
        var selecting = known is null ? [] : config.L2AdvertisementsOf(known);
        var labels = service.Metadata.Labels ?? NoLabels;
        if (selecting.IsEmpty)
        {
            return (known is null ? null : AdvertisedStatement.Unselected(service, known, view)) ?? new(
                false, "NoMatchingAdvertisement",
                $"no L2Advertisement or BGPAdvertisement selects IPAddressPool {pool}; create one, or add the pool to the ipAddressPools " +
                "of one that is there");
        }
        var refusing = selecting.Where(advertisement => !advertisement.MatchesService(labels)).Select(item => item.Name).ToList();
        return refusing.Count == selecting.Length
            ? new(
                false, "ServiceNotSelected",
                $"IPAddressPool {pool} is announced only for the Services that the serviceSelectors of L2Advertisement " +
                $"{string.Join(", ", refusing)} select, and this one's labels do not match")
            : new(false, "NoEligibleNode", "no node can announce: the cluster has no nodes");
    }
}
