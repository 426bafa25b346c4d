namespace FerroLB.Core.Kube;

/// <summary>Hands out the request ids of one node: 1, 2, 3 and so on. Shared by everything in the node that sends requests.</summary>
public sealed class RequestIds
{
    private long _last;

    /// <summary>The last id that was handed out: requests with a higher one are made later.</summary>
    public long Last => _last;

    /// <summary>An id that no request of this node has had.</summary>
    public long Next() => ++_last;
}
