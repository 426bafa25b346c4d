namespace FerroLB.Core.Kube.Objects;

/// <summary>core/v1 Node.</summary>
public sealed record Node : KubeObject
{
    /// <summary>The label that keeps a node out of external load balancing, whatever its value.</summary>
    public const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    /// <summary>Status of the condition Ready: True, False, Unknown; null when the node has none.</summary>
    public string? Ready { get; init; }

    /// <summary>Whether the condition NetworkUnavailable is True.</summary>
    public bool NetworkUnavailable { get; init; }
}
