using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Ndp;

/// <summary>The multicast groups of neighbour discovery.</summary>
public static class NdpGroup
{
    private const ulong SolicitedNodeHigh = 0xff02_0000_0000_0000;
    private const ulong SolicitedNodeLow = 0x0000_0001_ff00_0000;

    /// <summary>All nodes of the link, ff02::1 (RFC 4291 2.7.1).</summary>
    public static readonly IpAddress AllNodes = IpAddress.V6(new(SolicitedNodeHigh, 1));

    /// <summary>The group in which an address is asked for, ff02::1:ff00:0/104 with its last 24 bits (RFC 4291 2.7.1).</summary>
    public static IpAddress SolicitedNode(IpAddress address) =>
        IpAddress.V6(new(SolicitedNodeHigh, SolicitedNodeLow | (ulong)(address.Value & 0xFF_FFFF)));

    /// <summary>The hardware address of an IPv6 group, 33:33 and its last 32 bits (RFC 2464 7).</summary>
    public static MacAddress MacOf(IpAddress group) => new(0x3333_0000_0000 | (ulong)(group.Value & 0xFFFF_FFFF));

    /// <summary>Whether an address is a group (ff00::/8).</summary>
    public static bool IsGroup(IpAddress address) => address.IsIPv6 && address.Value >> 120 == 0xff;
}
