namespace FerroLB.Core.Kube.Objects;

/// <summary>
/// What every Kubernetes object has. The types in this folder carry only the fields that FerroLB uses: whole objects are never written
/// back, so what is not read here survives on the server.
/// </summary>
public abstract record KubeObject
{
    /// <summary>"v1" or "group/version"; null inside lists, where the server leaves it out.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>The kind; null inside lists.</summary>
    public string? Kind { get; init; }

    /// <summary>Name, namespace, labels and the rest of the standard metadata.</summary>
    public ObjectMeta Metadata { get; init; } = new();

    /// <summary>The object's namespace and name.</summary>
    public ObjectKey Key => new(Metadata.Namespace ?? "", Metadata.Name ?? "");
}
