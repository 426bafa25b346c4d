using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>What a decision is made from: the pictures as they are now.</summary>
internal sealed record SpeakerView(
    SpeakerOptions Options, ClusterConfig Config, Layer2Election Election, EndpointIndex Endpoints, IReadOnlySet<string> Interfaces,
    SharedAddresses Shared)
{
    /// <summary>Which nodes are to advertise by BGP.</summary>
    public required BgpCandidates Routes { get; init; }

    /// <summary>This node.</summary>
    public required PlacementNode OwnNode { get; init; }

    /// <summary>The BGP sessions of this node.</summary>
    public required PeerSessions Sessions { get; init; }
}

/// <summary>
/// Decides about one Service on one node, as a function of what is known. In this order: a Service that is gone, not of type LoadBalancer,
/// of another class, or without a readable address in its status is announced by nobody; then each address is placed, together with those
/// of the same pool, unless it is shared with Services that would elect another node for it (<see cref="SharedAddresses"/>).
/// </summary>
/// <param name="State">What this node knows and announces from now on; null when the Service is none of its business.</param>
/// <param name="Reason">Why nothing is announced, as MetalLB names it; empty when something is.</param>
internal sealed record SpeakerDecision(SpeakerServiceState? State, string Reason)
{
    /// <summary>
    /// Where its addresses live, in the order of its status; empty for a Service that is announced by nobody whatever the nodes, and for
    /// one whose earlier announcement simply goes on.
    /// </summary>
    public IReadOnlyList<PlacedAddresses> Places { get; init; } = [];

    public static SpeakerDecision Of(Service? service, SpeakerServiceState? before, SpeakerView view)
    {
        if (service is null)
            return Nothing("serviceDeleted");
        if (service.Spec.Type != "LoadBalancer" || !SpeakerOptions.IsOurs(service.Spec.LoadBalancerClass, view.Options.LoadBalancerClass))
            return Nothing("notLoadBalancer");
        if (service.Status.Ingress.Count == 0)
            return Nothing("noIPAllocated");
        if (!TryReadAddresses(service, out var addresses))
            return Nothing("invalidIP");
        return Place(service, addresses, before, view);
    }

    /// <summary>A node as the election sees it.</summary>
    public static PlacementNode Describe(Node node, bool isAlive, StatedInterfaces? interfaces) =>
        new(node.Key.Name, node.Metadata.Labels ?? CompactDictionary.Empty, isAlive, node.NetworkUnavailable) { Interfaces = interfaces };

    /// <summary>Whether a change of a node can change no election, as heartbeats and labels that nothing asks for cannot.</summary>
    public static bool AreSameForElections(
        Node before, Node after, (ClusterConfig Config, BgpScope Scope) asking, Func<Node, bool> isAlive)
    {
        if (isAlive(before) != isAlive(after) || before.NetworkUnavailable != after.NetworkUnavailable)
            return false;
        var (old, now) = (before.Metadata.Labels ?? CompactDictionary.Empty, after.Metadata.Labels ?? CompactDictionary.Empty);
        return CompactDictionary.Same(old, now) ||
            (old.ContainsKey(Node.ExcludeLabel) == now.ContainsKey(Node.ExcludeLabel) &&
            asking.Scope.Advertisements.All(item => item.CoversNode(old) == item.CoversNode(now)) &&
            asking.Scope.Peers.All(item => item.CoversNode(old) == item.CoversNode(now)) &&
            asking.Config.L2Advertisements.All(advertisement =>
                advertisement.CoversNode(old) == advertisement.CoversNode(now) &&
                advertisement.Preferences.All(wish => wish.Nodes.Matches(old) == wish.Nodes.Matches(now))));
    }

    private static SpeakerDecision Nothing(string reason) => new(null, reason);

    private static SpeakerDecision Place(
        Service service, ImmutableArray<IpAddress> addresses, SpeakerServiceState? before, SpeakerView view)
    {
        var wishes = new List<AddressWish>(addresses.Length);
        var elsewhere = ImmutableArray.CreateBuilder<IpAddress>();
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        var places = new List<PlacedAddresses>();
        Layer2Placement? first = null;
        foreach (var together in addresses.GroupBy(address => view.Config.FindPool(address)?.Name ?? ""))
        {
            var common = view.Election.Place(Describe(service, [.. together], view.Endpoints), view.Options.NodeName);
            if (common.Verdict == Layer2Verdict.AddressNotInPools && before is not null && before.Announced.SequenceEqual(addresses))
                return new(before, "");
            foreach (var address in together)
            {
                var placement = view.Shared.OrderOf(address, view) is { } order ? common.Among(order, view.Options.NodeName) : common;
                first ??= placement;
                if ((placement.Owner ?? placement.OtherOwner) is { } owner && owner != view.Options.NodeName)
                    elsewhere.Add(address);
                if (places is [.., { Pool: var pool } last] && pool == together.Key && ReferenceEquals(last.Placement, placement))
                    places[^1] = last with { Addresses = last.Addresses.Add(address) };
                else
                    places.Add(new([address], together.Key, placement));
                if (placement.Verdict != Layer2Verdict.Announce)
                    continue;
                if (placement.Interfaces is { } names && !view.Interfaces.Overlaps(names))
                    missing.UnionWith(names);
                else
                    wishes.Add(new(address, placement.Interfaces));
            }
        }
        var problem = missing.Count > 0 ? $"none of the interfaces {string.Join(", ", missing)} exists on this node" : null;
        wishes.Sort((left, right) => addresses.IndexOf(left.Address).CompareTo(addresses.IndexOf(right.Address)));
        var state = new SpeakerServiceState([.. wishes], first!, problem) { Elsewhere = elsewhere.ToImmutable() };
        var reason = wishes.Count > 0 ? "" : problem is null ? ReasonOf(first!.Verdict) : "announceFailed";
        return new(state, reason) { Places = places };
    }

    /// <summary>What decides about addresses of a Service that lie in one pool; the first one elects.</summary>
    public static Layer2Request Describe(Service service, IReadOnlyList<IpAddress> addresses, EndpointIndex endpoints) => new(addresses[0])
    {
        Followers = [.. addresses.Skip(1)],
        Labels = service.Metadata.Labels ?? CompactDictionary.Empty,
        HasSharingAnnotation = MetallbAnnotation.Read(service.Metadata, MetallbAnnotation.AllowSharedIP) is not null,
        IsTrafficPolicyLocal = service.Spec.ExternalTrafficPolicy == "Local",
        HasServingEndpoint = endpoints.HasServing(service.Key),
        ServingNodes = endpoints.ServingNodes(service.Key),
    };

    /// <summary>The addresses of a Service that a speaker may have to announce: empty when it is none of its business, or when one of them
    /// cannot be read.</summary>
    public static ImmutableArray<IpAddress> AddressesOf(Service? service, SpeakerOptions options) =>
        service is not null && service.Spec.Type == "LoadBalancer" &&
        SpeakerOptions.IsOurs(service.Spec.LoadBalancerClass, options.LoadBalancerClass) && TryReadAddresses(service, out var addresses)
            ? addresses
            : [];

    private static bool TryReadAddresses(Service service, out ImmutableArray<IpAddress> addresses)
    {
        var builder = ImmutableArray.CreateBuilder<IpAddress>(service.Status.Ingress.Count);
        foreach (var ingress in service.Status.Ingress)
        {
            if (!IpAddress.TryParse(ingress.Ip, out var address))
            {
                addresses = [];
                return false;
            }
            builder.Add(address);
        }
        addresses = builder.ToImmutable();
        return true;
    }

    private static string ReasonOf(Layer2Verdict verdict) => verdict switch
    {
        Layer2Verdict.AddressNotInPools => "ipNotAllowed",
        Layer2Verdict.SharedAddressWithServiceSelector => "sharedIPWithServiceSelector",
        Layer2Verdict.NoMatchingAdvertisement => "noMatchingAdvertisement",
        _ => "notOwner",
    };
}
