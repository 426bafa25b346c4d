using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Allocation;
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
/// Five parts work together. The <see cref="WatchSet"/> keeps pictures of pools, advertisements, Services and namespaces. The
/// <see cref="ConfigKeeper"/> turns pools and advertisements into the configuration in force. <see cref="ServiceConvergence"/> decides
/// about one Service at a time, using the <see cref="Allocator"/>. <see cref="ServiceStatusWriter"/> and <see cref="PoolStatus"/> compare
/// what was decided with what the API server shows, and write the difference.
/// </para>
/// <para>
/// Nothing happens before every kind was listed completely. Then all addresses that Services have already are taken over, Services with
/// most addresses first, before any new address is given out. From there on a change marks the Services that it concerns, and only those
/// are decided anew; what becomes free wakes those who wait for it, one by one (<see cref="PendingServices"/>). The allocator's memory is
/// the truth while the process lives, and the statuses in the API are the truth for the next process.
/// </para>
/// </summary>
public sealed class ControllerNode : IMachine<NodeInput, NodeOutput>
{
    /// <summary>Decisions per call: a large backlog is worked off in slices, so that answers are taken in between.</summary>
    private const int DecisionsPerStep = 512;

    private const string Component = "metallb-controller";
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(1);

    private readonly ControllerOptions _options;
    private readonly Queue<NodeOutput> _outputs = new();
    private readonly WatchSet _watches;
    private readonly WriteQueue _writes;
    private readonly WriteQueue _eventWrites;
    private readonly EventRecorder _recorder;
    private readonly ConfigKeeper _config;
    private readonly Allocator _allocator = new();
    private readonly ServiceConvergence _convergence;
    private readonly PendingServices _pending = new();
    private readonly AddressClaims _claims = new();
    private readonly PoolStatus _poolStatus;
    private readonly ServiceStatusWriter _serviceStatus;
    private readonly StatusWriter<Service> _serviceWriter;
    private readonly StatusWriter<IpAddressPool> _poolWriter;
    private readonly ReflectorMachine<Service> _services;
    private readonly ReflectorMachine<Namespace> _namespaces;
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly SortedSet<ObjectKey> _leaving = [];
    private readonly SortedSet<string> _freed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ObjectKey, AllocationRequest> _requests = [];
    private ImmutableSortedDictionary<ObjectKey, ServiceOutcome> _outcomes = ImmutableSortedDictionary<ObjectKey, ServiceOutcome>.Empty;
    private DateTimeOffset _utc;
    private Instant _now;
    private bool _isAdopted;
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
        _eventWrites = new WriteQueue(ids, mostInFlight: 8);
        _recorder = new EventRecorder(Component, options.PodName, random.Fork("events"));
        _convergence = new ServiceConvergence(_allocator);
        _config = new ConfigKeeper(_outputs, OnRejected);
        _config.Watch(_watches, options.Namespace, pool => _poolStatus!.Mark(pool));
        _services = _watches.Add(KubeKinds.Services, null, OnService);
        _namespaces = _watches.Add(KubeKinds.Namespaces, null, OnNamespace);
        _serviceWriter = new StatusWriter<Service>(KubeKinds.Services, _services, _writes, _watches.Strings, Component);
        _poolWriter = new StatusWriter<IpAddressPool>(KubeKinds.IpAddressPools, _config.Pools, _writes, _watches.Strings, Component);
        _serviceStatus = new ServiceStatusWriter(_serviceWriter, _claims);
        _poolStatus = new PoolStatus(_allocator, _config, _poolWriter, _outputs);
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
            var deadline = Instant.Earlier(_writes.NextDeadline, _eventWrites.NextDeadline);
            if (_stopBy is { } stopBy)
                return Instant.Earlier(deadline, stopBy);
            deadline = Instant.Earlier(deadline, Instant.Earlier(_watches.NextDeadline, _poolStatus.NextDeadline));
            deadline = Instant.Earlier(deadline, _dirty.NextDeadline);
            return _isAdopted && _dirty.ReadyCount > 0 ? _now : deadline;
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
                _utc = clock.Utc;
                break;
            case NodeInput.KubeResponded { Response: var response } when _writes.Owns(response.Id):
                _writes.Handle(new WriteInput.Responded(response), now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _eventWrites.Owns(response.Id):
                _eventWrites.Handle(new WriteInput.Responded(response), now);
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
        _eventWrites.Advance(now);
        if (_stopBy is null)
        {
            _watches.Advance(now);
            _dirty.Advance(now);
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
            UseConfig();
        for (var i = 0; i < DecisionsPerStep && _dirty.TryTake(out var key); i++)
            Converge(key, now);
        WakeWaiting(now);
        if (_dirty.ReadyCount > 0)
            return;
        _poolStatus.MarkChanged(_options.Namespace);
        _poolStatus.Flush(now);
    }

    private void UseConfig()
    {
        _isChanged = true;
        if (_isAdopted && ReferenceEquals(_convergence.Config, _config.Result.Config) &&
            _convergence.HasUnreadablePool == _config.HasUnreadablePool)
            return;
        _convergence.HasUnreadablePool = _config.HasUnreadablePool;
        _convergence.Config = _config.Result.Config;
        _allocator.SetPools(_config.Result.Config);
        Log(ConfigLog.Loaded(_config.Result.Config));
        Adopt();
        MarkAll();
    }

    /// <summary>
    /// Takes over what statuses name and nobody holds yet, before anything is given out: at the start, and whenever pools come into force,
    /// which may be those of addresses that were left alone.
    /// </summary>
    private void Adopt()
    {
        var unheld = _services.Objects.Values
            .Where(service => service.Status.Ingress.Count > 0 && IsManaged(service) && _allocator.Find(service.Key) is null)
            .OrderByDescending(service => service.Status.Ingress.Count).ThenBy(service => service.Key).ToList();
        foreach (var service in unheld)
            _convergence.Adopt(service, Demand(service));
        if (!_isAdopted)
            Log(ControllerLog.Adopted(_services.Objects.Count, unheld.Count(service => _allocator.Find(service.Key) is not null)));
        _isAdopted = true;
    }

    private void MarkAll()
    {
        foreach (var key in _services.Objects.Keys)
            _dirty.Mark(key);
    }

    private void Converge(ObjectKey key, Instant now)
    {
        _outputs.Enqueue(new NodeOutput.ChangeMetric(new MetricChange(MetricOperation.Add, "metallb_k8s_client_updates_total", 1)));
        var service = _services.Find(key);
        var before = _allocator.Find(key);
        if (service is not null && IsManaged(service))
        {
            var demand = Demand(service);
            var outcome = _convergence.Converge(service, demand);
            Remember(key, demand.Request, outcome);
            Tell(service, outcome, now);
            var writable = WritableNow(service, outcome);
            if (!_serviceStatus.Flush(service, writable, _utc, now) && ReferenceEquals(writable, outcome))
                _dirty.Forget(key);
        }
        else
        {
            LetGo(key, service, now);
        }
        if (before != _allocator.Find(key))
            Freed(before);
    }

    /// <summary>The Service is gone, or no load balancer is wanted from us any more.</summary>
    private void LetGo(ObjectKey key, Service? service, Instant now)
    {
        if (_allocator.Release(key) | _outcomes.ContainsKey(key))
            _leaving.Add(key);
        Forget(key);
        if (service is null)
            _recorder.Forget(KubeResource.Services, key);
        var isLeaving = service is not null && service.Spec.Type != "LoadBalancer" && (_leaving.Contains(key) || IsOurClass(service)) &&
            _serviceStatus.Flush(service, ServiceOutcome.Nothing, _utc, now);
        if (!isLeaving)
            _leaving.Remove(key);
    }

    private void Remember(ObjectKey key, AllocationRequest request, ServiceOutcome outcome)
    {
        _pending.Set(request, outcome.Refusal);
        if (_requests.TryGetValue(key, out var before) && !SharesAlike(before, request) && before.SharingKey.Length > 0)
            _freed.Add(PendingServices.SharingKey(before.SharingKey));
        if (request.SharingKey.Length > 0 && (before is null || !SharesAlike(before, request)))
            _freed.Add(PendingServices.SharingKey(request.SharingKey));
        _requests[key] = request;
        if (_outcomes.TryGetValue(key, out var known) && known.Equals(outcome))
            return;
        _outcomes = _outcomes.SetItem(key, outcome);
        _isChanged = true;
        Log(ControllerLog.Decided(key, outcome));
    }

    private void Forget(ObjectKey key)
    {
        _pending.Remove(key);
        if (_requests.Remove(key, out var request) && request.SharingKey.Length > 0)
            _freed.Add(PendingServices.SharingKey(request.SharingKey));
        if (!_outcomes.ContainsKey(key))
            return;
        _outcomes = _outcomes.Remove(key);
        _isChanged = true;
    }

    private static bool SharesAlike(AllocationRequest left, AllocationRequest right) =>
        left.SharingKey == right.SharingKey && left.BackendKey == right.BackendKey && left.Ports.SequenceEqual(right.Ports);

    private void Freed(AllocatedAddresses? before)
    {
        if (before is null)
            return;
        for (var i = 0; i < before.Addresses.Length; i++)
        {
            _freed.Add(PendingServices.Address(before.Addresses[i]));
            _freed.Add(PendingServices.Pool(before.Pools[i], before.Addresses[i].Family));
        }
    }

    /// <summary>Those who wait for what became free get their turn in order, until it is used up.</summary>
    private void WakeWaiting(Instant now)
    {
        while (_freed.Min is { } topic)
        {
            _freed.Remove(topic);
            ObjectKey? last = null;
            while (!IsUsedUp(topic) && _pending.Next(topic, last) is { } next)
            {
                last = next;
                Converge(next, now);
            }
        }
    }

    private bool IsUsedUp(string topic)
    {
        if (PendingServices.PoolOf(topic) is not { } pool)
            return false;
        var counters = _allocator.CountersOf(pool.Name);
        return counters is null || (pool.Family == AddressFamily.IPv4 ? counters.AvailableIPv4 : counters.AvailableIPv6) == 0;
    }

    private void Tell(Service service, ServiceOutcome outcome, Instant now)
    {
        if (_convergence.Notices.Count == 0 || WasToldBeforeRestart(service, outcome))
            return;
        foreach (var notice in _convergence.Notices)
            Record(ObjectReference.To(KubeResource.Services, service), notice.IsWarning, notice.Reason, notice.Message, now);
        if (!_convergence.Notices.Any(notice => notice.Reason == "IPAllocated"))
            return;
        foreach (var (name, _) in service.Metadata.Annotations ?? CompactDictionary.Empty)
        {
            if (name.StartsWith(MetallbAnnotation.DeprecatedPrefix, StringComparison.Ordinal))
            {
                var message = $"the annotation {name} is deprecated, use metallb.io/{name[MetallbAnnotation.DeprecatedPrefix.Length..]}";
                Record(ObjectReference.To(KubeResource.Services, service), true, "deprecatedAnnotation", message, now);
            }
        }
    }

    /// <summary>The condition in the API remembers what an earlier process said.</summary>
    private bool WasToldBeforeRestart(Service service, ServiceOutcome outcome) =>
        outcome.Statement!.IsSaidBy(Statement.Find(service.Status.Conditions, Statement.Allocated)) &&
        !_recorder.Knows(KubeResource.Services, service.Key);

    private void OnRejected(ConfigRejection rejection)
    {
        var resource = rejection.Kind == KubeResource.IpAddressPools.Kind ? KubeResource.IpAddressPools : KubeResource.L2Advertisements;
        var uid = resource == KubeResource.IpAddressPools
            ? _config.Pools.Find(rejection.Object)?.Metadata.Uid
            : _config.UidOf(rejection.Object);
        Record(new ObjectReference(resource, rejection.Object, uid, null), true, "InvalidConfiguration", rejection.ToString(), _now);
    }

    private void Record(ObjectReference about, bool isWarning, string reason, string message, Instant now)
    {
        if (_recorder.Record(about, isWarning, reason, message, _utc) is { } creation)
            _eventWrites.Handle(creation, now);
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
        while (_eventWrites.TryTake(out var output))
        {
            // An event that is refused is not worth a second try.
            if (output is WriteOutput.Send send)
                _outputs.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
        }
    }

    private void OnWritten(WriteOutput.Complete complete, Instant now)
    {
        if (_serviceWriter.Complete(complete, now) is { } service)
        {
            _isChanged = true;
            _watches.Drain();
            Wake(_claims.EndSend(service.Key));
            if (service.Result is WriteResult.Written)
                _dirty.Mark(service.Key);
            else if (service.Result is not WriteResult.Gone)
                _dirty.Retry(service.Key, now);
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

    private void OnService(ReflectorOutput<Service>.Changed change)
    {
        _dirty.Mark(change.Key);
        Wake(_claims.Picture(change.Key, change.After));
    }

    private void Wake(IReadOnlyCollection<ObjectKey> waiting)
    {
        foreach (var key in waiting)
            _dirty.Mark(key);
    }

    /// <summary>
    /// The outcome without the addresses that a status which we are about to clear still names; they follow when it has let them go. What
    /// the Service itself must give up is given up at once, so that Services which exchange their addresses do not wait for each other for
    /// ever.
    /// </summary>
    private ServiceOutcome WritableNow(Service service, ServiceOutcome outcome)
    {
        if (outcome.LeavesStatus)
            return outcome;
        ImmutableArray<IpAddress> free = [.. outcome.Addresses.Where(address => !IsNamedByAnother(service.Key, address))];
        if (free.Length == outcome.Addresses.Length)
            return outcome;
        var withheld = string.Join(", ", outcome.Addresses.Except(free));
        var waits = new Statement(false, "Waiting", $"{withheld} follows as soon as the Service that had it before has let it go");
        return new ServiceOutcome(free, free.IsEmpty ? null : outcome.Pool, waits);
    }

    private bool IsNamedByAnother(ObjectKey key, IpAddress address)
    {
        if (!_claims.NamedBy(address).Any(other => other != key && IsToLetGo(other, address)))
            return false;
        _claims.Wait(key, address);
        return true;
    }

    private bool IsToLetGo(ObjectKey other, IpAddress address)
    {
        if (_allocator.Find(other) is { } held && held.Addresses.Contains(address))
            return false;
        return _leaving.Contains(other) || (_services.Find(other) is { } service && IsOurClass(service));
    }

    private void OnNamespace(ReflectorOutput<Namespace>.Changed change)
    {
        if (CompactDictionary.Same(change.Before?.Metadata.Labels, change.After?.Metadata.Labels))
            return;
        foreach (var key in _services.Objects.Keys)
        {
            if (key.Namespace == change.Key.Name)
                _dirty.Mark(key);
        }
    }

    private bool IsManaged(Service service) => service.Spec.Type == "LoadBalancer" && IsOurClass(service);

    private bool IsOurClass(Service service) => (service.Spec.LoadBalancerClass ?? "") == _options.LoadBalancerClass;

    private ServiceDemand Demand(Service service) =>
        ServiceDemand.Read(service, _namespaces.Find(new ObjectKey("", service.Key.Namespace))?.Metadata.Labels);

    private void Stop()
    {
        _isStopped = true;
        _outputs.Enqueue(new NodeOutput.CompleteShutdown());
    }

    private void PublishSnapshot()
    {
        if (!_isChanged)
            return;
        _isChanged = false;
        Snapshot = new ControllerSnapshot
        {
            IsSynced = _isAdopted,
            Config = _config.Result,
            Pools = [.. _allocator.Counters],
            Services = _outcomes,
            WritesPending = _writes.InFlightCount,
        };
    }

    private void Log(LogEvent line) => _outputs.Enqueue(new NodeOutput.WriteLog(line));
}
