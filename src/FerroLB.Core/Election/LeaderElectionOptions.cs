using System;

namespace FerroLB.Core.Election;

/// <summary>
/// How replicas agree on the one that leads. The three spans are those of every Kubernetes component, with the same defaults.
/// </summary>
public sealed record LeaderElectionOptions
{
    /// <summary>The namespace of the Lease.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name of the Lease.</summary>
    public string Name { get; init; } = "ferrolb-controller";

    /// <summary>Who this process is. No other process may ever use the same, not even the one that replaces it.</summary>
    public required string Identity { get; init; }

    /// <summary>How long the others wait after the last sign of life of the leader; at least a second.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after its last successful renewal the leader goes on leading; less than <see cref="LeaseDuration"/>.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two renewals, and about as long between two attempts; less than <see cref="RenewDeadline"/>.</summary>
    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The name under which the Lease's fields are owned.</summary>
    public string FieldManager { get; init; } = "metallb-controller";

    /// <summary>The Lease.</summary>
    public ObjectKey Lease => new(Namespace, Name);
}
