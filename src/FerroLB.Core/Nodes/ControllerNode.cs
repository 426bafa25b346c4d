using System;
using System.Collections.Generic;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The controller: gives Services of type LoadBalancer their addresses.
/// <para>
/// This type puts the parts together and hands each input to the part that it concerns. The <see cref="WatchSet"/> keeps pictures of
/// pools, advertisements, Services and namespaces. The <see cref="ConfigKeeper"/> turns pools and advertisements into the configuration in
/// force. A <see cref="LeaderTerm"/> decides and writes: its <see cref="ServiceAssigner"/> decides about one Service at a time and writes
/// its status, its <see cref="PoolStatus"/> does so for the pools' counters.
/// </para>
/// <para>
/// Nothing happens before every kind was listed completely. The allocator's memory is the truth while the term lasts, and the statuses
/// in the API are the truth for the next one.
/// </para>
/// </summary>
public sealed class ControllerNode : IMachine<NodeInput, NodeOutput>
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(1);

    private readonly Queue<NodeOutput> _outputs = new();
    private readonly ControllerPictures _pictures;
    private readonly LeaderTerm _term;
    private Instant _now;
    private Instant? _stopBy;
    private bool _isStopped;
    private bool _isChanged = true;

    /// <summary>Makes a controller; <see cref="Advance"/> sends its first requests.</summary>
    public ControllerNode(ControllerOptions options, ulong seed)
    {
        var random = new SeededRandom(seed);
        var ids = new RequestIds();
        var watches = new WatchSet(ids, random, _outputs);
        var config = new ConfigKeeper(_outputs, rejection => _term!.OnRejected(rejection, _now));
        config.Watch(watches, options.Namespace, pool => _term!.OnPool(pool));
        var services = watches.Add(KubeKinds.Services, null, change => _term!.OnService(change));
        var namespaces = watches.Add(KubeKinds.Namespaces, null, change => _term!.OnNamespace(change));
        var state = watches.AddSingle(
            KubeKinds.ConfigurationStates, new ObjectKey(options.Namespace, LeaderTerm.StateName), _ => _term!.OnState());
        _pictures = new ControllerPictures(watches, config, services, namespaces, state);
        _term = new LeaderTerm(options, _pictures, ids, random, _outputs);
        _outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.Starting(options)));
    }

    /// <summary>What the controller knows and has decided now.</summary>
    public ControllerSnapshot Snapshot { get; private set; } = new();

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            if (_isStopped)
                return null;
            if (_stopBy is { } stopBy)
                return Instant.Earlier(_term.WriteDeadline, stopBy);
            var deadline = Instant.Earlier(_pictures.Watches.NextDeadline, _term.WriteDeadline);
            return Instant.Earlier(deadline, _term.DecisionDeadline(_now));
        }
    }

    /// <inheritdoc/>
    public bool TryTake(out NodeOutput output) => _outputs.TryDequeue(out output!);

    /// <inheritdoc/>
    public void Handle(in NodeInput input, Instant now)
    {
        if (_isStopped)
            return;
        switch (input)
        {
            case NodeInput.ClockRead clock:
                _term.Utc = clock.Utc;
                break;
            case NodeInput.KubeResponded { Response: var response } when _term.Owns(response.Id):
                _term.Handle(response, now);
                break;
            case NodeInput.ShutdownRequested when _stopBy is null:
                _stopBy = now + ShutdownLimit;
                _outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.Stopping(_term.WritesInFlight)));
                break;
            default:
                _pictures.Watches.Handle(input, now);
                break;
        }
        Advance(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        _now = now;
        if (_isStopped)
            return;
        _term.Advance(now);
        if (_stopBy is null)
        {
            _pictures.Watches.Advance(now);
            Decide(now);
        }
        _term.Drain(now);
        if (_stopBy is { } stopBy && (_term.IsIdle || now >= stopBy))
            Stop();
        PublishSnapshot();
    }

    private void Decide(Instant now)
    {
        if (_pictures.Watches.IsSynced)
        {
            _isChanged |= _pictures.Config.Refresh();
            _term.Decide(now);
        }
        _term.Report(now);
    }

    private void Stop()
    {
        _isStopped = true;
        _outputs.Enqueue(new NodeOutput.CompleteShutdown());
    }

    private void PublishSnapshot()
    {
        if (!(_term.TakeChange() | _isChanged) && ReferenceEquals(Snapshot.Services, _term.Assigner.Outcomes))
            return;
        _isChanged = false;
        Snapshot = new ControllerSnapshot
        {
            IsSynced = _term.Assigner.IsAdopted,
            Config = _pictures.Config.Result,
            Pools = [.. _term.Assigner.Allocator.Counters],
            Services = _term.Assigner.Outcomes,
            WritesPending = _term.WritesInFlight,
        };
    }
}
