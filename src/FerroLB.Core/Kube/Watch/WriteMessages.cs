namespace FerroLB.Core.Kube.Watch;

/// <summary>What a <see cref="WriteQueue"/> is told.</summary>
public abstract record WriteInput
{
    private WriteInput()
    {
    }

    /// <summary>The node wishes an object to be written; replaces an earlier wish for the same target that was not sent yet.</summary>
    /// <param name="Target">Names the object and part written, for example "services/shop/web/status".</param>
    /// <param name="Request">The write; its id is replaced when it is sent.</param>
    public sealed record Submitted(string Target, KubeRequest Request) : WriteInput;

    /// <summary>An answer arrived. Those that are not the queue's are ignored.</summary>
    /// <param name="Response">The answer.</param>
    public sealed record Responded(KubeResponse Response) : WriteInput;
}

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
    public sealed record Complete(string Target, WriteResult Result, KubeResponse? Response) : WriteOutput;
}

/// <summary>How a write ended.</summary>
public enum WriteResult
{
    /// <summary>The server accepted it.</summary>
    Written,

    /// <summary>The object has changed since it was read (409); or, for a creation, it exists.</summary>
    Conflicted,

    /// <summary>The object does not exist any more (404).</summary>
    Gone,

    /// <summary>The server refused it for another reason; repeating it would not help.</summary>
    Refused,

    /// <summary>Too many targets wait already.</summary>
    Overflowed,
}
