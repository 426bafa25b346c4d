using System;
using FerroLB.Core.Certificates;
using FerroLB.Core.Kube;
using FerroLB.Protocols.Gossip;

namespace FerroLB.Core.Nodes;

/// <summary>What the world tells a controller or a speaker's control loop. Each is a fact that has happened.</summary>
public abstract record NodeInput
{
    private NodeInput()
    {
    }

    /// <summary>
    /// The wall clock, delivered before other inputs whenever the last reading is older than a second. Used for time stamps in events and
    /// conditions and for Leases only, never for deadlines.
    /// </summary>
    /// <param name="Utc">Coordinated universal time.</param>
    public sealed record ClockRead(DateTimeOffset Utc) : NodeInput;

    /// <summary>A request was answered, or failed for good.</summary>
    /// <param name="Response">The answer.</param>
    public sealed record KubeResponded(KubeResponse Response) : NodeInput;

    /// <summary>A watch delivered one line.</summary>
    /// <param name="RequestId">The watch's request id.</param>
    /// <param name="Line">UTF-8 JSON {"type": ..., "object": ...}; the node may keep it.</param>
    public sealed record WatchEventReceived(long RequestId, ReadOnlyMemory<byte> Line) : NodeInput;

    /// <summary>An opened watch ended, by either side or by silence.</summary>
    /// <param name="RequestId">The watch's request id.</param>
    /// <param name="Reason">Words for the log.</param>
    public sealed record WatchClosed(long RequestId, string Reason) : NodeInput;

    /// <summary>The link loop tells something; speakers only.</summary>
    /// <param name="Report">What it tells.</param>
    public sealed record LinkReported(LinkReport Report) : NodeInput;

    /// <summary>The picture of the members changed; speakers only.</summary>
    /// <param name="Picture">Every member as it is known now.</param>
    public sealed record MembersReported(GossipSnapshot Picture) : NodeInput;

    /// <summary>The BGP sessions changed; speakers only.</summary>
    /// <param name="Report">All of them as they are now.</param>
    public sealed record BgpReported(BgpReport Report) : NodeInput;

    /// <summary>The API server called the webhook; controllers only. Answered by <see cref="NodeOutput.AnswerReview"/>.</summary>
    /// <param name="Id">Chosen by the webhook server, unique within its life.</param>
    /// <param name="Path">The path of the URL, for example "/convert".</param>
    /// <param name="Body">The review, UTF-8 JSON.</param>
    public sealed record ReviewRequested(long Id, string Path, ReadOnlyMemory<byte> Body) : NodeInput;

    /// <summary>Certificates were made, or could not be; the answer to <see cref="NodeOutput.IssueCertificate"/>.</summary>
    /// <param name="OrderId">The order's id.</param>
    /// <param name="Bundle">What was made; null when it failed.</param>
    /// <param name="Failure">Why it failed, for the log; null when it did not.</param>
    public sealed record CertificateIssued(long OrderId, CertificateBundle? Bundle, string? Failure) : NodeInput;

    /// <summary>The process was asked to end (SIGTERM): hand over, then emit <see cref="NodeOutput.CompleteShutdown"/>.</summary>
    public sealed record ShutdownRequested : NodeInput;
}
