using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps the ServiceBGPStatus objects of this node (<see cref="ServiceStatusObjects{T}"/>): one for each Service of which a peer is told,
/// with the names of those peers. Only the own objects are pictured, and not before there is something to say, so that a node without
/// peers pays nothing.
/// </summary>
internal sealed class ServiceBgpStatusWriter(string ns, string nodeName, WatchSet watches, RequestIds ids, OwnPod pod)
{
    private readonly ServiceStatusObjects<ServiceBgpStatus> _objects =
        new(KubeKinds.ServiceBgpStatuses, "bgp-", (ns, nodeName), watches, ids, pod);

    private readonly SortedDictionary<ObjectKey, IReadOnlyList<string>> _told = [];

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => _objects.NextDeadline;

    /// <summary>Whether an answer belongs to a write of this one.</summary>
    public bool Owns(long requestId) => _objects.Owns(requestId);

    /// <summary>Says which peers are told of a Service, by name; none when it is not advertised.</summary>
    public void Set(ObjectKey service, IReadOnlyList<string> peers)
    {
        _objects.WatchOwn();
        if (peers.Count == 0)
            _told.Remove(service);
        else
            _told[service] = peers;
        _objects.Mark(service);
    }

    /// <summary>Takes the answer to a write.</summary>
    public void Handle(KubeResponse response, Instant now) => _objects.Handle(response, now);

    /// <summary>Writes what differs; what is to be sent goes to <paramref name="outputs"/>, and the writes that were refused are
    /// returned.</summary>
    public IReadOnlyList<WriteOutput.Complete> Advance(Queue<NodeOutput> outputs, Instant now) => _objects.Advance(Write, outputs, now);

    private void Write(ObjectKey service, Instant now)
    {
        var present = _objects.Of(service);
        var isTold = _told.TryGetValue(service, out var peers);
        if ((isTold ? present.Skip(1) : present).FirstOrDefault() is { } surplus)
            _objects.Delete(service, surplus, now);
        else if (isTold)
        {
            _objects.Keep(
                service, present.FirstOrDefault(), own => own.Peers.SequenceEqual(peers!),
                own => KubePatch.ServiceBgpStatus(own.Metadata, nodeName, service, peers!), now);
        }
        else
            _objects.Leave(service);
    }
}
