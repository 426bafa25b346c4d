using System;
using System.Collections.Immutable;
using FerroLB.Core.Certificates;
using FerroLB.Core.Kube;
using FerroLB.Core.Status;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Core.Nodes;

/// <summary>What a controller or a speaker's control loop orders.</summary>
public abstract record NodeOutput
{
    private NodeOutput()
    {
    }

    /// <summary>Send a request to the Kubernetes API.</summary>
    /// <param name="Request">The request.</param>
    public sealed record SendKubeRequest(KubeRequest Request) : NodeOutput;

    /// <summary>Give up a request or a watch; nothing more is expected for its id.</summary>
    /// <param name="RequestId">The request's id.</param>
    public sealed record CancelKubeRequest(long RequestId) : NodeOutput;

    /// <summary>Hand a command to the link loop; speakers only.</summary>
    /// <param name="Command">The command.</param>
    public sealed record CommandLink(LinkCommand Command) : NodeOutput;

    /// <summary>Hand a command to the BGP loop; speakers only, and only those that have or had peers.</summary>
    /// <param name="Command">The command.</param>
    public sealed record CommandBgp(BgpCommand Command) : NodeOutput;

    /// <summary>Try to join other speakers; speakers only.</summary>
    /// <param name="Addresses">Where they listen.</param>
    public sealed record JoinMembers(ImmutableArray<GossipAddress> Addresses) : NodeOutput;

    /// <summary>Spread these octets among the members as this one's metadata, in place of earlier ones; speakers only.</summary>
    /// <param name="Metadata">At most 512 octets.</param>
    public sealed record StateMetadata(ReadOnlyMemory<byte> Metadata) : NodeOutput;

    /// <summary>Suspect a member at once, because its heartbeats stopped; speakers only.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Accusation">Numbers the accusations of this process; a member that refutes it bears this number.</param>
    public sealed record SuspectMember(string Name, long Accusation) : NodeOutput;

    /// <summary>Tell the other speakers that this one leaves; speakers only.</summary>
    public sealed record LeaveMembers : NodeOutput;

    /// <summary>Write a log line.</summary>
    /// <param name="Event">The line.</param>
    public sealed record WriteLog(LogEvent Event) : NodeOutput;

    /// <summary>Change a metric.</summary>
    /// <param name="Change">The change.</param>
    public sealed record ChangeMetric(MetricChange Change) : NodeOutput;

    /// <summary>Answer a call of the webhook; controllers only.</summary>
    /// <param name="Id">The call's id.</param>
    /// <param name="StatusCode">HTTP status.</param>
    /// <param name="Body">The answer: a review in UTF-8 JSON when the status is 200, words for the log of the API server otherwise.</param>
    public sealed record AnswerReview(long Id, int StatusCode, ReadOnlyMemory<byte> Body) : NodeOutput;

    /// <summary>Make certificates; <see cref="NodeInput.CertificateIssued"/> answers.</summary>
    /// <param name="Order">What to make.</param>
    public sealed record IssueCertificate(CertificateOrder Order) : NodeOutput;

    /// <summary>Show this server certificate to those who call the webhook from now on.</summary>
    /// <param name="Bundle">The certificate with its key and authority.</param>
    public sealed record ServeCertificate(CertificateBundle Bundle) : NodeOutput;

    /// <summary>Everything that a clean end needs has been ordered: stop the loops and exit with 0.</summary>
    public sealed record CompleteShutdown : NodeOutput;
}
