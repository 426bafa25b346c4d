namespace FerroLB.Protocols.Arp;

/// <summary>Why a received frame got no answer, in the order in which the reasons are looked for.</summary>
public enum ArpDropReason
{
    /// <summary>It was answered.</summary>
    None,

    /// <summary>It came in on an interface that does not announce.</summary>
    UnknownLink,

    /// <summary>
    /// It is too short, has more than two VLAN tags, maps other than IPv4 to 48-bit addresses, or its sender has no address of its
    /// own.
    /// </summary>
    Malformed,

    /// <summary>It is not ARP.</summary>
    NotArp,

    /// <summary>It belongs to a tagged VLAN, which has an interface of its own.</summary>
    VlanTag,

    /// <summary>It is not a request.</summary>
    ArpReply,

    /// <summary>It was sent to another station.</summary>
    EthernetDestination,

    /// <summary>It asks for an address that is not announced.</summary>
    AnnounceIp,

    /// <summary>It asks for an address that is announced, but not on this interface.</summary>
    InterfaceMismatch,
}
