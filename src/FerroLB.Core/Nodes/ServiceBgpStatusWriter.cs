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
/// Keeps the ServiceBGPStatus objects of this node: one for each Service of which a peer is told, with the names of those peers. Only the
/// own objects are pictured, by their label, and not before there is something to say, so that a node without peers pays nothing. One write
/// at a time per Service, at most <see cref="MostInFlight"/> for all; a kind that the cluster lacks is not missed.
/// </summary>
internal sealed class ServiceBgpStatusWriter(string ns, string nodeName, WatchSet watches, RequestIds ids)
{
    /// <summary>Most writes in flight.</summary>
    public const int MostInFlight = 8;

    private const string NodeLabel = "metallb.io/node";
    private const string ServiceLabel = "metallb.io/service-name";
    private const string ServiceNamespaceLabel = "metallb.io/service-namespace";

    private readonly WriteQueue _writes = new(ids, MostInFlight);
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly SortedDictionary<ObjectKey, IReadOnlyList<string>> _told = [];
    private readonly SortedDictionary<ObjectKey, SortedSet<string>> _namesByService = [];
    private readonly SortedDictionary<string, (ObjectKey Service, string? Deletes)> _underway = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _deleted = new(StringComparer.Ordinal);
    private ReflectorMachine<ServiceBgpStatus>? _objects;

    /// <summary>The Pod that the speaker runs in, whose end is that of its objects; null when it is not known.</summary>
    public ObjectReference? Owner { get; set; }

    /// <summary>Whether it is known what <see cref="Owner"/> is.</summary>
    public bool IsOwnerKnown { get; set; }

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => Instant.Earlier(_writes.NextDeadline, MayWrite ? _dirty.NextDeadline : null);

    private bool MayWrite => _objects is { IsSynced: true } && IsOwnerKnown;

    /// <summary>Whether an answer belongs to a write of this one.</summary>
    public bool Owns(long requestId) => _writes.Owns(requestId);

    /// <summary>Says which peers are told of a Service, by name; none when it is not advertised.</summary>
    public void Set(ObjectKey service, IReadOnlyList<string> peers)
    {
        _objects ??= watches.AddSelected(KubeKinds.ServiceBgpStatuses, ns, $"{NodeLabel}={nodeName}", OnChanged);
        if (peers.Count == 0)
            _told.Remove(service);
        else
            _told[service] = peers;
        _dirty.Mark(service);
    }

    /// <summary>Takes the answer to a write.</summary>
    public void Handle(KubeResponse response, Instant now) => _writes.Handle(new WriteInput.Responded(response), now);

    /// <summary>Writes what differs; what is to be sent goes to <paramref name="outputs"/>, and the writes that were refused are
    /// returned.</summary>
    public IReadOnlyList<WriteOutput.Complete> Advance(Queue<NodeOutput> outputs, Instant now)
    {
        if (_objects is null)
            return [];
        var refused = new List<WriteOutput.Complete>();
        _writes.Advance(now);
        Drain(outputs, refused, now);
        watches.Drain();
        _dirty.Advance(now);
        while (MayWrite && _writes.InFlightCount + _writes.ReadyCount < MostInFlight && _dirty.TryTake(out var service))
        {
            if (!_underway.ContainsKey(TargetOf(service)))
                Write(service, now);
            Drain(outputs, refused, now);
        }
        return refused;
    }

    private static string TargetOf(ObjectKey service) => $"servicebgpstatuses/{service}";

    private static ObjectKey? ServiceOf(ServiceBgpStatus? status) =>
        status?.Metadata.Labels is { } labels && labels.TryGetValue(ServiceLabel, out var name) &&
        labels.TryGetValue(ServiceNamespaceLabel, out var ns) ? new ObjectKey(ns, name) : null;

    private void OnChanged(ReflectorOutput<ServiceBgpStatus>.Changed change)
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
        var isTold = _told.TryGetValue(service, out var peers);
        if ((isTold ? present.Skip(1) : present).FirstOrDefault() is { } surplus)
            Submit(service, KubeVerb.Delete, surplus, default, null, now);
        else if (isTold && present.Count == 0)
        {
            var body = KubePatch.NewGenerated(KubeResource.ServiceBgpStatuses, ns, "bgp-", LabelsOf(service), Owner);
            Submit(service, KubeVerb.Create, null, body, null, now);
        }
        else if (isTold && Owner?.Uid is { } uid && !present[0].OwnerUids.Contains(uid, StringComparer.Ordinal))
            Submit(service, KubeVerb.Patch, present[0], KubePatch.Metadata(present[0].Metadata, LabelsOf(service), Owner), null, now);
        else if (isTold && !Says(present[0], service, peers!))
        {
            var body = KubePatch.ServiceBgpStatus(present[0].Metadata, nodeName, service, peers!);
            Submit(service, KubeVerb.Patch, present[0], body, "status", now);
        }
        else
            _dirty.Forget(service);
    }

    private List<ServiceBgpStatus> Present(ObjectKey service) => !_namesByService.TryGetValue(service, out var names)
        ? []
        : [.. names.Where(name => !_deleted.Contains(name)).Select(name => _objects!.Find(new(ns, name))).OfType<ServiceBgpStatus>()];

    private bool Says(ServiceBgpStatus status, ObjectKey service, IReadOnlyList<string> peers) =>
        status.Node == nodeName && status.ServiceName == service.Name && status.ServiceNamespace == service.Namespace &&
        status.Peers.SequenceEqual(peers);

    private SortedDictionary<string, string> LabelsOf(ObjectKey service) => new(StringComparer.Ordinal)
    {
        [NodeLabel] = nodeName,
        [ServiceLabel] = service.Name,
        [ServiceNamespaceLabel] = service.Namespace,
    };

    private void Submit(
        ObjectKey service, KubeVerb verb, ServiceBgpStatus? seen, ReadOnlyMemory<byte> body, string? subresource, Instant now)
    {
        _underway[TargetOf(service)] = (service, verb == KubeVerb.Delete ? seen!.Key.Name : null);
        _writes.Handle(new WriteInput.Submitted(TargetOf(service), new KubeRequest
        {
            Id = 0,
            Verb = verb,
            Resource = KubeResource.ServiceBgpStatuses,
            Namespace = ns,
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

    private void Complete(
        WriteOutput.Complete complete, (ObjectKey Service, string? Deletes) step, List<WriteOutput.Complete> refused, Instant now)
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
            _deleted.Add(deleted);
        else if (complete.Response is { } response &&
            KubeKinds.ServiceBgpStatuses.ReadObject(response.Body, watches.Strings, out _) is { } fresh)
            _objects!.Absorb(fresh, _objects.Find(fresh.Key)?.Metadata.ResourceVersion);
        _dirty.Forget(step.Service);
        _dirty.Mark(step.Service);
    }
}
