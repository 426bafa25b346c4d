using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta1 ServiceBGPStatus: to which peers a node advertises a Service; written by that node's speaker.</summary>
public sealed record ServiceBgpStatus : KubeObject
{
    /// <summary>The uids of its owners.</summary>
    public IReadOnlyList<string> OwnerUids { get; init; } = [];

    /// <summary>The advertising node.</summary>
    public string? Node { get; init; }

    /// <summary>The Service's name.</summary>
    public string? ServiceName { get; init; }

    /// <summary>The Service's namespace.</summary>
    public string? ServiceNamespace { get; init; }

    /// <summary>Names of BGPPeer objects, sorted.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];
}
