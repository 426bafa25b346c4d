using System.Collections.Generic;

namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta1 L2Advertisement: which pools are announced by ARP and NDP, from which nodes and interfaces.</summary>
public sealed record L2Advertisement : KubeObject
{
    /// <summary>What the user asked for; null is an advertisement of every pool from every node.</summary>
    public L2AdvertisementSpec? Spec { get; init; }
}

/// <summary>Spec of an <see cref="L2Advertisement"/>.</summary>
public sealed record L2AdvertisementSpec
{
    /// <summary>Pools by name; unknown names are ignored.</summary>
    public IReadOnlyList<string>? IpAddressPools { get; init; }

    /// <summary>Pools by label, added to the names; both lists empty means every pool.</summary>
    public IReadOnlyList<LabelSelector>? IpAddressPoolSelectors { get; init; }

    /// <summary>Nodes that may announce; empty means all.</summary>
    public IReadOnlyList<LabelSelector>? NodeSelectors { get; init; }

    /// <summary>Names of interfaces to announce from; empty means all.</summary>
    public IReadOnlyList<string>? Interfaces { get; init; }

    /// <summary>Services by label; empty means all of the pool.</summary>
    public IReadOnlyList<LabelSelector>? ServiceSelectors { get; init; }

    /// <summary>Weighted wishes for the election among eligible nodes.</summary>
    public IReadOnlyList<PreferredNodeSelector>? PreferredNodeSelectors { get; init; }
}

/// <summary>A soft preference of the election.</summary>
public sealed record PreferredNodeSelector
{
    /// <summary>1-100, added up over all matching preferences.</summary>
    public int Weight { get; init; }

    /// <summary>The nodes preferred; empty means all.</summary>
    public LabelSelector? Preference { get; init; }
}
