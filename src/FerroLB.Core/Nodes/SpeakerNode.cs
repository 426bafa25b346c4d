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
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// A speaker's control loop: which Services' addresses does this node announce?
/// <para>
/// Five reflectors picture Services, EndpointSlices, Nodes, pools and advertisements. A change of a Service or of one of its slices marks
/// that Service;
/// a change of a node (its labels, its life) or of the configuration marks all Services that have an address, because any election may
/// turn out
/// differently. Nothing is decided before all five pictures are complete and the node's interfaces are known: a speaker that has seen half
/// of the
/// cluster must not claim an address that is another's.
/// </para>
/// <para>
/// A marked Service is decided anew by <see cref="SpeakerDecision"/>, from the pictures as they are; the difference to what was last
/// ordered becomes a
/// command to the link loop, an Event, a metric. Deciding twice changes nothing. At most <see cref="MostServicesPerStep"/> Services are
/// decided per call, so that
/// answers from the API never wait long behind a large pass.
/// </para>
/// <para>
/// When the API server is away the pictures stay as they are, and so does everything that is announced.
/// </para>
/// </summary>
public sealed class SpeakerNode : IMachine<NodeInput, NodeOutput>
{
    /// <summary>How many Services are decided per call.</summary>
    public const int MostServicesPerStep = 500;

    private readonly SpeakerOptions _options;
    private readonly ReflectorMachine<Service> _services;
    private readonly ReflectorMachine<EndpointSlice> _slices;
    private readonly ReflectorMachine<Node> _nodes;
    private readonly ReflectorMachine<IpAddressPool> _pools;
    private readonly ReflectorMachine<L2Advertisement> _l2Advertisements;
    private readonly EndpointIndex _endpoints = new();
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly SpeakerOutputs _outputs;
    private ImmutableSortedDictionary<ObjectKey, SpeakerServiceState> _states =
        ImmutableSortedDictionary<ObjectKey, SpeakerServiceState>.Empty;
    private ConfigResult _config = ConfigResult.Empty;
    private Layer2Election? _election;
    private SortedSet<string>? _interfaces;
    private SpeakerSnapshot _snapshot;
    private bool _isConfigDirty = true;
    private bool _isSynced;
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
        var strings = new StringTable();
        var ids = new RequestIds();
        _services = new(KubeKinds.Services, new(), ids, strings, random);
        _slices = new(KubeKinds.EndpointSlices, new(), ids, strings, random);
        _nodes = new(KubeKinds.Nodes, new(), ids, strings, random);
        _pools = new(KubeKinds.IpAddressPools, new(options.Namespace), ids, strings, random);
        _l2Advertisements = new(KubeKinds.L2Advertisements, new(options.Namespace), ids, strings, random);
        _outputs = new(options.NodeName, random.Fork("events"), ids);
        _snapshot = SpeakerSnapshot.Empty(options.NodeName);
    }

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            if (_dirty.ReadyCount > 0 && _isSynced)
                return _now;
            var reflectors = Instant.Earlier(
                Instant.Earlier(_services.NextDeadline, _slices.NextDeadline),
                Instant.Earlier(_nodes.NextDeadline, Instant.Earlier(_pools.NextDeadline, _l2Advertisements.NextDeadline)));
            return Instant.Earlier(reflectors, _outputs.NextDeadline);
        }
    }

    /// <summary>The present state; the same object as before when nothing changed.</summary>
    public SpeakerSnapshot Snapshot
    {
        get
        {
            if (_isSnapshotStale)
            {
                _snapshot = new(_options.NodeName, _isSynced, _states, _config.Rejections);
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
        _now = now;
        switch (input)
        {
            case NodeInput.ClockRead clock:
                _outputs.SetClock(clock.Utc, now);
                break;
            case NodeInput.KubeResponded responded:
                _outputs.HandleAnswer(responded.Response, now);
                FeedReflectors(new ReflectorInput.Responded(responded.Response), now);
                break;
            case NodeInput.WatchEventReceived received:
                FeedReflectors(new ReflectorInput.LineReceived(received.RequestId, received.Line), now);
                break;
            case NodeInput.WatchClosed closed:
                FeedReflectors(new ReflectorInput.WatchClosed(closed.RequestId, closed.Reason), now);
                break;
            case NodeInput.LinkReported { Report: LinkReport.LinksChanged changed }:
                ChangeLinks(changed.Links);
                break;
            case NodeInput.ShutdownRequested:
                ShutDown();
                break;
        }
        Work(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        _now = now;
        _services.Advance(now);
        _slices.Advance(now);
        _nodes.Advance(now);
        _pools.Advance(now);
        _l2Advertisements.Advance(now);
        DrainReflectors();
        _dirty.Advance(now);
        Work(now);
        _outputs.Advance(now);
    }

    private void FeedReflectors(ReflectorInput input, Instant now)
    {
        // Each knows its own requests, and passes over everything else.
        _services.Handle(input, now);
        _slices.Handle(input, now);
        _nodes.Handle(input, now);
        _pools.Handle(input, now);
        _l2Advertisements.Handle(input, now);
        DrainReflectors();
    }

    private void DrainReflectors()
    {
        Drain(_services, (before, after) => Mark((after ?? before)!.Key));
        Drain(_slices, (before, after) =>
        {
            foreach (var service in _endpoints.Change(before, after))
                Mark(service);
        });
        Drain(_nodes, (before, after) =>
        {
            if (before is null || after is null || !SpeakerDecision.AreSameForElections(before, after))
                ForgetElection();
        });
        // Counters in a pool's status change with every assignment, and are no configuration.
        Drain(_pools, (before, after) => _isConfigDirty |= before is null || after is null ||
            before.Metadata.Generation != after.Metadata.Generation || !SpeakerDecision.HaveSameLabels(before, after));
        Drain(_l2Advertisements, (_, _) => _isConfigDirty = true);
    }

    private void Drain<T>(ReflectorMachine<T> reflector, Action<T?, T?> onChange)
        where T : KubeObject
    {
        while (reflector.TryTake(out var output))
        {
            switch (output)
            {
                case ReflectorOutput<T>.SendRequest send: _outputs.Send(send.Request); break;
                case ReflectorOutput<T>.CancelRequest cancel: _outputs.Cancel(cancel.RequestId); break;
                case ReflectorOutput<T>.WriteLog log: _outputs.Log(log.Event); break;
                case ReflectorOutput<T>.Changed changed:
                    _outputs.CountUpdate();
                    onChange(changed.Before, changed.After);
                    break;
            }
        }
    }

    private void Mark(ObjectKey service) => _dirty.Mark(service);

    private void ForgetElection()
    {
        _election = null;
        MarkAll();
    }

    private void MarkAll()
    {
        // A Service without an address has no election to hold, unless something is still announced for it.
        foreach (var (key, service) in _services.Objects)
        {
            if (service.Status.Ingress.Count > 0)
                Mark(key);
        }
        foreach (var key in _states.Keys)
            Mark(key);
    }

    private void ChangeLinks(IReadOnlyList<LinkState> links)
    {
        _interfaces = new(links.Select(link => link.Name), StringComparer.Ordinal);
        MarkAll();
    }

    private void Work(Instant now)
    {
        if (_isStopping || !IsReady())
            return;
        if (_isConfigDirty)
            BuildConfig();
        for (var decided = 0; decided < MostServicesPerStep && _dirty.TryTake(out var key); decided++)
            Decide(key);
        _outputs.Advance(now);
    }

    private bool IsReady()
    {
        if (_isSynced)
            return true;
        _isSynced = _services.IsSynced && _slices.IsSynced && _nodes.IsSynced && _pools.IsSynced && _l2Advertisements.IsSynced &&
            _interfaces is not null;
        if (_isSynced)
            _outputs.Log(SpeakerLog.Synced(_services.Objects.Count));
        return _isSynced;
    }

    private void BuildConfig()
    {
        _isConfigDirty = false;
        var before = _config;
        _config = ConfigBuilder.Build(
            new() { Pools = [.. _pools.Objects.Values], L2Advertisements = [.. _l2Advertisements.Objects.Values] }, before);
        foreach (var rejection in _config.Rejections.Except(before.Rejections))
            _outputs.Log(SpeakerLog.Rejected(rejection));
        _outputs.SetConfigGauges(isStale: !_config.Rejections.IsEmpty);
        _isSnapshotStale = true;
        if (!ReferenceEquals(before.Config, _config.Config))
            ForgetElection();
    }

    private void Decide(ObjectKey key)
    {
        _election ??= new(_config.Config, _nodes.Objects.Values.Select(SpeakerDecision.Describe), _options.IgnoreExcludeLabel);
        var service = _services.Find(key);
        var before = _states.GetValueOrDefault(key);
        var decision = SpeakerDecision.Of(service, before, new(_options, _config.Config, _election, _endpoints, _interfaces!));
        _states = decision.State is null ? _states.Remove(key) : _states.SetItem(key, decision.State);
        _isSnapshotStale = true;
        _outputs.Order(key, service, before, decision);
    }

    private void ShutDown()
    {
        if (_isStopping)
            return;
        _isStopping = true;
        _outputs.Log(SpeakerLog.ShuttingDown(_states.Count));
        foreach (var (key, state) in _states)
        {
            if (!state.Announced.IsEmpty)
                _outputs.Retract(key, state, "the speaker is shutting down", null);
        }
        _states = _states.Clear();
        _isSnapshotStale = true;
        _outputs.CompleteShutdown();
    }
}
