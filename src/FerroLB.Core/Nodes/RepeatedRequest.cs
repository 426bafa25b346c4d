using System;
using System.Collections.Generic;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// One request at a time for something that is done once: sent when it is due, given up when no answer comes, and sent again after a
/// growing wait when it failed.
/// </summary>
internal sealed class RepeatedRequest(RequestIds ids, Queue<NodeOutput> outputs)
{
    private static readonly TimeSpan AnswerDeadline = TimeSpan.FromSeconds(45);
    private static readonly BackOff Delay = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private long _id;
    private Instant _due = Instant.Zero;
    private int _failures;

    /// <summary>When a request is due, or given up.</summary>
    public Instant NextDeadline => _due;

    /// <summary>Whether an answer belongs to the request under way.</summary>
    public bool Owns(long requestId) => _id != 0 && _id == requestId;

    /// <summary>Whether a request may be sent now; gives up one that stayed without an answer.</summary>
    public bool IsDue(Instant now)
    {
        if (now < _due)
            return false;
        if (_id == 0)
            return true;
        outputs.Enqueue(new NodeOutput.CancelKubeRequest(_id));
        Fail(now);
        return false;
    }

    /// <summary>Sends a request.</summary>
    public void Send(KubeRequest request, Instant now)
    {
        _id = ids.Next();
        _due = now + AnswerDeadline;
        outputs.Enqueue(new NodeOutput.SendKubeRequest(request with { Id = _id }));
    }

    /// <summary>The request was answered as hoped: the next one may follow at once.</summary>
    public void GoOn(Instant now) => (_id, _due) = (0, now);

    /// <summary>The request failed: the next one waits, the longer the more have failed.</summary>
    public void Fail(Instant now) => (_id, _due) = (0, now + Delay.After(++_failures));
}
