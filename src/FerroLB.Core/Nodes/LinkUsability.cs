namespace FerroLB.Core.Nodes;

/// <summary>Whether addresses can be announced by ARP on an interface, or the first reason why not. No address of its own and no carrier is
/// needed.</summary>
public enum LinkUsability
{
    /// <summary>They can.</summary>
    Usable,

    /// <summary>It is administratively down.</summary>
    NotUp,

    /// <summary>It belongs to a bond, a bridge or a VRF, whose own interface may serve instead.</summary>
    Enslaved,

    /// <summary>Address resolution is switched off on it.</summary>
    NoArp,

    /// <summary>It cannot broadcast.</summary>
    NoBroadcast,

    /// <summary>It has no 48-bit hardware address.</summary>
    NoHardwareAddress,
}
