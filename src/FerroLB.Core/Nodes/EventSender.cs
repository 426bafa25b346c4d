using System;
using System.Collections.Generic;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Writes a node's Events through a queue of their own, so that they never hold up statuses: while statuses wait, one event at a time is on
/// its way. An event that is refused is not tried again, and one that finds <see cref="Capacity"/> others waiting is dropped and counted.
/// </summary>
internal sealed class EventSender(EventRecorder recorder, RequestIds ids, Queue<NodeOutput> outputs)
{
    /// <summary>Most events that wait or are in flight.</summary>
    public const int Capacity = 10_000;

    /// <summary>Most events in flight.</summary>
    public const int MostInFlight = 8;

    private readonly WriteQueue _writes = new(ids, MostInFlight, Capacity);

    /// <summary>The wall clock, for the times in events.</summary>
    public DateTimeOffset Utc { get; set; }

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => _writes.NextDeadline;

    /// <summary>Whether an answer belongs to an event that was sent.</summary>
    public bool Owns(long requestId) => _writes.Owns(requestId);

    /// <summary>Takes the answer to an event that was sent.</summary>
    public void Handle(KubeResponse response, Instant now) => _writes.Handle(new WriteInput.Responded(response), now);

    /// <summary>Lets delayed events go when they are due.</summary>
    public void Advance(Instant now) => _writes.Advance(now);

    /// <summary>Says whether there is more important work for the API server.</summary>
    public void Yield(bool toOthers) => _writes.MostInFlight = toOthers ? 1 : MostInFlight;

    /// <summary>Whether anything was said about an object since the start.</summary>
    public bool Knows(KubeResource resource, ObjectKey key) => recorder.Knows(resource, key);

    /// <summary>Forgets what was said about an object that is gone.</summary>
    public void Forget(KubeResource resource, ObjectKey key) => recorder.Forget(resource, key);

    /// <summary>Says something about an object, unless it was the last thing said about it.</summary>
    public void Record(ObjectReference about, bool isWarning, string reason, string message, Instant now)
    {
        if (recorder.Record(about, isWarning, reason, message, Utc) is { } creation)
            _writes.Handle(creation, now);
    }

    /// <summary>Passes on what is to be sent.</summary>
    public void Drain()
    {
        while (_writes.TryTake(out var output))
        {
            if (output is WriteOutput.Send send)
                outputs.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
            else if (output is WriteOutput.Complete { Result: WriteResult.Overflowed })
                outputs.Enqueue(new NodeOutput.ChangeMetric(new MetricChange(MetricOperation.Add, "ferrolb_events_dropped_total", 1)));
        }
    }
}
