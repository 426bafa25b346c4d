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
