using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

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
