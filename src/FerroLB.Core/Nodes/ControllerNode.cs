using System;
using System.Collections.Generic;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The controller: gives Services of type LoadBalancer their addresses.
/// <para>
/// Four parts work together, and this type hands each input to the part that it concerns. The <see cref="WatchSet"/> keeps pictures of
/// pools, advertisements, Services and namespaces. The <see cref="ConfigKeeper"/> turns pools and advertisements into the configuration in
/// force. The <see cref="ServiceAssigner"/> decides about one Service at a time and writes its status, and <see cref="PoolStatus"/> does so
/// for the pools' counters.
/// </para>
/// <para>
/// Nothing happens before every kind was listed completely. The allocator's memory is the truth while the process lives, and the statuses
/// in the API are the truth for the next process.
/// </para>
/// </summary>
public sealed class ControllerNode : IMachine<NodeInput, NodeOutput>
{
    private const string Component = "metallb-controller";
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(1);

    private readonly ControllerOptions _options;
    private readonly Queue<NodeOutput> _outputs = new();
    private readonly WatchSet _watches;
    private readonly WriteQueue _writes;
    private readonly EventSender _events;
    private readonly ConfigKeeper _config;
    private readonly ServiceAssigner _assigner;
    private readonly PoolStatus _poolStatus;
    private readonly StatusWriter<IpAddressPool> _poolWriter;
    private Instant _now;
    private Instant? _stopBy;
    private bool _isStopped;
    private bool _isChanged = true;

    /// <summary>Makes a controller; <see cref="Advance"/> sends its first requests.</summary>
    public ControllerNode(ControllerOptions options, ulong seed)
    {
        _options = options;
        var random = new SeededRandom(seed);
        var ids = new RequestIds();
        _watches = new WatchSet(ids, random, _outputs);
        _writes = new WriteQueue(ids);
        _events = new EventSender(new EventRecorder(Component, options.PodName, random.Fork("events")), ids, _outputs);
        _config = new ConfigKeeper(_outputs, OnRejected);
        _config.Watch(_watches, options.Namespace, pool => _poolStatus!.Mark(pool));
        _assigner = new ServiceAssigner(options, _watches, _writes, _events, _outputs, Component);
        _poolWriter = new StatusWriter<IpAddressPool>(KubeKinds.IpAddressPools, _config.Pools, _writes, _watches.Strings, Component);
        _poolStatus = new PoolStatus(_assigner.Allocator, _config, _poolWriter, _outputs);
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
            var deadline = Instant.Earlier(_writes.NextDeadline, _events.NextDeadline);
            if (_stopBy is { } stopBy)
                return Instant.Earlier(deadline, stopBy);
            deadline = Instant.Earlier(deadline, Instant.Earlier(_watches.NextDeadline, _poolStatus.NextDeadline));
            deadline = Instant.Earlier(deadline, _assigner.NextDeadline);
            return _assigner.IsAdopted && _assigner.HasWork ? _now : deadline;
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
                _events.Utc = clock.Utc;
                break;
            case NodeInput.KubeResponded { Response: var response } when _writes.Owns(response.Id):
                _writes.Handle(new WriteInput.Responded(response), now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _events.Owns(response.Id):
                _events.Handle(response, now);
                break;
            case NodeInput.ShutdownRequested when _stopBy is null:
                _stopBy = now + ShutdownLimit;
                Log(ControllerLog.Stopping(_writes.InFlightCount));
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
        if (_isStopped)
            return;
        _writes.Advance(now);
        _events.Advance(now);
        if (_stopBy is null)
        {
            _watches.Advance(now);
            _assigner.Advance(now);
            Decide(now);
        }
        DrainWrites(now);
        if (_stopBy is { } stopBy && (_writes.IsIdle || now >= stopBy))
            Stop();
        PublishSnapshot();
    }

    private void Decide(Instant now)
    {
        if (!_watches.IsSynced)
            return;
        if (_config.Refresh())
        {
            _isChanged = true;
            _assigner.Use(_config.Result.Config, _config.HasUnreadablePool);
        }
        _assigner.Decide(now);
        if (_assigner.HasWork)
            return;
        _poolStatus.MarkChanged(_options.Namespace);
        _poolStatus.Flush(now);
    }

    private void OnRejected(ConfigRejection rejection)
    {
        var resource = rejection.Kind == KubeResource.IpAddressPools.Kind ? KubeResource.IpAddressPools : KubeResource.L2Advertisements;
        var uid = resource == KubeResource.IpAddressPools
            ? _config.Pools.Find(rejection.Object)?.Metadata.Uid
            : _config.UidOf(rejection.Object);
        _events.Record(
            new ObjectReference(resource, rejection.Object, uid, null), true, "InvalidConfiguration", rejection.ToString(), _now);
    }

    private void DrainWrites(Instant now)
    {
        while (_writes.TryTake(out var output))
        {
            if (output is WriteOutput.Send send)
                _outputs.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
            else if (output is WriteOutput.Complete complete)
                OnWritten(complete, now);
        }
        _events.Drain();
    }

    private void OnWritten(WriteOutput.Complete complete, Instant now)
    {
        if (_assigner.Complete(complete, now) is { } service)
        {
            _isChanged = true;
            TellFailure(service, KubeResource.Services.Kind);
        }
        else if (_poolWriter.Complete(complete, now) is { } pool)
        {
            _watches.Drain();
            _poolStatus.OnWritten(pool, now);
            TellFailure(pool, KubeResource.IpAddressPools.Kind);
        }
    }

    private void TellFailure(StatusWritten written, string kind)
    {
        if (written.Result is not WriteResult.Refused)
            return;
        var problem = KubeStatus.Read(written.Response?.Body ?? default).Message;
        Log(ControllerLog.WriteFailed(kind, written.Key, written.Response?.StatusCode ?? 0, problem));
        _outputs.Enqueue(new NodeOutput.ChangeMetric(new MetricChange(MetricOperation.Add, "metallb_k8s_client_update_errors_total", 1)));
    }

    private void Stop()
    {
        _isStopped = true;
        _outputs.Enqueue(new NodeOutput.CompleteShutdown());
    }

    private void PublishSnapshot()
    {
        if (!_isChanged && ReferenceEquals(Snapshot.Services, _assigner.Outcomes))
            return;
        _isChanged = false;
        Snapshot = new ControllerSnapshot
        {
            IsSynced = _assigner.IsAdopted,
            Config = _config.Result,
            Pools = [.. _assigner.Allocator.Counters],
            Services = _assigner.Outcomes,
            WritesPending = _writes.InFlightCount,
        };
    }

    private void Log(LogEvent line) => _outputs.Enqueue(new NodeOutput.WriteLog(line));
}
