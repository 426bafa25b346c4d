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
}
