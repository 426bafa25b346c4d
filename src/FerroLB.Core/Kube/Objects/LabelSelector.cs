using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metav1.LabelSelector as written by the user. An empty selector matches everything; both parts are ANDed.</summary>
public sealed record LabelSelector
{
    /// <summary>Labels that must have exactly these values.</summary>
    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }

    /// <summary>Expressions that must all hold.</summary>
    public IReadOnlyList<LabelSelectorRequirement>? MatchExpressions { get; init; }
}

/// <summary>One expression of a <see cref="LabelSelector"/>.</summary>
public sealed record LabelSelectorRequirement
{
    /// <summary>The label's key.</summary>
    public string? Key { get; init; }

    /// <summary>In, NotIn, Exists or DoesNotExist.</summary>
    public string? Operator { get; init; }

    /// <summary>For In and NotIn at least one value; for the others none.</summary>
    public IReadOnlyList<string>? Values { get; init; }
}
