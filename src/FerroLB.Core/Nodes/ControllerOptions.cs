using FerroLB.Core.Election;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Nodes;

/// <summary>What a controller is told at its start.</summary>
public sealed record ControllerOptions
{
    /// <summary>FerroLB's own namespace: configuration objects count in it alone.</summary>
    public required string Namespace { get; init; }

    /// <summary>Serve only Services of exactly this class; "" serves only Services without a class.</summary>
    public string LoadBalancerClass { get; init; } = "";

    /// <summary>The pod that the controller runs in, named as the source of its events; "" when it runs outside of a cluster.</summary>
    public string PodName { get; init; } = "";

    /// <summary>How replicas agree on the one that leads; null for a single controller, which leads from its start.</summary>
    public LeaderElectionOptions? Election { get; init; }

    /// <summary>The Secret with the speakers' key that the leader makes; null when somebody else does, or none is wanted.</summary>
    public MemberlistOptions? Memberlist { get; init; }

    /// <summary>Where the webhook's certificates are kept; null when there is no webhook, or somebody else keeps them.</summary>
    public CertificateOptions? Certificates { get; init; }

    /// <summary>Whether the controller answers webhooks only, and neither leads nor decides about Services.</summary>
    public bool IsWebhookOnly { get; init; }

    /// <summary>Whether a Service is one that this controller gives addresses to.</summary>
    internal bool Serves(Service service) =>
        service.Spec.Type == "LoadBalancer" && (service.Spec.LoadBalancerClass ?? "") == LoadBalancerClass;
}
