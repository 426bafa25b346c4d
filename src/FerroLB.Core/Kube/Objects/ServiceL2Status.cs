using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta1 ServiceL2Status: which node announces a Service by ARP and NDP; written by that node's speaker.</summary>
public sealed record ServiceL2Status : NodeServiceStatus
{
    /// <summary>Names of the interfaces used; empty means all.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];
}
