using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta1 Community: names for BGP communities; the names of all objects share one name space.</summary>
public sealed record Community : KubeObject
{
    /// <summary>The names and what they stand for.</summary>
    public IReadOnlyList<CommunityAlias> Aliases { get; init; } = [];
}

/// <summary>A name for a community.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">"n:n" or "large:n:n:n".</param>
public sealed record CommunityAlias(string Name, string Value);
