using System;

namespace FerroLB.Core.Kube.Objects;

/// <summary>coordination.k8s.io/v1 Lease.</summary>
public sealed record Lease : KubeObject
{
    /// <summary>Who holds it; null or "" when nobody does.</summary>
    public string? HolderIdentity { get; init; }

    /// <summary>How long the holder may be silent, in seconds.</summary>
    public int? LeaseDurationSeconds { get; init; }

    /// <summary>When it was taken (the holder's clock).</summary>
    public DateTimeOffset? AcquireTime { get; init; }

    /// <summary>When it was last renewed (the holder's clock).</summary>
    public DateTimeOffset? RenewTime { get; init; }

    /// <summary>How often the holder changed.</summary>
    public int? LeaseTransitions { get; init; }
}
