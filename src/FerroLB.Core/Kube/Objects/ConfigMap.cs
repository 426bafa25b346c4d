namespace FerroLB.Core.Kube.Objects;

/// <summary>core/v1 ConfigMap.</summary>
public sealed record ConfigMap : KubeObject
{
    /// <summary>Texts by key.</summary>
    public CompactDictionary? Data { get; init; }
}
