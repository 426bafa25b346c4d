using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>An interface on which addresses may be announced.</summary>
/// <param name="Index">The kernel's interface index.</param>
/// <param name="Name">Its name.</param>
/// <param name="Mac">Its hardware address.</param>
/// <param name="HasCarrier">Whether anybody can hear it: without, nothing unasked is sent.</param>
public sealed record AnnouncingLink(int Index, string Name, MacAddress Mac, bool HasCarrier)
{
    /// <summary>Its IPv6 link-local address, from which NDP speaks; ARP needs none.</summary>
    public IpAddress LinkLocal { get; init; }
}
