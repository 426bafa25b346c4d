using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// What a speaker's control loop orders, in order. Turns the difference between two decisions about a Service into commands, events and
/// metrics; the queue is drained after every call of the node, and bounded by what one call can decide.
/// </summary>
internal sealed class SpeakerOutputs(Queue<NodeOutput> queue, string nodeName, SeededRandom random, RequestIds ids)
{
    private const string Component = "metallb-speaker";
    private const string AnnouncedMetric = "metallb_speaker_announced";

    private readonly EventRecorder _recorder = new(Component, nodeName, random);
    private readonly WriteQueue _writes = new(ids, EventSender.MostInFlight, EventSender.Capacity);
    private DateTimeOffset _utc;
    private Instant _utcAt = Instant.Zero;
    private Instant _now = Instant.Zero;

    public Instant? NextDeadline => _writes.NextDeadline;

    /// <summary>The wall clock, for the times in events and conditions.</summary>
    public DateTimeOffset Utc => _utc + (_now - _utcAt);

    public bool Owns(long requestId) => _writes.Owns(requestId);

    public bool TryTake(out NodeOutput output) => queue.TryDequeue(out output!);

    public void SetClock(DateTimeOffset utc, Instant now) => (_utc, _utcAt, _now) = (utc, now, now);

    public void Log(LogEvent line) => queue.Enqueue(new NodeOutput.WriteLog(line));

    public void CompleteShutdown() => queue.Enqueue(new NodeOutput.CompleteShutdown());

    public void CountUpdate() => Change(new(MetricOperation.Add, "metallb_k8s_client_updates_total", 1));

    public void CountTakeOver(ObjectKey service, string from)
    {
        Change(new(MetricOperation.Add, "ferrolb_takeovers_total", 1));
        Log(HeartbeatLog.TakenOver(service, from));
    }

    public void HandleAnswer(KubeResponse response, Instant now)
    {
        _now = now;
        _writes.Handle(new WriteInput.Responded(response), now);
        DrainWrites();
    }

    public void Advance(Instant now)
    {
        _now = now;
        _writes.Advance(now);
        DrainWrites();
    }

    /// <summary>Orders what leads from what was decided before to what is decided now.</summary>
    public void Order(ObjectKey key, Service? service, SpeakerServiceState? before, SpeakerDecision decision)
    {
        var now = decision.State;
        var wasAnnounced = before is { Announced.IsEmpty: false };
        if (now is { Announced.IsEmpty: false })
        {
            if (!now.AnnouncesLike(before))
                Announce(key, service!, before, now);
        }
        else if (wasAnnounced)
            GiveUp(key, before!, now, decision.Reason);
        if (now?.Problem is { } problem && problem != before?.Problem)
        {
            Log(SpeakerLog.AnnounceFailed(key, problem));
            Record(service!, true, "announceFailed", $"cannot announce from node \"{nodeName}\" with protocol \"layer2\": {problem}");
        }
        if (service is null)
            _recorder.Forget(KubeResource.Services, key);
    }

    /// <summary>
    /// Orders that nothing is announced for a Service any more: yielded is what another node announces now, the rest is silent at once.
    /// Whether something was yielded.
    /// </summary>
    public bool GiveUp(ObjectKey key, SpeakerServiceState before, SpeakerServiceState? now, string reason)
    {
        var isYielded = now is not null && now.Elsewhere.Intersect(before.Announced).Any();
        queue.Enqueue(new NodeOutput.CommandLink(isYielded
            ? new LinkCommand.AnnounceService(key, []) { Elsewhere = now!.Elsewhere }
            : new LinkCommand.RetractService(key)));
        Log(SpeakerLog.Retracted(key, reason, now?.Placement.Owner));
        _recorder.Forget(KubeResource.Services, key);
        foreach (var address in before.Announced)
            Change(new(MetricOperation.Remove, AnnouncedMetric, 0, LabelsOf(key, address)));
        return isYielded;
    }

    /// <summary>Says which addresses of a Service this node advertises to peers.</summary>
    /// <param name="key">The Service.</param>
    /// <param name="service">The Service as it is seen; null when it is gone.</param>
    /// <param name="before">The addresses that were advertised so far.</param>
    /// <param name="now">Those that are advertised from now on.</param>
    public void TellAdvertised(ObjectKey key, Service? service, IReadOnlyList<IpAddress> before, IReadOnlyList<IpAddress> now)
    {
        foreach (var address in before.Except(now))
            Change(new(MetricOperation.Remove, AnnouncedMetric, 0, LabelsOf(key, address, "bgp")));
        foreach (var address in now.Except(before))
            Change(new(MetricOperation.Set, AnnouncedMetric, 1, LabelsOf(key, address, "bgp")));
        if (now.Count == 0)
            Log(SpeakerLog.NotAdvertised(key));
        else
        {
            Log(SpeakerLog.Advertising(key, now));
            Record(service!, false, "nodeAssigned", $"announcing from node \"{nodeName}\" with protocol \"bgp\"");
        }
    }

    /// <summary>Says on a Service that another host claims its address.</summary>
    public void TellConflict(Service service, AddressConflict conflict) => Record(
        service, true, "addressConflict",
        $"another host with the MAC address {conflict.Mac}, heard on interface \"{conflict.Interface}\" of node \"{nodeName}\", claims " +
        $"the address {conflict.Address}; clients may reach that host instead. Take the address from that host, or out of the pool");

    private void Announce(ObjectKey key, Service service, SpeakerServiceState? before, SpeakerServiceState now)
    {
        queue.Enqueue(new NodeOutput.CommandLink(new LinkCommand.AnnounceService(key, now.Wishes) { Elsewhere = now.Elsewhere }));
        if (before is not null && before.Announced.SequenceEqual(now.Announced))
            return;
        foreach (var address in before?.Announced.Except(now.Announced) ?? [])
            Change(new(MetricOperation.Remove, AnnouncedMetric, 0, LabelsOf(key, address)));
        foreach (var address in now.Announced)
            Change(new(MetricOperation.Set, AnnouncedMetric, 1, LabelsOf(key, address)));
        Log(SpeakerLog.Announcing(key, now.Announced));
        Record(service, false, "nodeAssigned", $"announcing from node \"{nodeName}\" with protocol \"layer2\"");
    }

    private void Record(Service service, bool isWarning, string reason, string message)
    {
        var about = ObjectReference.To(KubeResource.Services, service);
        if (_recorder.Record(about, isWarning, reason, message, Utc) is { } creation)
            _writes.Handle(creation, _now);
        DrainWrites();
    }

    /// <summary>Says that a write did not succeed.</summary>
    public void TellRefused(WriteOutput.Complete failed)
    {
        Change(new(MetricOperation.Add, "metallb_k8s_client_update_errors_total", 1));
        Log(SpeakerLog.WriteFailed(failed.Target, failed.Result, KubeStatus.Read(failed.Response?.Body ?? default).Message));
    }

    private void DrainWrites()
    {
        while (_writes.TryTake(out var output))
        {
            switch (output)
            {
                case WriteOutput.Send send:
                    queue.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
                    break;
                case WriteOutput.Complete { Result: not WriteResult.Written } failed:
                    TellRefused(failed);
                    break;
            }
        }
    }

    private void Change(MetricChange change) => queue.Enqueue(new NodeOutput.ChangeMetric(change));

    private LogField[] LabelsOf(ObjectKey key, IpAddress address, string protocol = "layer2") =>
    [
        new("service", key.ToString()),
        new("protocol", protocol),
        new("node", nodeName),
        new("ip", address.ToString()),
    ];
}
