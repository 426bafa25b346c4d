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
/// Keeps the ServiceL2Status objects of the Services that this node announces (<see cref="ServiceStatusObjects{T}"/>).
/// <para>
/// The node says what it announces; every object of the kind is pictured. For a Service of ours the objects of other nodes are deleted,
/// and all but the first of our own; then our own is made, or put right. For any other Service our own object is deleted; the objects of
/// others are theirs, as long as a speaker lives there. Those that a dead node left behind for a Service that nobody announces now are
/// deleted by the one speaker whose duty the Service is.
/// </para>
/// <para>
/// Two nodes that both hold themselves for the announcer, because they do not see each other, would delete each other's objects for ever,
/// whether each knows that the other lives or not. So the object of a node is deleted the later the more often that node has made one for
/// the Service lately.
/// </para>
/// </summary>
internal sealed class ServiceL2StatusWriter
{
    private static readonly TimeSpan CalmAfter = TimeSpan.FromMinutes(10);
    private static readonly BackOff Forbearing = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));

    private readonly string _nodeName;
    private readonly ServiceStatusObjects<ServiceL2Status> _objects;
    private readonly SortedDictionary<ObjectKey, IReadOnlyList<string>> _announced = [];
    private readonly SortedSet<ObjectKey> _orphaned = [];
    private readonly SortedDictionary<(ObjectKey Service, string Node), Contest> _contests = [];
    private readonly SortedSet<(Instant Due, ObjectKey Service)> _postponed = [];
    private Instant _forgetAt;

    /// <summary>Begins to picture the objects.</summary>
    /// <param name="ns">The configuration's namespace.</param>
    /// <param name="nodeName">This node.</param>
    /// <param name="watches">The node's watches.</param>
    /// <param name="ids">Numbers the writes.</param>
    /// <param name="pod">The Pod of the speaker.</param>
    /// <param name="onOthers">Told of a Service about which another node says something else now.</param>
    public ServiceL2StatusWriter(
        string ns, string nodeName, WatchSet watches, RequestIds ids, OwnPod pod, Action<ObjectKey> onOthers)
    {
        _nodeName = nodeName;
        _objects = new(KubeKinds.ServiceL2Statuses, "l2-", (ns, nodeName), watches, ids, pod);
        _objects.WatchAll(onOthers);
    }

    /// <summary>The nodes on which a speaker lives, as far as is known.</summary>
    public IReadOnlySet<string> Living { get; set; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>The Services about which anybody says something.</summary>
    public IEnumerable<ObjectKey> Services => _objects.Services;

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => Instant.Earlier(
        _objects.NextDeadline, _objects.MayWrite && _postponed.Count > 0 ? _postponed.Min.Due : null);

    /// <summary>Whether an answer belongs to a write of this one.</summary>
    public bool Owns(long requestId) => _objects.Owns(requestId);

    /// <summary>Whether anybody says anything about the Service.</summary>
    public bool Speaks(ObjectKey service) => _objects.Speaks(service);

    /// <summary>Whether another node on which a speaker lives says that it announces the Service.</summary>
    public bool IsClaimedByOthers(ObjectKey service) =>
        _objects.Of(service).Exists(status => !_objects.IsMine(status) && IsAlive(status));

    /// <summary>Says from which interfaces a Service is announced here (empty: all); null when it is not.</summary>
    /// <param name="service">The Service.</param>
    /// <param name="interfaces">The interfaces.</param>
    /// <param name="isOrphaned">Whether nobody announces it, and it is this speaker's duty to clear up.</param>
    public void Set(ObjectKey service, IReadOnlyList<string>? interfaces, bool isOrphaned)
    {
        if (isOrphaned)
        {
            _orphaned.Add(service);
            _objects.Mark(service);
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
        _objects.Mark(service);
    }

    /// <summary>Takes the answer to a write.</summary>
    public void Handle(KubeResponse response, Instant now) => _objects.Handle(response, now);

    /// <summary>Writes what differs; what is to be sent goes to <paramref name="outputs"/>, and the writes that were refused are
    /// returned.</summary>
    public IReadOnlyList<WriteOutput.Complete> Advance(Queue<NodeOutput> outputs, Instant now)
    {
        while (_postponed.Count > 0 && _postponed.Min.Due <= now)
        {
            _objects.Mark(_postponed.Min.Service);
            _postponed.Remove(_postponed.Min);
        }
        return _objects.Advance(Write, outputs, now);
    }

    private void Write(ObjectKey service, Instant now)
    {
        var present = _objects.Of(service);
        var mine = present.Where(_objects.IsMine).ToList();
        var isAnnounced = _announced.TryGetValue(service, out var interfaces);
        var surplus = isAnnounced
            ? present.Find(status => !_objects.IsMine(status)) ?? mine.Skip(1).FirstOrDefault()
            : mine.FirstOrDefault() ?? Orphan(service, present);
        if (surplus is not null && !_objects.IsMine(surplus) && MustForbear((service, NodeOf(surplus)), now))
            return;
        if (surplus is not null)
            _objects.Delete(service, surplus, now);
        else if (isAnnounced)
        {
            _objects.Keep(
                service, mine.FirstOrDefault(), own => own.Interfaces.SequenceEqual(interfaces!),
                own => KubePatch.ServiceL2Status(own.Metadata, _nodeName, service, interfaces!), now);
        }
        else
            _objects.Leave(service);
    }

    /// <summary>Whether to wait before the object of another node is deleted; the Service is then looked at again.</summary>
    private bool MustForbear((ObjectKey Service, string Node) rival, Instant now)
    {
        var contest = _contests.GetValueOrDefault(rival);
        if (now < contest.Until)
        {
            _postponed.Add((contest.Until, rival.Service));
            return true;
        }
        if (now >= _forgetAt)
        {
            _forgetAt = now + CalmAfter;
            foreach (var calm in _contests.Where(known => now - known.Value.Until > CalmAfter).Select(known => known.Key).ToArray())
                _contests.Remove(calm);
        }
        var times = now - contest.Until > CalmAfter ? 1 : contest.Times + 1;
        _contests[rival] = new(times, times == 1 ? now : now + Forbearing.After(times - 1));
        return false;
    }

    // What a living speaker says it may know better, and takes back itself.
    private ServiceL2Status? Orphan(ObjectKey service, List<ServiceL2Status> present) =>
        _orphaned.Contains(service) ? present.Find(status => !IsAlive(status)) : null;

    private bool IsAlive(ServiceL2Status status) => Living.Contains(NodeOf(status));

    private static string NodeOf(ServiceL2Status status) => ServiceStatusObjects<ServiceL2Status>.NodeOf(status);

    private readonly record struct Contest(int Times, Instant Until);
}
