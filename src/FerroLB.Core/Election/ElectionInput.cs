using System;
using FerroLB.Core.Kube;

namespace FerroLB.Core.Election;

/// <summary>What a <see cref="LeaderElectionMachine"/> is told.</summary>
public abstract record ElectionInput
{
    private ElectionInput()
    {
    }

    /// <summary>The wall clock, for the times in the Lease; nobody decides by them.</summary>
    /// <param name="Utc">Coordinated universal time.</param>
    public sealed record ClockRead(DateTimeOffset Utc) : ElectionInput;

    /// <summary>A request was answered or failed.</summary>
    /// <param name="Response">The answer.</param>
    public sealed record Responded(KubeResponse Response) : ElectionInput;

    /// <summary>The watch of the Lease delivered a line.</summary>
    /// <param name="RequestId">The watch's request.</param>
    /// <param name="Line">UTF-8 JSON.</param>
    public sealed record LineReceived(long RequestId, ReadOnlyMemory<byte> Line) : ElectionInput;

    /// <summary>The watch of the Lease ended.</summary>
    /// <param name="RequestId">The watch's request.</param>
    /// <param name="Reason">Words for the log.</param>
    public sealed record WatchClosed(long RequestId, string Reason) : ElectionInput;

    /// <summary>The process ends: lead no more, and give the Lease back.</summary>
    /// <param name="IsComplete">Whether none of the term's writes can still be under way.</param>
    public sealed record ReleaseRequested(bool IsComplete) : ElectionInput;
}
