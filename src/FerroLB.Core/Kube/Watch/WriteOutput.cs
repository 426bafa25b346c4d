namespace FerroLB.Core.Kube.Watch;

/// <summary>What a <see cref="WriteQueue"/> orders.</summary>
public abstract record WriteOutput
{
    private WriteOutput()
    {
    }

    /// <summary>Send the request.</summary>
    /// <param name="Request">The request.</param>
    public sealed record Send(KubeRequest Request) : WriteOutput;

    /// <summary>A write is over.</summary>
    /// <param name="Target">The target as submitted.</param>
    /// <param name="Result">How it ended.</param>
    /// <param name="Response">The server's answer; null for <see cref="WriteResult.Overflowed"/>.</param>
    /// <param name="IsUnsure">
    /// Whether an earlier attempt, of which nobody knows how it ended, may still be carried out: true only when the last one was refused
    /// for a reason that leaves the object's version as it was.
    /// </param>
    public sealed record Complete(string Target, WriteResult Result, KubeResponse? Response, bool IsUnsure = false) : WriteOutput;
}
