using System;
using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>core/v1 Service.</summary>
public sealed record Service : KubeObject
{
    /// <summary>What the user asked for.</summary>
    public ServiceSpec Spec { get; init; } = new();

    /// <summary>What the cluster answered.</summary>
    public ServiceStatus Status { get; init; } = new();
}

/// <summary>Spec of a <see cref="Service"/>.</summary>
public sealed record ServiceSpec
{
    /// <summary>ClusterIP, NodePort, LoadBalancer or ExternalName.</summary>
    public string? Type { get; init; }

    /// <summary>The first cluster IP, "None" for a headless Service, or "" before there is one.</summary>
    public string? ClusterIP { get; init; }

    /// <summary>All cluster IPs, at most one per family.</summary>
    public IReadOnlyList<string>? ClusterIPs { get; init; }

    /// <summary>IPv4 and IPv6 in the order of preference.</summary>
    public IReadOnlyList<string>? IpFamilies { get; init; }

    /// <summary>SingleStack, PreferDualStack or RequireDualStack.</summary>
    public string? IpFamilyPolicy { get; init; }

    /// <summary>The one address requested in the deprecated field.</summary>
    public string? LoadBalancerIP { get; init; }

    /// <summary>Which implementation serves the Service.</summary>
    public string? LoadBalancerClass { get; init; }

    /// <summary>Cluster or Local.</summary>
    public string? ExternalTrafficPolicy { get; init; }

    /// <summary>Labels of the pods behind it.</summary>
    public CompactDictionary? Selector { get; init; }

    /// <summary>Its ports.</summary>
    public IReadOnlyList<ServicePort>? Ports { get; init; }
}

/// <summary>One port of a Service.</summary>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="Port">1-65535.</param>
public sealed record ServicePort(string Protocol, int Port);

/// <summary>Status of a <see cref="Service"/>.</summary>
public sealed record ServiceStatus
{
    /// <summary>status.loadBalancer.ingress, in its order.</summary>
    public IReadOnlyList<ServiceIngress> Ingress { get; init; } = [];

    /// <summary>All conditions, by whomever they were written.</summary>
    public IReadOnlyList<ObjectCondition> Conditions { get; init; } = [];
}

/// <summary>One entry of status.loadBalancer.ingress.</summary>
public sealed record ServiceIngress
{
    /// <summary>The address, or null.</summary>
    public string? Ip { get; init; }

    /// <summary>The host name that some clouds give instead, or null.</summary>
    public string? Hostname { get; init; }

    /// <summary>VIP or Proxy; the server's or another writer's business, carried over unchanged.</summary>
    public string? IpMode { get; init; }

    /// <summary>Port states written by others, carried over unchanged.</summary>
    public IReadOnlyList<ServiceIngressPort>? Ports { get; init; }
}

/// <summary>The state of a port in an ingress entry.</summary>
/// <param name="Port">1-65535.</param>
/// <param name="Protocol">TCP, UDP or SCTP.</param>
/// <param name="Error">What is wrong with it, or null.</param>
public sealed record ServiceIngressPort(int Port, string? Protocol, string? Error);

/// <summary>metav1.Condition.</summary>
public sealed record ObjectCondition
{
    /// <summary>What it is about; unique in its object.</summary>
    public required string Type { get; init; }

    /// <summary>True, False or Unknown.</summary>
    public required string Status { get; init; }

    /// <summary>The reason in CamelCase.</summary>
    public string? Reason { get; init; }

    /// <summary>The reason in words.</summary>
    public string? Message { get; init; }

    /// <summary>When <see cref="Status"/> last changed (UTC).</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>The generation of the spec that it speaks about.</summary>
    public long? ObservedGeneration { get; init; }
}
