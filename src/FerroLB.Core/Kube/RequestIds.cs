namespace FerroLB.Core.Kube;

/// <summary>Hands out the request ids of one node: 1, 2, 3 and so on. Shared by everything in the node that sends requests.</summary>
public sealed class RequestIds
{
    private long _last;

    /// <summary>An id that no request of this node has had.</summary>
    public long Next() => ++_last;
}
