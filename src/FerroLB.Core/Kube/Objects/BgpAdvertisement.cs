using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>
/// metallb.io/v1beta1 BGPAdvertisement: which pools are advertised by BGP, from which nodes, to which peers, with which attributes.
/// </summary>
public sealed record BgpAdvertisement : KubeObject
{
    /// <summary>What the user asked for; null is an advertisement of every pool from every node to every peer.</summary>
    public BgpAdvertisementSpec? Spec { get; init; }
}

/// <summary>Spec of a <see cref="BgpAdvertisement"/>.</summary>
public sealed record BgpAdvertisementSpec
{
    /// <summary>IPv4 prefix length advertised, 1-32; null means 32.</summary>
    public int? AggregationLength { get; init; }

    /// <summary>IPv6 prefix length advertised, up to 128; null means 128.</summary>
    public int? AggregationLengthV6 { get; init; }

    /// <summary>LOCAL_PREF for internal peers, 0 to 2^32 - 1; null or 0 when not set.</summary>
    public long? LocalPref { get; init; }

    /// <summary>"n:n", "large:n:n:n", or an alias of a <see cref="Community"/>.</summary>
    public IReadOnlyList<string>? Communities { get; init; }

    /// <summary>Pools by name; unknown names are ignored.</summary>
    public IReadOnlyList<string>? IpAddressPools { get; init; }

    /// <summary>Pools by label, added to the names; both lists empty means every pool.</summary>
    public IReadOnlyList<LabelSelector>? IpAddressPoolSelectors { get; init; }

    /// <summary>Nodes that may advertise; empty means all.</summary>
    public IReadOnlyList<LabelSelector>? NodeSelectors { get; init; }

    /// <summary>Services by label; empty means all of the pool.</summary>
    public IReadOnlyList<LabelSelector>? ServiceSelectors { get; init; }

    /// <summary>Names of BGPPeer objects; empty means all.</summary>
    public IReadOnlyList<string>? Peers { get; init; }
}
