using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Decides which routes this node advertises by BGP, and to whom. A marked Service is decided anew (<see cref="BgpPlacement"/>), and what
/// is asked for otherwise than before goes to the BGP loop, those of one step as one change. A change of the pools, of the advertisements
/// or of the own node marks all Services. Peers follow once no Service is marked, so that a session that begins tells everything at once.
/// <para>
/// Without peers nothing is decided, kept or sent, and no BGP loop is ever started.
/// </para>
/// </summary>
internal sealed class SpeakerRoutes(
    SpeakerOptions options, (ReflectorMachine<Service> Services, ReflectorMachine<Node> Nodes, EndpointIndex Endpoints) pictures,
    Queue<NodeOutput> queue, SpeakerOutputs outputs)
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = ImmutableSortedDictionary<string, string>.Empty;

    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly SortedDictionary<ObjectKey, Asked> _asked = [];
    private ClusterConfig _config = ClusterConfig.Empty;
    private ImmutableArray<BgpPeerWish> _peers = [];
    private IReadOnlyList<LinkState> _links = [];
    private PlacementNode? _place;
    private bool _isNodeStale = true;
    private bool _arePeersStale;
    private bool _areLinksStale;
    private bool _wasStarted;

    /// <summary>Told of a Service of which other peers than before are told, and of those.</summary>
    public required Action<ObjectKey, ImmutableArray<string>> OnAdvertised { get; init; }

    /// <summary>The Services for which this node is to advertise something.</summary>
    public IReadOnlyCollection<ObjectKey> Services => _asked.Keys;

    /// <summary>Whether <see cref="Work"/> has to be called again.</summary>
    public bool HasWork => _dirty.ReadyCount > 0;

    /// <summary>A Service or its endpoints changed.</summary>
    public void Mark(ObjectKey service)
    {
        if (!_peers.IsEmpty)
            _dirty.Mark(service);
    }

    /// <summary>The own node changed.</summary>
    public void OnOwnNode() => _isNodeStale = true;

    /// <summary>The node's interfaces changed.</summary>
    public void ChangeLinks(IReadOnlyList<LinkState> links) =>
        (_links, _areLinksStale) = ([.. links.Select(link => link.WithoutTentative())], true);

    /// <summary>Decides what is marked.</summary>
    /// <param name="config">The configuration in force.</param>
    /// <param name="most">How many Services to decide at most.</param>
    public void Work(ClusterConfig config, int most)
    {
        if (config != _config || _isNodeStale)
            Use(config);
        if (_areLinksStale && (_wasStarted || !_peers.IsEmpty))
        {
            _areLinksStale = false;
            Command(new BgpCommand.UseLinks(_links));
        }
        var changed = ImmutableArray.CreateBuilder<BgpServiceRoutes>();
        for (var decided = 0; decided < most && _dirty.TryTake(out var key); decided++)
            Decide(key, changed);
        if (changed.Count > 0)
            Command(new BgpCommand.AdvertiseServices(changed.ToImmutable()));
        if (!_arePeersStale || HasWork)
            return;
        _arePeersStale = false;
        Command(new BgpCommand.HoldSessions(_peers));
    }

    /// <summary>The process ends.</summary>
    public void ShutDown()
    {
        if (!_wasStarted)
            return;
        foreach (var (key, asked) in _asked)
        {
            if (!asked.Addresses.IsEmpty)
                outputs.TellAdvertised(key, null, asked.Addresses, []);
        }
        _asked.Clear();
        Command(new BgpCommand.ShutDown());
    }

    private void Command(BgpCommand command)
    {
        _wasStarted = true;
        queue.Enqueue(new NodeOutput.CommandBgp(command));
    }

    private void Use(ClusterConfig config)
    {
        var place = Place();
        var isSame = config.Pools == _config.Pools && config.BgpAdvertisements == _config.BgpAdvertisements && IsSame(place, _place);
        (_config, _place, _isNodeStale) = (config, place, false);
        var labels = place.Labels ?? NoLabels;
        ImmutableArray<BgpPeerWish> peers =
            [.. config.BgpPeers.Where(peer => peer.CoversNode(labels)).Select(peer => new BgpPeerWish(peer, config.BfdProfileOf(peer)))];
        if (!peers.SequenceEqual(_peers))
        {
            // Which Services are advertised depends on whether anybody is told.
            isSame &= peers.Select(peer => peer.Peer.Name).SequenceEqual(_peers.Select(peer => peer.Peer.Name));
            (_peers, _arePeersStale) = (peers, true);
        }
        if (isSame)
            return;
        foreach (var (key, service) in pictures.Services.Objects)
        {
            if (!_peers.IsEmpty && service.Status.Ingress.Count > 0)
                _dirty.Mark(key);
        }
        foreach (var key in _asked.Keys)
            _dirty.Mark(key);
    }

    private void Decide(ObjectKey key, ImmutableArray<BgpServiceRoutes>.Builder changed)
    {
        var service = pictures.Services.Find(key);
        var before = _asked.GetValueOrDefault(key) ?? Asked.Nothing;
        var now = _peers.IsEmpty ? Asked.Nothing : Ask(service);
        if (now.Routes.IsEmpty)
            _asked.Remove(key);
        else
            _asked[key] = now;
        if (!now.Routes.SequenceEqual(before.Routes))
            changed.Add(new(key, now.Routes));
        if (!now.Addresses.SequenceEqual(before.Addresses))
            outputs.TellAdvertised(key, service, before.Addresses, now.Addresses);
        if (!now.Peers.SequenceEqual(before.Peers))
            OnAdvertised(key, now.Peers);
    }

    private Asked Ask(Service? service)
    {
        var addresses = SpeakerDecision.AddressesOf(service, options);
        var routes = ImmutableArray.CreateBuilder<BgpContribution>();
        var advertised = ImmutableArray.CreateBuilder<IpAddress>();
        foreach (var together in addresses.GroupBy(address => _config.FindPool(address)?.Name ?? ""))
        {
            var placement = BgpPlacement.Of(
                _config, _config.FindPool(together.Key), _place!, options.IgnoreExcludeLabel, Describe(service!, [.. together]));
            routes.AddRange(placement.Contributions);
            if (placement.Contributions.Any(route => _peers.Any(peer => route.Advertisement.ReachesPeer(peer.Peer.Name))))
                advertised.AddRange(together);
        }
        if (routes.Count == 0)
            return Asked.Nothing;
        var peers = _peers.Select(peer => peer.Peer.Name)
            .Where(name => routes.Any(route => route.Advertisement.ReachesPeer(name)));
        return new(routes.ToImmutable(), [.. addresses.Where(advertised.Contains)], [.. peers]);
    }

    private BgpRequest Describe(Service service, IReadOnlyList<IpAddress> addresses) => new(addresses)
    {
        Labels = service.Metadata.Labels ?? CompactDictionary.Empty,
        IsTrafficPolicyLocal = service.Spec.ExternalTrafficPolicy == "Local",
        HasServingEndpoint = pictures.Endpoints.HasServing(service.Key),
        HasLocalEndpoint = service.Spec.ExternalTrafficPolicy == "Local" &&
            pictures.Endpoints.ServingNodes(service.Key).Contains(options.NodeName),
    };

    // Heartbeats of the node mean nothing here.
    private static bool IsSame(PlacementNode now, PlacementNode? before) =>
        before is not null && now.IsNetworkUnavailable == before.IsNetworkUnavailable &&
        (now.Labels is null) == (before.Labels is null) && CompactDictionary.Same(now.Labels, before.Labels);

    private PlacementNode Place() => OwnNode() is { } node
        ? SpeakerDecision.Describe(node, isAlive: true, null)
        : new(options.NodeName, null, true, false);

    private Node? OwnNode() => pictures.Nodes.Find(new ObjectKey("", options.NodeName));

    /// <summary>What a Service asks for.</summary>
    /// <param name="Routes">The routes.</param>
    /// <param name="Addresses">Its addresses of which at least one peer is told.</param>
    /// <param name="Peers">The peers that are told, by name.</param>
    private sealed record Asked(ImmutableArray<BgpContribution> Routes, ImmutableArray<IpAddress> Addresses, ImmutableArray<string> Peers)
    {
        public static readonly Asked Nothing = new([], [], []);
    }
}
