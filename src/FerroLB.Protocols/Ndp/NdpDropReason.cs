namespace FerroLB.Protocols.Ndp;

/// <summary>Why a received frame got no answer, in the order in which the reasons are looked for.</summary>
public enum NdpDropReason
{
    /// <summary>It was answered.</summary>
    None,

    /// <summary>It came in on an interface that does not announce.</summary>
    UnknownLink,

    /// <summary>
    /// It could not be read, or breaks a rule of RFC 4861 7.1.1: a target that is a group, or a sender without address that names a
    /// link-layer address or asks elsewhere than in the target's group.
    /// </summary>
    Malformed,

    /// <summary>It is neither a solicitation nor an advertisement.</summary>
    NotNdp,

    /// <summary>It belongs to a tagged VLAN, which has an interface of its own.</summary>
    VlanTag,

    /// <summary>Its hop limit is not 255: it may come from beyond a router.</summary>
    HopLimit,

    /// <summary>It is not a solicitation.</summary>
    Advertisement,

    /// <summary>It asks a group without saying where the answer shall go.</summary>
    NoSourceLinkLayerAddress,

    /// <summary>It was sent to another station or to an address that is not the target's.</summary>
    Destination,

    /// <summary>It asks for an address that is not announced.</summary>
    AnnounceIp,

    /// <summary>It asks for an address that is announced, but not on this interface.</summary>
    InterfaceMismatch,
}
