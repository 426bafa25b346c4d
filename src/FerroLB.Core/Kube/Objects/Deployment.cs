namespace FerroLB.Core.Kube.Objects;

/// <summary>apps/v1 Deployment: only that it exists matters, for it owns what the controller makes for all of its Pods.</summary>
public sealed record Deployment : KubeObject;
