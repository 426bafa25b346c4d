using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>The addresses of the lab's hosts, from their numbers: segment n is 172.(16+n).0.0/16.</summary>
public static class LabAddress
{
    /// <summary>The IPv4 address of a node's interface on a segment.</summary>
    public static IpAddress Node(int number, int segment) => IpAddress.V4(0xAC100100 + 0x1_0000 * (uint)segment + (uint)number);

    /// <summary>The IPv6 address of a node on the first segment, where it has one.</summary>
    public static IpAddress NodeV6(int number) => IpAddress.V6(new UInt128(0xfd00_0016_0000_0000, (ulong)(0x100 + number)));

    /// <summary>The IPv4 address of a router on the first segment.</summary>
    public static IpAddress Router(int number) => IpAddress.V4(0xAC100200 + (uint)number);

    /// <summary>The IPv6 address of a router on the first segment.</summary>
    public static IpAddress RouterV6(int number) => IpAddress.V6(new UInt128(0xfd00_0016_0000_0000, (ulong)(0x200 + number)));

    /// <summary>The IPv4 address of a segment's client.</summary>
    public static IpAddress Client(int segment) => IpAddress.V4(0xAC100002 + 0x1_0000 * (uint)segment);

    /// <summary>The IPv4 address of a segment's prober.</summary>
    public static IpAddress Prober(int segment) => IpAddress.V4(0xAC100003 + 0x1_0000 * (uint)segment);

    /// <summary>The link-local IPv6 address that is made from a hardware address (RFC 4291 appendix A).</summary>
    public static IpAddress LinkLocal(MacAddress mac)
    {
        var high = mac.Value >> 24 ^ 0x02_00_00UL;
        return IpAddress.V6(new UInt128(0xfe80_0000_0000_0000, high << 40 | 0xff_fe00_0000UL | (mac.Value & 0xFF_FFFF)));
    }
}
