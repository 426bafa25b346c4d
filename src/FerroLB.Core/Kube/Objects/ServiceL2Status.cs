using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta1 ServiceL2Status: which node announces a Service by ARP and NDP; written by that node's speaker.</summary>
public sealed record ServiceL2Status : KubeObject
{
    /// <summary>The uids of the objects that own it.</summary>
    public IReadOnlyList<string> OwnerUids { get; init; } = [];

    /// <summary>The announcing node.</summary>
    public string? Node { get; init; }

    /// <summary>The Service's name.</summary>
    public string? ServiceName { get; init; }

    /// <summary>The Service's namespace.</summary>
    public string? ServiceNamespace { get; init; }

    /// <summary>Names of the interfaces used; empty means all.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];
}
