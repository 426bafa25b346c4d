namespace FerroLB.Core.Kube.Objects;

/// <summary>What the speaker of a node says it does for a Service.</summary>
public abstract record NodeServiceStatus : OwnedObject
{
    /// <summary>The node.</summary>
    public string? Node { get; init; }

    /// <summary>The Service's name.</summary>
    public string? ServiceName { get; init; }

    /// <summary>The Service's namespace.</summary>
    public string? ServiceNamespace { get; init; }
}
