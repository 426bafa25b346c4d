using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps the ServiceL2Status objects of the Services that this node announces: one object per Service, in the configuration's namespace,
/// found by its labels, since its name is drawn by the API server.
/// <para>
/// The node says what it announces; every object of the kind is pictured. For a Service of ours the objects of other nodes are deleted,
/// and all but the first of our own; then our own is made, or put right. For any other Service our own object is deleted; the objects of
/// others are theirs, as long as a speaker lives there. Those that a dead node left behind for a Service that nobody announces now are
/// deleted by the one speaker whose duty the Service is. One write at a time per Service, at most <see cref="MostInFlight"/> for all.
/// Without the kind in the cluster nothing is written and nothing is missed.
/// </para>
/// <para>
/// The objects belong to the Pod of the speaker, so that they go with it for good; nothing is written before it is known whether there is
/// one. An object of this node that an earlier Pod owned is taken over.
/// </para>
/// <para>
/// Two nodes that both hold themselves for the announcer, because they do not see each other, would delete each other's objects for ever.
/// So the object of a node that lives is deleted the later the more often that has happened for the Service lately.
/// </para>
/// </summary>
internal sealed class ServiceL2StatusWriter
{
    /// <summary>Most writes in flight.</summary>
    public const int MostInFlight = 8;

    private const string NodeLabel = "metallb.io/node";
    private const string ServiceLabel = "metallb.io/service-name";
    private const string ServiceNamespaceLabel = "metallb.io/service-namespace";

    private static readonly TimeSpan CalmAfter = TimeSpan.FromMinutes(10);
    private static readonly BackOff Forbearing = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));

    private readonly string _namespace;
    private readonly string _nodeName;
    private readonly WatchSet _watches;
    private readonly WriteQueue _writes;
    private readonly ReflectorMachine<ServiceL2Status> _objects;
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly SortedDictionary<ObjectKey, SortedSet<string>> _namesByService = [];
    private readonly SortedDictionary<ObjectKey, IReadOnlyList<string>> _announced = [];
    private readonly SortedSet<ObjectKey> _orphaned = [];
    private readonly SortedDictionary<ObjectKey, Contest> _contests = [];
    private readonly SortedSet<(Instant Due, ObjectKey Service)> _postponed = [];
    private readonly Action<ObjectKey> _onOthers;
    private readonly SortedDictionary<string, Step> _underway = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _deleted = new(StringComparer.Ordinal);

    /// <summary>Begins to picture the objects.</summary>
    /// <param name="ns">The configuration's namespace.</param>
    /// <param name="nodeName">This node.</param>
    /// <param name="watches">The node's watches.</param>
    /// <param name="ids">Numbers the writes.</param>
    /// <param name="onOthers">Told of a Service about which another node says something else now.</param>
    public ServiceL2StatusWriter(string ns, string nodeName, WatchSet watches, RequestIds ids, Action<ObjectKey> onOthers)
    {
        (_namespace, _nodeName, _watches, _writes, _onOthers) = (ns, nodeName, watches, new(ids, MostInFlight), onOthers);
        _objects = watches.Add(KubeKinds.ServiceL2Statuses, ns, OnChanged, isNeeded: false);
    }

    /// <summary>The Pod that the speaker runs in, whose end is that of its objects; null when it is not known.</summary>
    public ObjectReference? Owner { get; set; }

    /// <summary>Whether it is known what <see cref="Owner"/> is.</summary>
    public bool IsOwnerKnown { get; set; }

    /// <summary>The nodes on which a speaker lives, as far as is known.</summary>
    public IReadOnlySet<string> Living { get; set; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>The Services about which anybody says something.</summary>
    public IEnumerable<ObjectKey> Services => _namesByService.Keys;

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => Instant.Earlier(
        _writes.NextDeadline, MayWrite ? Instant.Earlier(_dirty.NextDeadline, _postponed.Count > 0 ? _postponed.Min.Due : null) : null);

    private bool MayWrite => _objects.IsSynced && IsOwnerKnown;

    /// <summary>Whether an answer belongs to a write of this one.</summary>
    public bool Owns(long requestId) => _writes.Owns(requestId);

    /// <summary>Whether anybody says anything about the Service.</summary>
    public bool Speaks(ObjectKey service) => _namesByService.ContainsKey(service);

    /// <summary>Whether another node on which a speaker lives says that it announces the Service.</summary>
    public bool IsClaimedByOthers(ObjectKey service) => Present(service).Any(status => !IsMine(status) && Living.Contains(NodeOf(status)));

    /// <summary>Says from which interfaces a Service is announced here (empty: all); null when it is not.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="interfaces">The interfaces.</param>
    /// <param name="isOrphaned">Whether nobody announces it, and it is this speaker's duty to clear up.</param>
    public void Set(ObjectKey service, IReadOnlyList<string>? interfaces, bool isOrphaned)
    {
        if (isOrphaned)
        {
            _orphaned.Add(service);
            _dirty.Mark(service);
        }
        else
            _orphaned.Remove(service);
        var wasAnnounced = _announced.TryGetValue(service, out var before);
        if (wasAnnounced ? interfaces is not null && before!.SequenceEqual(interfaces) : interfaces is null)
            return;
        if (interfaces is null)
            _announced.Remove(service);
        else
            _announced[service] = interfaces;
        _dirty.Mark(service);
    }

    /// <summary>Takes the answer to a write.</summary>
    public void Handle(KubeResponse response, Instant now) => _writes.Handle(new WriteInput.Responded(response), now);

    /// <summary>Writes what differs; what is to be sent goes to <paramref name="outputs"/>, and the writes that were refused too.</summary>
    public IEnumerable<WriteOutput.Complete> Advance(Queue<NodeOutput> outputs, Instant now)
    {
        var refused = new List<WriteOutput.Complete>();
        _writes.Advance(now);
        Drain(outputs, refused, now);
        _watches.Drain();
        _dirty.Advance(now);
        while (_postponed.Count > 0 && _postponed.Min.Due <= now)
        {
            _dirty.Mark(_postponed.Min.Service);
            _postponed.Remove(_postponed.Min);
        }
        while (MayWrite && _writes.InFlightCount + _writes.ReadyCount < MostInFlight && _dirty.TryTake(out var service))
        {
            if (!_underway.ContainsKey(TargetOf(service)))
                Write(service, now);
            Drain(outputs, refused, now);
        }
        return refused;
    }

    private static string TargetOf(ObjectKey service) => $"servicel2statuses/{service}";

    private static ObjectKey? ServiceOf(ServiceL2Status? status) =>
        status?.Metadata.Labels is { } labels && labels.TryGetValue(ServiceLabel, out var name) &&
        labels.TryGetValue(ServiceNamespaceLabel, out var ns) ? new ObjectKey(ns, name) : null;

    private static string NodeOf(ServiceL2Status status) =>
        status.Metadata.Labels is { } labels && labels.TryGetValue(NodeLabel, out var node) ? node : "";

    private void OnChanged(ReflectorOutput<ServiceL2Status>.Changed change)
    {
        Sort(change);
        if ((change.After ?? change.Before) is { } status && !IsMine(status) && ServiceOf(status) is { } service)
            _onOthers(service);
    }

    private void Sort(ReflectorOutput<ServiceL2Status>.Changed change)
    {
        if (change.After is null)
            _deleted.Remove(change.Key.Name);
        if (ServiceOf(change.Before) is { } before)
        {
            if (_namesByService.TryGetValue(before, out var names) && names.Remove(change.Key.Name) && names.Count == 0)
                _namesByService.Remove(before);
            _dirty.Mark(before);
        }
        if (ServiceOf(change.After) is not { } after)
            return;
        if (!_namesByService.TryGetValue(after, out var known))
            _namesByService[after] = known = new(StringComparer.Ordinal);
        known.Add(change.Key.Name);
        _dirty.Mark(after);
    }

    /// <summary>Makes the first write that is missing for a Service; its end brings the next.</summary>
    private void Write(ObjectKey service, Instant now)
    {
        var present = Present(service);
        var mine = present.Where(IsMine).ToList();
        var isAnnounced = _announced.TryGetValue(service, out var interfaces);
        var surplus = isAnnounced
            ? present.FirstOrDefault(status => !IsMine(status)) ?? mine.Skip(1).FirstOrDefault()
            : mine.FirstOrDefault() ?? Orphan(service, present);
        if (surplus is not null && !IsMine(surplus) && Living.Contains(NodeOf(surplus)) && MustForbear(service, now))
            return;
        if (surplus is not null)
            Submit(service, new Step(service, surplus), KubeVerb.Delete, surplus, default, now);
        else if (isAnnounced && mine.Count == 0)
            Submit(service, new Step(service, null), KubeVerb.Create, null, NewObject(service), now);
        else if (isAnnounced && Owner?.Uid is { } uid && !mine[0].OwnerUids.Contains(uid, StringComparer.Ordinal))
            Adopt(service, mine[0], now);
        else if (isAnnounced && !Says(mine[0], service, interfaces!))
            Submit(service, new Step(service, null), KubeVerb.Patch, mine[0], StatusPatch(mine[0], service, interfaces!), now, "status");
        else
            _dirty.Forget(service);
    }

    private List<ServiceL2Status> Present(ObjectKey service) => !_namesByService.TryGetValue(service, out var names)
        ? []
        : [.. names.Where(name => !_deleted.Contains(name)).Select(name => _objects.Find(new(_namespace, name))).OfType<ServiceL2Status>()];

    /// <summary>Whether to wait before the object of a living node is deleted; the Service is then looked at again.</summary>
    private bool MustForbear(ObjectKey service, Instant now)
    {
        var contest = _contests.GetValueOrDefault(service);
        if (now < contest.Until)
        {
            _postponed.Add((contest.Until, service));
            return true;
        }
        var times = now - contest.Until > CalmAfter ? 1 : contest.Times + 1;
        _contests[service] = new(times, times == 1 ? now : now + Forbearing.After(times - 1));
        return false;
    }

    // What a living speaker says it may know better, and takes back itself.
    private ServiceL2Status? Orphan(ObjectKey service, List<ServiceL2Status> present) =>
        _orphaned.Contains(service) ? present.Find(status => !Living.Contains(NodeOf(status))) : null;

    private bool IsMine(ServiceL2Status status) => NodeOf(status) == _nodeName;

    private bool Says(ServiceL2Status status, ObjectKey service, IReadOnlyList<string> interfaces) =>
        status.Node == _nodeName && status.ServiceName == service.Name && status.ServiceNamespace == service.Namespace &&
        status.Interfaces.SequenceEqual(interfaces);

    private SortedDictionary<string, string> LabelsOf(ObjectKey service) => new(StringComparer.Ordinal)
    {
        [NodeLabel] = _nodeName,
        [ServiceLabel] = service.Name,
        [ServiceNamespaceLabel] = service.Namespace,
    };

    private ReadOnlyMemory<byte> NewObject(ObjectKey service) =>
        KubePatch.NewGenerated(KubeResource.ServiceL2Statuses, _namespace, "l2-", LabelsOf(service), Owner);

    private ReadOnlyMemory<byte> StatusPatch(ServiceL2Status seen, ObjectKey service, IReadOnlyList<string> interfaces) =>
        KubePatch.ServiceL2Status(seen.Metadata, _nodeName, service, interfaces);

    private void Adopt(ObjectKey service, ServiceL2Status mine, Instant now) => Submit(
        service, new Step(service, null), KubeVerb.Patch, mine, KubePatch.Metadata(mine.Metadata, LabelsOf(service), Owner), now);

    private void Submit(
        ObjectKey service, Step step, KubeVerb verb, ServiceL2Status? seen, ReadOnlyMemory<byte> body, Instant now,
        string? subresource = null)
    {
        _underway[TargetOf(service)] = step;
        _writes.Handle(new WriteInput.Submitted(TargetOf(service), new KubeRequest
        {
            Id = 0,
            Verb = verb,
            Resource = KubeResource.ServiceL2Statuses,
            Namespace = _namespace,
            Name = seen?.Metadata.Name,
            Subresource = subresource,
            PatchKind = KubePatchKind.Merge,
            FieldManager = "metallb-speaker",
            Body = body,
        }), now);
    }

    private void Drain(Queue<NodeOutput> outputs, List<WriteOutput.Complete> refused, Instant now)
    {
        while (_writes.TryTake(out var output))
        {
            if (output is WriteOutput.Send send)
                outputs.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
            else if (output is WriteOutput.Complete complete && _underway.Remove(complete.Target, out var step))
                Complete(complete, step, refused, now);
        }
    }

    private void Complete(WriteOutput.Complete complete, Step step, List<WriteOutput.Complete> refused, Instant now)
    {
        var isGone = step.Deletes is not null && complete.Result == WriteResult.Gone;
        if (complete.Result is not WriteResult.Written && !isGone)
        {
            if (complete.Result is WriteResult.Refused or WriteResult.Overflowed)
                refused.Add(complete);
            _dirty.Retry(step.Service, now);
            return;
        }
        if (step.Deletes is { } deleted)
            _deleted.Add(deleted.Key.Name);
        else if (complete.Response is { } response &&
            KubeKinds.ServiceL2Statuses.ReadObject(response.Body, _watches.Strings, out _) is { } fresh)
            _objects.Absorb(fresh, _objects.Find(fresh.Key)?.Metadata.ResourceVersion);
        _dirty.Forget(step.Service);
        _dirty.Mark(step.Service);
    }

    private sealed record Step(ObjectKey Service, ServiceL2Status? Deletes);

    private readonly record struct Contest(int Times, Instant Until);
}
