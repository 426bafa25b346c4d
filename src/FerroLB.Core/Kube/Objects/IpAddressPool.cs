using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta1 IPAddressPool: addresses that Services may be given.</summary>
public sealed record IpAddressPool : KubeObject
{
    /// <summary>What the user asked for.</summary>
    public IpAddressPoolSpec? Spec { get; init; }

    /// <summary>Counters written by the controller.</summary>
    public IpAddressPoolStatus? Status { get; init; }
}

/// <summary>Spec of an <see cref="IpAddressPool"/>.</summary>
public sealed record IpAddressPoolSpec
{
    /// <summary>CIDR blocks ("a/b") or ranges ("first-last").</summary>
    public IReadOnlyList<string>? Addresses { get; init; }

    /// <summary>False keeps the pool out of automatic choice; null means true.</summary>
    public bool? AutoAssign { get; init; }

    /// <summary>True treats IPv4 addresses ending in .0 and .255 as not being in the pool; null means false.</summary>
    public bool? AvoidBuggyIPs { get; init; }

    /// <summary>Pins the pool to namespaces or Services; null leaves it open to all.</summary>
    public ServiceAllocation? ServiceAllocation { get; init; }
}

/// <summary>Which Services a pinned pool serves, and when it is tried.</summary>
public sealed record ServiceAllocation
{
    /// <summary>Lower is tried earlier; 0 or null after all positive ones.</summary>
    public int? Priority { get; init; }

    /// <summary>Names of namespaces that may use the pool.</summary>
    public IReadOnlyList<string>? Namespaces { get; init; }

    /// <summary>Namespaces by label, added to <see cref="Namespaces"/>.</summary>
    public IReadOnlyList<LabelSelector>? NamespaceSelectors { get; init; }

    /// <summary>Services by label, one of which must match; ANDed with the namespaces.</summary>
    public IReadOnlyList<LabelSelector>? ServiceSelectors { get; init; }
}

/// <summary>Counters of distinct addresses in an <see cref="IpAddressPool"/>; they saturate at 2^63 - 1.</summary>
public sealed record IpAddressPoolStatus
{
    /// <summary>IPv4 addresses in use.</summary>
    public long AssignedIPv4 { get; init; }

    /// <summary>IPv6 addresses in use.</summary>
    public long AssignedIPv6 { get; init; }

    /// <summary>IPv4 addresses free.</summary>
    public long AvailableIPv4 { get; init; }

    /// <summary>IPv6 addresses free.</summary>
    public long AvailableIPv6 { get; init; }
}
