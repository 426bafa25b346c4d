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
/// The objects of one kind in which the speakers say what they do for Services: one per Service and node, in the configuration's namespace,
/// found by its labels, since its name is drawn by the API server.
/// <para>
/// Who keeps the kind marks the Services about which something else is to be said, and <see cref="Advance"/> asks him for the first write
/// that is missing for each; the end of a write marks the Service again. One write at a time per Service, at most
/// <see cref="MostInFlight"/> for all. Without the kind in the cluster nothing is written and nothing is missed.
/// </para>
/// <para>
/// The objects belong to the Pod of the speaker, so that they go with it for good; nothing is written before it is known whether there is
/// one. An object of this node that an earlier Pod owned is taken over.
/// </para>
/// </summary>
/// <param name="kind">The kind.</param>
/// <param name="prefix">How the names of the objects begin.</param>
/// <param name="self">The configuration's namespace, and this node.</param>
/// <param name="watches">The node's watches.</param>
/// <param name="ids">Numbers the writes.</param>
/// <param name="pod">The Pod of the speaker.</param>
internal sealed class ServiceStatusObjects<T>(
    KubeKind<T> kind, string prefix, (string Namespace, string Node) self, WatchSet watches, RequestIds ids, OwnPod pod)
    where T : NodeServiceStatus
{
    /// <summary>Most writes in flight.</summary>
    public const int MostInFlight = 8;

    private const string NodeLabel = "metallb.io/node";
    private const string ServiceLabel = "metallb.io/service-name";
    private const string ServiceNamespaceLabel = "metallb.io/service-namespace";

    private readonly WriteQueue _writes = new(ids, MostInFlight);
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly SortedDictionary<ObjectKey, string[]> _namesByService = [];
    private readonly SortedDictionary<string, (ObjectKey Service, string? Deletes)> _underway = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _deleted = new(StringComparer.Ordinal);
    private ReflectorMachine<T>? _picture;

    /// <summary>The Services about which anybody says something, as far as is pictured.</summary>
    public IReadOnlyCollection<ObjectKey> Services => _namesByService.Keys;

    /// <summary>Whether it is known what there is, and whose the objects shall be.</summary>
    public bool MayWrite => _picture is { IsSynced: true } && pod.IsSettled;

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => Instant.Earlier(_writes.NextDeadline, MayWrite ? _dirty.NextDeadline : null);

    /// <summary>Begins to picture the objects of all nodes.</summary>
    /// <param name="onOthers">Told of a Service about which another node says something else now.</param>
    public void WatchAll(Action<ObjectKey> onOthers) => _picture = watches.Add(
        kind,
        self.Namespace,
        change =>
        {
            Sort(change);
            if ((change.After ?? change.Before) is { } status && !IsMine(status) && ServiceOf(status) is { } service)
                onOthers(service);
        },
        isNeeded: false);

    /// <summary>Begins to picture the objects of this node, the first time that it is called.</summary>
    public void WatchOwn() => _picture ??= watches.AddSelected(kind, self.Namespace, $"{NodeLabel}={self.Node}", Sort);

    /// <summary>Whether an answer belongs to a write of this kind.</summary>
    public bool Owns(long requestId) => _writes.Owns(requestId);

    /// <summary>The node of which an object speaks.</summary>
    public static string NodeOf(T status) =>
        status.Metadata.Labels is { } labels && labels.TryGetValue(NodeLabel, out var node) ? node : "";

    /// <summary>Whether an object speaks of this node.</summary>
    public bool IsMine(T status) => NodeOf(status) == self.Node;

    /// <summary>Whether anybody says anything about the Service.</summary>
    public bool Speaks(ObjectKey service) => _namesByService.ContainsKey(service);

    /// <summary>The objects about a Service, by name.</summary>
    public List<T> Of(ObjectKey service) =>
        [.. NamesOf(service).Where(name => !_deleted.Contains(name)).Select(name => _picture!.Find(new(self.Namespace, name))).OfType<T>()];

    /// <summary>Something else is to be said about a Service, or may be.</summary>
    public void Mark(ObjectKey service) => _dirty.Mark(service);

    /// <summary>Takes the answer to a write.</summary>
    public void Handle(KubeResponse response, Instant now) => _writes.Handle(new WriteInput.Responded(response), now);

    /// <summary>
    /// Has the writes made that are missing, one per Service: by <see cref="Delete"/> or <see cref="Keep"/>, or by neither. What is to be
    /// sent goes to <paramref name="outputs"/>, and the writes that were refused are returned.
    /// </summary>
    public IReadOnlyList<WriteOutput.Complete> Advance(Action<ObjectKey, Instant> write, Queue<NodeOutput> outputs, Instant now)
    {
        if (_picture is null)
            return [];
        var refused = new List<WriteOutput.Complete>();
        _writes.Advance(now);
        Drain(outputs, refused, now);
        watches.Drain();
        _dirty.Advance(now);
        while (MayWrite && _writes.InFlightCount + _writes.ReadyCount < MostInFlight && _dirty.TryTake(out var service))
        {
            if (!_underway.ContainsKey(TargetOf(service)))
                write(service, now);
            Drain(outputs, refused, now);
        }
        return refused;
    }

    /// <summary>Deletes an object about a Service.</summary>
    public void Delete(ObjectKey service, T seen, Instant now) => Submit(service, KubeVerb.Delete, seen, default, now);

    /// <summary>Makes the object of this node about a Service, or puts it right.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="own">The object; null when there is none.</param>
    /// <param name="isSaid">Whether it says the rest of what it should, beside the node and the Service.</param>
    /// <param name="patchOf">The patch of its status.</param>
    /// <param name="now">The time.</param>
    public void Keep(ObjectKey service, T? own, Func<T, bool> isSaid, Func<T, ReadOnlyMemory<byte>> patchOf, Instant now)
    {
        if (own is null)
        {
            var body = KubePatch.NewGenerated(kind.Resource, self.Namespace, prefix, LabelsOf(service), pod.Reference);
            Submit(service, KubeVerb.Create, null, body, now);
        }
        else if (pod.Reference?.Uid is { } uid && !own.OwnerUids.Contains(uid, StringComparer.Ordinal))
            Submit(service, KubeVerb.Patch, own, KubePatch.Metadata(own.Metadata, LabelsOf(service), pod.Reference), now);
        else if (own.Node != self.Node || own.ServiceName != service.Name || own.ServiceNamespace != service.Namespace || !isSaid(own))
            Submit(service, KubeVerb.Patch, own, patchOf(own), now, "status");
        else
            Leave(service);
    }

    /// <summary>Nothing is to be written for a Service.</summary>
    public void Leave(ObjectKey service) => _dirty.Forget(service);

    private string TargetOf(ObjectKey service) => $"{kind.Resource.Plural}/{service}";

    private static ObjectKey? ServiceOf(T? status) =>
        status?.Metadata.Labels is { } labels && labels.TryGetValue(ServiceLabel, out var name) &&
        labels.TryGetValue(ServiceNamespaceLabel, out var ns) ? new ObjectKey(ns, name) : null;

    private SortedDictionary<string, string> LabelsOf(ObjectKey service) => new(StringComparer.Ordinal)
    {
        [NodeLabel] = self.Node,
        [ServiceLabel] = service.Name,
        [ServiceNamespaceLabel] = service.Namespace,
    };

    private void Sort(ReflectorOutput<T>.Changed change)
    {
        if (change.After is null)
            _deleted.Remove(change.Key.Name);
        if (ServiceOf(change.Before) is { } before)
        {
            Name(before, [.. NamesOf(before).Where(name => name != change.Key.Name)]);
            _dirty.Mark(before);
        }
        if (ServiceOf(change.After) is not { } after)
            return;
        Name(after, [.. NamesOf(after).Append(change.Key.Name).Order(StringComparer.Ordinal)]);
        _dirty.Mark(after);
    }

    private string[] NamesOf(ObjectKey service) => _namesByService.GetValueOrDefault(service, []);

    private void Name(ObjectKey service, string[] names)
    {
        if (names.Length == 0)
            _namesByService.Remove(service);
        else
            _namesByService[service] = names;
    }

    private void Submit(
        ObjectKey service, KubeVerb verb, T? seen, ReadOnlyMemory<byte> body, Instant now, string? subresource = null)
    {
        _underway[TargetOf(service)] = (service, verb == KubeVerb.Delete ? seen!.Key.Name : null);
        _writes.Handle(new WriteInput.Submitted(TargetOf(service), new KubeRequest
        {
            Id = 0,
            Verb = verb,
            Resource = kind.Resource,
            Namespace = self.Namespace,
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
        else if (complete.Response is { } response && kind.ReadObject(response.Body, watches.Strings, out _) is { } fresh)
            _picture!.Absorb(fresh, _picture.Find(fresh.Key)?.Metadata.ResourceVersion);
        _dirty.Forget(step.Service);
        _dirty.Mark(step.Service);
    }
}
