using System;
using System.Globalization;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>Where a member listens, for datagrams and streams alike.</summary>
/// <param name="Ip">Its address.</param>
/// <param name="Port">UDP and TCP port.</param>
public readonly record struct GossipAddress(IpAddress Ip, ushort Port) : IComparable<GossipAddress>
{
    private const int IPv4Bytes = 4;
    private const int IPv6Bytes = 16;

    /// <summary>Reads the address octets of a message: 4, or 16, where an IPv4-mapped one means the IPv4 address.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ushort port, out GossipAddress address)
    {
        address = default;
        if (bytes.Length is not (IPv4Bytes or IPv6Bytes))
            return false;
        var ip = IpAddress.Read(bytes);
        if (ip.IsIPv6 && ip.Value >> 32 == 0xFFFF)
            ip = IpAddress.V4((uint)(ip.Value & uint.MaxValue));
        address = new(ip, port);
        return true;
    }

    /// <summary>The address octets as messages carry them.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Ip.SizeBytes];
        Ip.Write(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public int CompareTo(GossipAddress other) => Ip.CompareTo(other.Ip) is not 0 and var order ? order : Port.CompareTo(other.Port);

    /// <summary>As in 192.0.2.1:7946 and [2001:db8::1]:7946.</summary>
    public override string ToString() =>
        Ip.IsIPv4
            ? string.Create(CultureInfo.InvariantCulture, $"{Ip}:{Port}")
            : string.Create(CultureInfo.InvariantCulture, $"[{Ip}]:{Port}");

    /// <summary>Whether the first address sorts before the second.</summary>
    public static bool operator <(GossipAddress left, GossipAddress right) => left.CompareTo(right) < 0;

    /// <summary>Whether the first address sorts after the second.</summary>
    public static bool operator >(GossipAddress left, GossipAddress right) => left.CompareTo(right) > 0;

    /// <summary>Whether the first address does not sort after the second.</summary>
    public static bool operator <=(GossipAddress left, GossipAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Whether the first address does not sort before the second.</summary>
    public static bool operator >=(GossipAddress left, GossipAddress right) => left.CompareTo(right) >= 0;
}
