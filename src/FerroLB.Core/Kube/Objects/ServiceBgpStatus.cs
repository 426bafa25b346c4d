using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta1 ServiceBGPStatus: to which peers a node advertises a Service; written by that node's speaker.</summary>
public sealed record ServiceBgpStatus : NodeServiceStatus
{
    /// <summary>Names of BGPPeer objects, sorted.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];
}
