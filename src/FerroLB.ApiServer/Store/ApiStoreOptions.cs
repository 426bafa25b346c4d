using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store;

/// <summary>What can be chosen when a store is made; the defaults are those of a usual dual-stack cluster.</summary>
public sealed record ApiStoreOptions
{
    /// <summary>Where IPv4 cluster IPs come from.</summary>
    public IpPrefix ServiceRangeV4 { get; init; } = IpPrefix.Parse("10.96.0.0/16");

    /// <summary>Where IPv6 cluster IPs come from; null makes a single-stack server.</summary>
    public IpPrefix? ServiceRangeV6 { get; init; } = IpPrefix.Parse("fd00:10:96::/112");

    /// <summary>The lowest node port.</summary>
    public int NodePortFirst { get; init; } = 30000;

    /// <summary>The highest node port.</summary>
    public int NodePortLast { get; init; } = 32767;

    /// <summary>How many changes are kept for watches that start in the past; older starting points are answered with 410 Gone.</summary>
    public int HistoryEvents { get; init; } = 10_000;

    /// <summary>How many finished snapshots of paginated lists are kept; continuing an older one is answered with 410 Gone.</summary>
    public int ListSnapshots { get; init; } = 64;

    /// <summary>
    /// Whether requests must be allowed by roles and bindings of rbac.authorization.k8s.io, except those of the group system:masters; else
    /// everything is allowed to everybody.
    /// </summary>
    public bool RoleBasedAccess { get; init; }

    /// <summary>The largest object in bytes of JSON.</summary>
    public int MaximumObjectBytes { get; init; } = 1_572_864;
}
