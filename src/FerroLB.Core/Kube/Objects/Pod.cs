namespace FerroLB.Core.Kube.Objects;

/// <summary>core/v1 Pod.</summary>
public sealed record Pod : KubeObject
{
    /// <summary>The node that it runs on.</summary>
    public string? NodeName { get; init; }

    /// <summary>Its first address.</summary>
    public string? PodIP { get; init; }

    /// <summary>Pending, Running, Succeeded, Failed or Unknown.</summary>
    public string? Phase { get; init; }
}
