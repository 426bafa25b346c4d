using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>
/// discovery.k8s.io/v1 EndpointSlice, reduced to what decides an announcement: which nodes have an endpoint that can serve. A slice of a
/// hundred pods on three nodes keeps three names.
/// </summary>
public sealed record EndpointSlice : KubeObject
{
    /// <summary>The label that names the Service of a slice.</summary>
    public const string ServiceNameLabel = "kubernetes.io/service-name";

    /// <summary>The Service that it belongs to; null when the label is missing.</summary>
    public ObjectKey? Service { get; init; }

    /// <summary>Whether any endpoint can serve.</summary>
    public bool HasServing { get; init; }

    /// <summary>Whether any endpoint that can serve has an address.</summary>
    public bool HasServingAddress { get; init; }

    /// <summary>Names of the nodes with an endpoint that can serve, sorted, each once.</summary>
    public IReadOnlyList<string> ServingNodes { get; init; } = [];

    /// <summary>
    /// Whether an endpoint can serve: ready, or nothing said about readiness, or still serving while it terminates. Looking at readiness
    /// first is what makes publishNotReadyAddresses work.
    /// </summary>
    public static bool CanServe(bool? ready, bool? serving) => ready is null or true || serving is true;
}
