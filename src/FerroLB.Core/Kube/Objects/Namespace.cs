namespace FerroLB.Core.Kube.Objects;

/// <summary>core/v1 Namespace: only its labels matter, for pools that select namespaces.</summary>
public sealed record Namespace : KubeObject;
