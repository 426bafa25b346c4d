using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

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

/// <summary>An interface and its use for layer 2.</summary>
/// <param name="Link">The interface.</param>
/// <param name="Usability">Its use.</param>
public sealed record LinkUse(LinkState Link, LinkUsability Usability)
{
    /// <summary>Whether addresses can be announced on it.</summary>
    public bool IsUsable => Usability == LinkUsability.Usable;

    /// <summary>Judges an interface.</summary>
    public static LinkUse Of(LinkState link) => new(link, link switch
    {
        { IsUp: false } => LinkUsability.NotUp,
        { IsEnslaved: true } => LinkUsability.Enslaved,
        { IsNoArp: true } => LinkUsability.NoArp,
        { IsBroadcast: false } => LinkUsability.NoBroadcast,
        _ => link.Mac == MacAddress.Zero ? LinkUsability.NoHardwareAddress : LinkUsability.Usable,
    });
}
