namespace FerroLB.Core.Kube.Objects;

/// <summary>core/v1 Secret. Its data never reaches a log, an event or a snapshot: the text form shows the name alone.</summary>
public sealed record Secret : KubeObject
{
    /// <summary>For example "kubernetes.io/basic-auth".</summary>
    public string? Type { get; init; }

    /// <summary>Base64 values by key.</summary>
    public CompactDictionary? Data { get; init; }

    /// <summary>The name alone.</summary>
    public override string ToString() => $"Secret {Key}";
}
