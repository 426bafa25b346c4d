using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Placement;
using FerroLB.Core.Status;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// A speaker's control loop: which Services' addresses does this node announce?
/// <para>
/// The <see cref="WatchSet"/> pictures Services, EndpointSlices, Nodes, pools and advertisements. A change of a Service or of one of its
/// slices marks that Service, and those that share an address with it (<see cref="SharedAddresses"/>); a change of a node (its labels, its
/// life) or of the configuration marks all Services that have an address, because any election may turn out differently. Nothing is decided
/// before all five pictures are complete and the node's interfaces are known: a speaker that has seen half of the cluster must not claim an
/// address that is another's. Which nodes live is the speakers' own knowledge of each other (<see cref="SpeakerMembership"/>), for which a
/// starting speaker waits a moment as well, and what their heartbeats say on the LAN (<see cref="SilentPeers"/>): the Services of a node
/// that fell silent are decided before all others. Which interfaces they have they tell each other (<see cref="MemberInterfaces"/>).
/// </para>
/// <para>
/// A marked Service is decided anew by <see cref="SpeakerDecision"/>, from the pictures as they are; the difference to what was last
/// ordered becomes a command to the link loop, an Event, a metric. Deciding twice changes nothing. At most
/// <see cref="MostServicesPerStep"/> Services are decided per call, so that answers from the API never wait long behind a large pass.
/// </para>
/// <para>
/// Moves are made before they break: an address that another living node wins is yielded by the link loop, which answers until that node is
/// heard. At the end of the process the others are told first, then every address that one of them wins is yielded, and the process waits
/// until the link loop is silent.
/// </para>
/// <para>
/// Which routes the node advertises by BGP is decided beside that, from the same pictures and from marks of its own
/// (<see cref="SpeakerRoutes"/>): neither waits for the other.
/// </para>
/// <para>
/// What was decided is also said in objects of the API, for people (<see cref="SpeakerReports"/>).
/// </para>
/// <para>
/// When the API server is away the pictures stay as they are, and so does everything that is announced.
/// </para>
/// </summary>
public sealed class SpeakerNode : IMachine<NodeInput, NodeOutput>
{
    /// <summary>How many Services are decided per call.</summary>
    public const int MostServicesPerStep = 500;

    // Beyond the second for which the link loop yields.
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromMilliseconds(1500);

    private readonly SpeakerOptions _options;
    private readonly SpeakerOutputs _outputs;
    private readonly WatchSet _watches;
    private readonly ConfigKeeper _config;
    private readonly ReflectorMachine<Service> _services;
    private readonly ReflectorMachine<Node> _nodes;
    private readonly SpeakerReports _reports;
    private readonly SpeakerMembership _membership;
    private readonly MemberInterfaces _memberInterfaces;
    private readonly SharedAddresses _shared;
    private readonly SpeakerRoutes _routes;
    private readonly HashOrders _orders = new();
    private readonly Queue<NodeOutput> _queue = new();
    private readonly EndpointIndex _endpoints = new();
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly WorkQueue<ObjectKey> _urgent = new();
    private readonly SilentPeers _silent;
    private ImmutableSortedDictionary<ObjectKey, SpeakerServiceState> _states =
        ImmutableSortedDictionary<ObjectKey, SpeakerServiceState>.Empty;
    private Layer2Election? _election;
    private BgpCandidates? _candidates;
    private ImmutableArray<PlacementNode> _electors = [];
    private SortedSet<string>? _interfaces;
    private ImmutableArray<AddressConflict> _conflicts = [];
    private Instant? _endDeadline;
    private SpeakerSnapshot _snapshot;
    private int _standstills;
    private int _confirmedStandstill = -1;
    private bool _isReady;
    private bool _isCaughtUp;
    private bool _isStopping;
    private bool _isSnapshotStale;
    private Instant _now = Instant.Zero;

    /// <summary>Makes a speaker; <see cref="Advance"/> sends its first requests.</summary>
    /// <param name="options">What the operator chose.</param>
    /// <param name="seed">Fixes every draw.</param>
    public SpeakerNode(SpeakerOptions options, ulong seed)
    {
        _options = options;
        var random = new SeededRandom(seed);
        var ids = new RequestIds();
        _outputs = new(_queue, options.NodeName, random.Fork("events"), ids);
        _watches = new(ids, random, _queue);
        _config = new(_queue);
        _config.Watch(_watches, options.Namespace, _ => { });
        _services = _watches.Add(KubeKinds.Services, null, OnService);
        _shared = new(options, _services.Find);
        _watches.Add(KubeKinds.EndpointSlices, null, OnSlice);
        _nodes = _watches.Add(KubeKinds.Nodes, null, OnNode);
        _config.WatchBgp(_watches, options.Namespace, _nodes, options.NodeName);
        _reports = new(options, (_watches, _services, _config), ids, (_queue, _outputs), _dirty.Mark);
        _routes = new(options, (_services, _nodes, _endpoints), _queue, _outputs) { OnAdvertised = OnAdvertised };
        _membership = new(options, ids, _watches.Strings, _queue);
        _memberInterfaces = new(options, _queue);
        _silent = new(options.NodeName, options.Membership is not null, _queue);
        _snapshot = SpeakerSnapshot.Empty(options.NodeName);
    }

    /// <inheritdoc/>
    public Instant? NextDeadline =>
        _isReady && !_isStopping && (_dirty.ReadyCount + _urgent.ReadyCount > 0 || _routes.HasWork)
            ? _now
            : _isStopping
                ? Instant.Earlier(_endDeadline, _outputs.NextDeadline)
                : Instant.Earlier(
                    Instant.Earlier(
                        Instant.Earlier(_reports.NextDeadline, _silent.NextDeadline),
                        Instant.Earlier(MembershipDeadline, _memberInterfaces.NextDeadline)),
                    Instant.Earlier(_watches.NextDeadline, _outputs.NextDeadline));

    // Others must not meet this speaker before it states its interfaces.
    private Instant? MembershipDeadline => _interfaces is null ? null : _membership.NextDeadline;

    /// <summary>The present state; the same object as before when nothing changed.</summary>
    public SpeakerSnapshot Snapshot
    {
        get
        {
            if (_isSnapshotStale)
            {
                _snapshot = new(_options.NodeName, _isReady, _states, _config.Result.Rejections) { Conflicts = _conflicts };
                _isSnapshotStale = false;
            }
            return _snapshot;
        }
    }

    /// <inheritdoc/>
    public bool TryTake(out NodeOutput output) => _outputs.TryTake(out output);

    /// <inheritdoc/>
    public void Handle(in NodeInput input, Instant now)
    {
        switch (input)
        {
            case NodeInput.ClockRead clock:
                _outputs.SetClock(clock.Utc, now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _outputs.Owns(response.Id):
                _outputs.HandleAnswer(response, now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _reports.Owns(response.Id):
                _reports.Handle(response, now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _membership.Owns(response.Id):
                _membership.Handle(response, now);
                break;
            case NodeInput.MembersReported members:
                _reports.ChangeMembers(members.Picture);
                if (_membership.Handle(members.Picture) | _memberInterfaces.Handle(members.Picture) | _silent.Handle(members.Picture))
                    ReconsiderElection();
                break;
            case NodeInput.LinkReported { Report: LinkReport.PeersChanged peers }:
                ChangePeers(peers, now);
                break;
            case NodeInput.LinkReported { Report: LinkReport.LinksChanged changed }:
                ChangeLinks(changed.Links, now);
                break;
            case NodeInput.LinkReported { Report: LinkReport.ConflictsChanged changed }:
                ChangeConflicts(changed.Conflicts);
                break;
            case NodeInput.LinkReported { Report: LinkReport.Silent } when _isStopping:
                Complete();
                break;
            case NodeInput.BgpReported report:
                if (_reports.ChangeSessions(report.Report, now))
                    MarkRouted();
                break;
            case NodeInput.ShutdownRequested:
                ShutDown(now);
                break;
            default:
                _watches.Handle(input, now);
                break;
        }
        Advance(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        _now = now;
        _outputs.Advance(now);
        if (_endDeadline <= now)
            Complete();
        if (_isStopping)
            return;
        _watches.Advance(now);
        if (_memberInterfaces.Advance(now) | _silent.Advance(now))
            ReconsiderElection();
        if (_reports.AdvanceSessions(now))
            MarkRouted();
        if (_watches.IsSynced && _interfaces is not null)
            _membership.AllowJoining(now);
        if (_interfaces is not null)
            _membership.Advance(now);
        if (IsReady())
        {
            Work();
            ConfirmOwnership();
            _routes.Work(_config.Result.Config, MostServicesPerStep);
        }
        _isCaughtUp |= _isReady && _dirty.ReadyCount == 0 && !_routes.HasWork;
        _reports.Advance(_isCaughtUp, now);
    }

    private void OnService(ReflectorOutput<Service>.Changed change)
    {
        _dirty.Mark(change.Key);
        _routes.Mark(change.Key);
        foreach (var other in _shared.Change(change.Before, change.After))
            _dirty.Mark(other);
    }

    private void OnSlice(ReflectorOutput<EndpointSlice>.Changed change)
    {
        foreach (var service in _endpoints.Change(change.Before, change.After))
        {
            _dirty.Mark(service);
            _routes.Mark(service);
            foreach (var other in _shared.ChangeEndpoints(service))
                _dirty.Mark(other);
        }
    }

    private void OnAdvertised(ObjectKey service, ImmutableArray<string> peers)
    {
        _reports.Advertise(service, peers);
        // What the Service says of itself may be something else now.
        _dirty.Mark(service);
    }

    private void OnNode(ReflectorOutput<Node>.Changed change)
    {
        if (change.Key.Name == _options.NodeName)
        {
            _config.OnOwnNode();
            _routes.OnOwnNode();
        }
        if (change.Before is null || change.After is null ||
            !SpeakerDecision.AreSameForElections(change.Before, change.After, (_config.Result.Config, _config.Scope), IsAlive))
        {
            ForgetElection();
            if (change.Key.Name == _options.NodeName)
                _membership.Rejoin(_now);
        }
    }

    private bool IsAlive(Node node) =>
        !_silent.IsSilent(node.Key.Name) && (_membership.IsAlive(node) || _silent.HasReturned(node.Key.Name));

    // Services of a node that fell silent come before everything else that waits.
    private void ChangePeers(LinkReport.PeersChanged report, Instant now)
    {
        var newlySilent = new SortedSet<string>(StringComparer.Ordinal);
        if (_silent.Handle(report.Peers, newlySilent, now))
            ReconsiderElection();
        _membership.Hear(report.Peers.Where(peer => peer.Verdict == HeartbeatVerdict.Heard).Select(peer => peer.Name));
        foreach (var (key, state) in _states)
        {
            if (state.Placement.Owner is { } owner && newlySilent.Contains(owner))
                _urgent.Mark(key);
        }
        _standstills = report.Standstills;
        if (_confirmedStandstill != _standstills)
            ForgetElection();
    }

    private void ConfirmOwnership()
    {
        if (!_options.SendsHeartbeats || _confirmedStandstill == _standstills || _dirty.ReadyCount + _urgent.ReadyCount > 0)
            return;
        _confirmedStandstill = _standstills;
        _queue.Enqueue(new NodeOutput.CommandLink(new LinkCommand.ConfirmOwnership(_standstills)));
    }

    // Nothing moves on the LAN; what Services say of themselves may be something else.
    private void ReconsiderAdvertised(BgpScope before)
    {
        _candidates = null;
        var (config, now) = (_config.Result.Config, _config.Scope);
        if (!config.Pools.Any(pool => before.Selects(pool) || now.Selects(pool)))
            return;
        foreach (var (key, service) in _services.Objects)
        {
            if (SpeakerDecision.AddressesOf(service, _options).Any(
                address => config.FindPool(address) is { } pool && (before.Selects(pool) || now.Selects(pool))))
                _dirty.Mark(key);
        }
    }

    // What they say of themselves may be something else now.
    private void MarkRouted()
    {
        foreach (var key in _routes.Services)
            _dirty.Mark(key);
    }

    // A node that is silent is dead already when membership says so seconds later: nothing is to be decided anew then.
    private void ReconsiderElection()
    {
        if (_election is null || !_electors.SequenceEqual(Describe(IsAlive)))
            ForgetElection();
    }

    private void ForgetElection()
    {
        (_election, _candidates) = (null, null);
        _shared.ForgetOrders();
        MarkAll();
    }

    private void MarkAll()
    {
        // A Service without an address has no election to hold, unless something is still announced for it, or said about it.
        foreach (var (key, service) in _services.Objects)
        {
            if (service.Status.Ingress.Count > 0 || Statement.Find(service.Status.Conditions, Statement.Announced) is not null)
                _dirty.Mark(key);
        }
        foreach (var key in _states.Keys.Concat(_reports.Mentioned))
            _dirty.Mark(key);
    }

    private void ChangeLinks(IReadOnlyList<LinkState> links, Instant now)
    {
        _reports.ChangeLinks(links);
        _routes.ChangeLinks(links);
        if (_memberInterfaces.ChangeLinks(links, now))
            ForgetElection();
        var names = new SortedSet<string>(links.Select(link => link.Name), StringComparer.Ordinal);
        if (_interfaces is not null && _interfaces.SetEquals(names))
            return;
        _interfaces = names;
        MarkAll();
    }

    private void ChangeConflicts(IReadOnlyList<AddressConflict> conflicts)
    {
        foreach (var began in conflicts.Except(_conflicts))
        {
            foreach (var (key, _) in _states.Where(state => state.Value.Announced.Contains(began.Address)))
            {
                if (_services.Find(key) is { } service)
                    _outputs.TellConflict(service, began);
            }
        }
        var changed = conflicts.Except(_conflicts).Concat(_conflicts.Except(conflicts)).Select(conflict => conflict.Address).ToList();
        foreach (var (key, _) in _states.Where(state => state.Value.Announced.Any(changed.Contains)))
            _dirty.Mark(key);
        _conflicts = [.. conflicts];
        _reports.ChangeConflicts(_conflicts);
        _isSnapshotStale = true;
    }

    private bool IsReady()
    {
        if (_isReady || !_watches.IsSynced || _interfaces is null || !_membership.MayElect)
            return _isReady;
        _isReady = _isSnapshotStale = true;
        _outputs.Log(SpeakerLog.Synced(_services.Objects.Count));
        return true;
    }

    private void Work()
    {
        var (before, scope) = (_config.Result, _config.Scope);
        if (_config.Refresh())
        {
            _isSnapshotStale = true;
            var (old, now) = (before.Config, _config.Result.Config);
            // What else is in the configuration moves nothing on the LAN.
            if (old.Pools != now.Pools || old.L2Advertisements != now.L2Advertisements)
                ForgetElection();
            else if (scope != _config.Scope)
                ReconsiderAdvertised(scope);
        }
        for (var decided = 0; decided < MostServicesPerStep; decided++)
        {
            if (_urgent.TryTake(out var urgent))
                TakeOver(urgent);
            else if (_dirty.TryTake(out var key))
                Decide(key);
            else
                break;
        }
    }

    private void TakeOver(ObjectKey key)
    {
        var before = _states.GetValueOrDefault(key);
        Decide(key);
        if (before is { Announced.IsEmpty: true, Placement.Owner: { } from } &&
            _states.TryGetValue(key, out var state) && !state.Announced.IsEmpty)
            _outputs.CountTakeOver(key, from);
    }

    private void Decide(ObjectKey key)
    {
        _outputs.CountUpdate();
        var service = _services.Find(key);
        var before = _states.GetValueOrDefault(key);
        var view = View(_election ??= Prepare());
        var decision = SpeakerDecision.Of(service, before, view);
        _states = decision.State is null ? _states.Remove(key) : _states.SetItem(key, decision.State);
        _isSnapshotStale = true;
        _outputs.Order(key, service, before, decision);
        _reports.Take(key, service, (before, decision), view, _now);
    }

    private Layer2Election Prepare()
    {
        _reports.Use(new(_nodes.Objects.Values.Where(IsAlive).Select(node => node.Key.Name)));
        _electors = [.. Describe(IsAlive)];
        return Elect(_electors);
    }

    private Layer2Election Elect(IEnumerable<PlacementNode> nodes) =>
        new(_config.Result.Config, nodes, _options.IgnoreExcludeLabel, _orders);

    // What a dead one stated means nothing, and is forgotten some time after its death.
    private IEnumerable<PlacementNode> Describe(Func<Node, bool> isAlive) => _nodes.Objects.Values.Select(node =>
        isAlive(node)
            ? SpeakerDecision.Describe(node, isAlive: true, _memberInterfaces.Of(node.Key.Name))
            : SpeakerDecision.Describe(node, isAlive: false, null));

    private SpeakerView View(Layer2Election election) =>
        new(_options, _config.Result.Config, election, _endpoints, _interfaces!, _shared)
        {
            Routes = _candidates ??= new(_config.Scope, _nodes.Objects.Values.Select(Place), _options.IgnoreExcludeLabel),
            OwnNode = _nodes.Find(new ObjectKey("", _options.NodeName)) is { } own ? Place(own) : new(_options.NodeName, null, true, false),
            Sessions = _reports.Sessions,
        };

    private PlacementNode Place(Node node) => SpeakerDecision.Describe(node, IsAlive(node), null);

    private void ShutDown(Instant now)
    {
        if (_isStopping)
            return;
        _isStopping = true;
        _outputs.Log(SpeakerLog.ShuttingDown(_states.Count));
        _routes.ShutDown();
        if (_options.Membership is not null)
            _queue.Enqueue(new NodeOutput.LeaveMembers());
        if (_options.SendsHeartbeats)
            _queue.Enqueue(new NodeOutput.CommandLink(new LinkCommand.AnnounceLeaving()));
        var isYielding = false;
        _shared.ForgetOrders();
        // Speakers that do not know of each other do not take over before the node itself is gone.
        var successors = _options is { Membership: null, SendsHeartbeats: false }
            ? null
            : Elect(Describe(node => node.Key.Name != _options.NodeName && IsAlive(node)));
        foreach (var (key, state) in _states)
        {
            if (state.Announced.IsEmpty)
                continue;
            var next = successors is null ? null : SpeakerDecision.Of(_services.Find(key), state, View(successors)).State;
            isYielding |= _outputs.GiveUp(key, state, next, "the speaker is shutting down");
        }
        _states = _states.Clear();
        _isSnapshotStale = true;
        if (isYielding)
        {
            _endDeadline = now + HandOverPatience;
            _queue.Enqueue(new NodeOutput.CommandLink(new LinkCommand.TellWhenSilent()));
        }
        else
        {
            _outputs.CompleteShutdown();
        }
    }

    private void Complete()
    {
        if (_endDeadline is null)
            return;
        _endDeadline = null;
        _outputs.CompleteShutdown();
    }
}
