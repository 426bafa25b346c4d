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

    /// <summary>The address from which NDP speaks on it: its lowest IPv6 link-local one, or null when it has none.</summary>
    public IpAddress? LinkLocal { get; } = LinkLocalOf(Link);

    /// <summary>Whether IPv6 addresses can be announced on it, which takes a link-local address.</summary>
    public bool IsUsableForIpv6 => IsUsable && LinkLocal is not null;

    /// <summary>Whether addresses of a family can be announced on it.</summary>
    public bool IsUsableFor(AddressFamily family) => family == AddressFamily.IPv4 ? IsUsable : IsUsableForIpv6;

    /// <summary>Judges an interface.</summary>
    public static LinkUse Of(LinkState link) => new(link, link switch
    {
        { IsUp: false } => LinkUsability.NotUp,
        { IsEnslaved: true } => LinkUsability.Enslaved,
        { IsNoArp: true } => LinkUsability.NoArp,
        { IsBroadcast: false } => LinkUsability.NoBroadcast,
        _ => link.Mac == MacAddress.Zero ? LinkUsability.NoHardwareAddress : LinkUsability.Usable,
    });

    private static IpAddress? LinkLocalOf(LinkState link)
    {
        foreach (var (address, _) in link.Addresses)
        {
            if (address.IsIPv6 && address.IsLinkLocal)
                return address;
        }
        return null;
    }
}
