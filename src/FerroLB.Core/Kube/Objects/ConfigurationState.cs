using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>
/// metallb.io/v1beta1 ConfigurationState: whether a component could use the whole configuration; written by that component.
/// </summary>
public sealed record ConfigurationState : OwnedObject
{
    /// <summary>Valid, Invalid or Unknown.</summary>
    public string? Result { get; init; }

    /// <summary>The messages of all failed conditions, one per line.</summary>
    public string? ErrorSummary { get; init; }

    /// <summary>One condition per part of the configuration.</summary>
    public IReadOnlyList<ObjectCondition> Conditions { get; init; } = [];
}
