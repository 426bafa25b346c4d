using System;

namespace FerroLB.Core.Kube.Watch;

/// <summary>What a <see cref="ReflectorMachine{T}"/> is told.</summary>
public abstract record ReflectorInput
{
    private ReflectorInput()
    {
    }

    /// <summary>A request was answered or failed.</summary>
    /// <param name="Response">The answer.</param>
    public sealed record Responded(KubeResponse Response) : ReflectorInput;

    /// <summary>A watch delivered a line.</summary>
    /// <param name="RequestId">The watch's request.</param>
    /// <param name="Line">UTF-8 JSON.</param>
    public sealed record LineReceived(long RequestId, ReadOnlyMemory<byte> Line) : ReflectorInput;

    /// <summary>A watch ended.</summary>
    /// <param name="RequestId">The watch's request.</param>
    /// <param name="Reason">Words for the log.</param>
    public sealed record WatchClosed(long RequestId, string Reason) : ReflectorInput;
}
