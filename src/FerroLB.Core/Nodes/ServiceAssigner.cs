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
/// Brings every Service to the addresses that it should have, and its status to what was decided.
/// <para>
/// First all addresses that Services have already are taken over, Services with most addresses first, before any new address is given out.
/// From there on a change marks the Services that it concerns, and only those are decided anew; what becomes free wakes those who wait for
/// it, one by one (<see cref="PendingServices"/>). An address that changes hands is written to its next holder only when the status of the
/// one before has let it go (<see cref="AddressClaims"/>).
/// </para>
/// </summary>
internal sealed class ServiceAssigner
{
    /// <summary>Decisions per call: a large backlog is worked off in slices, so that answers are taken in between.</summary>
    private const int DecisionsPerStep = 512;

    /// <summary>
    /// No more is decided while so many status writes wait for a place: what is decided early only fills the memory, and would be older
    /// when it is sent.
    /// </summary>
    private const int MostWaitingWrites = 128;

    private readonly ControllerOptions _options;
    private readonly Queue<NodeOutput> _outputs;
    private readonly EventSender _events;
    private readonly ServiceConvergence _convergence;
    private readonly PendingServices _pending = new();
    private readonly AddressClaims _claims = new();
    private readonly Allocator _allocator = new();
    private readonly ServiceStatusWriter _status;
    private readonly StatusWriter<Service> _writer;
    private readonly WriteQueue _writes;
    private readonly WatchSet _watches;
    private readonly ReflectorMachine<Service> _services;
    private readonly ReflectorMachine<Namespace> _namespaces;
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly SortedSet<ObjectKey> _leaving = [];
    private readonly SortedSet<string> _freed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ObjectKey, AllocationRequest> _requests = [];
    private readonly SortedDictionary<ObjectKey, ImmutableArray<ServiceNotice>> _told = [];
    private ImmutableSortedDictionary<ObjectKey, ServiceOutcome> _outcomes = ImmutableSortedDictionary<ObjectKey, ServiceOutcome>.Empty;

    /// <summary>Begins with what the pictures show, and decides nothing before <see cref="Use"/>.</summary>
    public ServiceAssigner(
        ControllerOptions options,
        ControllerPictures pictures,
        WriteQueue writes,
        EventSender events,
        Queue<NodeOutput> outputs,
        (string FieldManager, string Mark) names)
    {
        (_options, _writes, _events, _outputs) = (options, writes, events, outputs);
        (_watches, _services, _namespaces) = (pictures.Watches, pictures.Services, pictures.Namespaces);
        _convergence = new ServiceConvergence(_allocator);
        _writer = new StatusWriter<Service>(KubeKinds.Services, _services, writes, _watches.Strings, names.FieldManager);
        _status = new ServiceStatusWriter(_writer, _claims, names.Mark);
        foreach (var (key, service) in _services.Objects)
            _claims.Picture(key, service);
    }

    /// <summary>Who has which address.</summary>
    public Allocator Allocator => _allocator;

    /// <summary>Whether the addresses that Services have already were taken over.</summary>
    public bool IsAdopted { get; private set; }

    /// <summary>What was decided about each Service that concerns this controller.</summary>
    public ImmutableSortedDictionary<ObjectKey, ServiceOutcome> Outcomes => _outcomes;

    /// <summary>Whether Services can be decided now.</summary>
    public bool HasWork => IsBehind && _writes.ReadyCount < MostWaitingWrites;

    /// <summary>Whether Services wait to be decided.</summary>
    public bool IsBehind => _dirty.ReadyCount > 0;

    /// <summary>When a Service whose write failed is looked at again.</summary>
    public Instant? NextDeadline => _dirty.NextDeadline;

    /// <summary>Uses another configuration; adopts again, for its pools may be those of addresses that were left alone.</summary>
    public void Use(ClusterConfig config, bool hasUnreadablePool)
    {
        // Services depend on the pools alone, and the array is the same while those are.
        if (IsAdopted && _convergence.Config.Pools == config.Pools && _convergence.HasUnreadablePool == hasUnreadablePool)
            return;
        _convergence.Use(config, hasUnreadablePool);
        Log(ConfigLog.Loaded(config));
        Adopt();
        MarkAll();
    }

    /// <summary>Makes Services ready whose back-off has passed.</summary>
    public void Advance(Instant now) => _dirty.Advance(now);

    /// <summary>Decides a slice of what is marked.</summary>
    public void Decide(Instant now)
    {
        for (var i = 0; i < DecisionsPerStep && HasWork && _dirty.TryTake(out var key); i++)
            Converge(key, now);
        WakeWaiting(now);
    }

    /// <summary>Takes the end of a status write, if it is a Service's and the last word about it.</summary>
    public StatusWritten? Complete(WriteOutput.Complete complete, Instant now)
    {
        if (_writer.Complete(complete, now) is not { } written)
            return null;
        _watches.Drain();
        Wake(_claims.EndSend(written.Key));
        if (written.Result is WriteResult.Written)
            _dirty.Mark(written.Key);
        else if (written.Result is not WriteResult.Gone)
            _dirty.Retry(written.Key, now);
        return written;
    }

    /// <summary>
    /// Takes over what statuses name and nobody holds yet, before anything is given out: at the start, and whenever pools come into force,
    /// which may be those of addresses that were left alone.
    /// </summary>
    private void Adopt()
    {
        var unheld = _services.Objects.Values
            .Where(service => service.Status.Ingress.Count > 0 && IsManaged(service) && _convergence.IsAdoptable(service.Key))
            .OrderByDescending(service => service.Status.Ingress.Count).ThenBy(service => service.Key).ToList();
        foreach (var service in unheld)
            _convergence.Adopt(service, Demand(service));
        if (!IsAdopted)
            Log(ControllerLog.Adopted(_services.Objects.Count, unheld.Count(service => _allocator.Find(service.Key) is not null)));
        IsAdopted = true;
    }

    /// <summary>
    /// Those that are gone come first; then those who ask for an address or a pool, so that nobody takes it who could have had another.
    /// </summary>
    private void MarkAll()
    {
        var gone = new List<ObjectKey>();
        while (_dirty.TryTake(out var key))
        {
            if (_services.Find(key) is null)
                gone.Add(key);
        }
        gone.ForEach(_dirty.Mark);
        for (var rank = 0; rank < 3; rank++)
        {
            foreach (var (key, service) in _services.Objects)
            {
                if (RankOf(service) == rank)
                    _dirty.Mark(key);
            }
        }
    }

    private static int RankOf(Service service)
    {
        if (ServiceDemand.AsksForAddresses(service))
            return 0;
        return ServiceDemand.AsksForPool(service) ? 1 : 2;
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
            if (!_status.Flush(service, writable, _events.Utc, now) && ReferenceEquals(writable, outcome))
                _dirty.Forget(key);
        }
        else
        {
            LetGo(key, service, now);
        }
        var after = _allocator.Find(key);
        if (before == after)
            return;
        Freed(before);
        // Those who may share with it wait for a partner that has an address.
        if (after is not null && _requests.TryGetValue(key, out var request) && request.SharingKey.Length > 0)
            _freed.Add(PendingServices.SharingKey(request.SharingKey));
    }

    /// <summary>The Service is gone, or no load balancer is wanted from us any more.</summary>
    private void LetGo(ObjectKey key, Service? service, Instant now)
    {
        if (_convergence.Release(key) | _outcomes.ContainsKey(key))
            _leaving.Add(key);
        Forget(key);
        if (service is null)
            _events.Forget(KubeResource.Services, key);
        var isLeaving = service is not null && IsOursToClear(service) &&
            _status.Flush(service, ServiceOutcome.Nothing, _events.Utc, now);
        if (!isLeaving)
            _leaving.Remove(key);
    }

    /// <summary>
    /// A Service that is no load balancer any more is cleared by whoever served its class, or left traces in it. One that went over to
    /// another class is cleared only as long as it bears our traces and we know that it was ours.
    /// </summary>
    private bool IsOursToClear(Service service)
    {
        if (service.Spec.Type == "LoadBalancer")
            return _leaving.Contains(service.Key) && ServiceStatusWriter.HasTraces(service);
        return _leaving.Contains(service.Key) || IsOurClass(service) || ServiceStatusWriter.HasTraces(service);
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
        Log(ControllerLog.Decided(key, outcome));
    }

    private void Forget(ObjectKey key)
    {
        _pending.Remove(key);
        _told.Remove(key);
        if (_requests.Remove(key, out var request) && request.SharingKey.Length > 0)
            _freed.Add(PendingServices.SharingKey(request.SharingKey));
        _outcomes = _outcomes.Remove(key);
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
        if (_convergence.Notices.Count == 0 || WasToldBeforeRestart(service, outcome) || IsToldAgain(service.Key))
            return;
        foreach (var notice in _convergence.Notices)
            _events.Record(ObjectReference.To(KubeResource.Services, service), notice.IsWarning, notice.Reason, notice.Message, now);
        if (!_convergence.Notices.Any(notice => notice.Reason == "IPAllocated"))
            return;
        foreach (var (name, _) in service.Metadata.Annotations ?? CompactDictionary.Empty)
        {
            if (name.StartsWith(MetallbAnnotation.DeprecatedPrefix, StringComparison.Ordinal))
            {
                var message = $"the annotation {name} is deprecated, use metallb.io/{name[MetallbAnnotation.DeprecatedPrefix.Length..]}";
                _events.Record(ObjectReference.To(KubeResource.Services, service), true, "deprecatedAnnotation", message, now);
            }
        }
    }

    /// <summary>
    /// Whether exactly this was told last. The recorder knows only the last event of an object, which is not enough when a pass that tells
    /// several things is repeated because its write fails.
    /// </summary>
    private bool IsToldAgain(ObjectKey key)
    {
        if (_convergence.Notices.Count == 1)
        {
            _told.Remove(key);
            return false;
        }
        if (_told.TryGetValue(key, out var before) && before.SequenceEqual(_convergence.Notices))
            return true;
        _told[key] = [.. _convergence.Notices];
        return false;
    }

    /// <summary>
    /// The condition in the API remembers what an earlier process said; not so that an address goes which the status names still.
    /// </summary>
    private bool WasToldBeforeRestart(Service service, ServiceOutcome outcome) =>
        outcome.Statement!.IsSaidBy(Statement.Find(service.Status.Conditions, Statement.Allocated)) &&
        !_events.Knows(KubeResource.Services, service.Key) &&
        (outcome.LeavesStatus || ServiceDemand.ReadStatus(service, out _).All(address => outcome.Addresses.Contains(address)));

    /// <summary>A Service's picture changed.</summary>
    public void OnService(ReflectorOutput<Service>.Changed change)
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
    /// the Service's own status names already stays: that another one that shared it lets go is no reason to take it away. What the Service
    /// itself must give up is given up at once, so that Services which exchange their addresses do not wait for each other for ever.
    /// </summary>
    private ServiceOutcome WritableNow(Service service, ServiceOutcome outcome)
    {
        if (outcome.LeavesStatus)
            return outcome;
        var named = ServiceDemand.ReadStatus(service, out _);
        ImmutableArray<IpAddress> free =
            [.. outcome.Addresses.Where(address => named.Contains(address) || !IsNamedByAnother(service.Key, address))];
        if (free.Length == outcome.Addresses.Length)
            return outcome;
        var withheld = string.Join(", ", outcome.Addresses.Except(free));
        var waits = new Statement(false, "Waiting", $"{withheld} follows as soon as the Service that had it before has let it go");
        return new ServiceOutcome(free, _allocator.Find(service.Key)?.PoolTextOf(free), waits);
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

    /// <summary>A namespace's picture changed.</summary>
    public void OnNamespace(ReflectorOutput<Namespace>.Changed change)
    {
        if (CompactDictionary.Same(change.Before?.Metadata.Labels, change.After?.Metadata.Labels))
            return;
        foreach (var key in _services.Objects.Keys)
        {
            if (key.Namespace == change.Key.Name)
                _dirty.Mark(key);
        }
    }

    private bool IsManaged(Service service) => _options.Serves(service);

    private bool IsOurClass(Service service) => (service.Spec.LoadBalancerClass ?? "") == _options.LoadBalancerClass;

    private ServiceDemand Demand(Service service) =>
        ServiceDemand.Read(service, _namespaces.Find(new ObjectKey("", service.Key.Namespace))?.Metadata.Labels);

    private void Log(LogEvent line) => _outputs.Enqueue(new NodeOutput.WriteLog(line));
}
