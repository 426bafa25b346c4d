using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>
/// A node's interfaces in the octets that its speaker spreads among the members (memberlist's node metadata, 512 octets at most).
/// <code>
/// "FLB" version=1, then blocks: type (1 octet), length (2), value.   A reader skips blocks of types that it does not know.
/// type 1, the interfaces: flags (bit 0: too many to say), then each:
///     name length (1), name (UTF-8), flags (bit 0: speaks IPv6), number of subnets (1), then each:
///         prefix length, with bit 7 set for IPv6 (1; 128 itself is never stated), and the octets of the prefix that this length needs
/// </code>
/// MetalLB's members have no metadata. They, other versions and malformed octets state nothing.
/// </summary>
public static class InterfaceStatement
{
    /// <summary>The most that a member may spread, in octets.</summary>
    public const int MostBytes = 512;

    private const int HeaderBytes = 4;
    private const int BlockHeaderBytes = 3;
    private const byte Version = 1;
    private const byte InterfacesBlock = 1;
    private const byte Ipv6Subnet = 0x80;

    private static ReadOnlySpan<byte> Magic => "FLB"u8;

    /// <summary>Writes a statement; "too many to say" when it does not fit.</summary>
    public static byte[] Encode(StatedInterfaces stated)
    {
        var body = new List<byte> { (byte)(stated.IsEverything ? 1 : 0) };
        foreach (var item in stated.Interfaces)
        {
            var name = Encoding.UTF8.GetBytes(item.Name);
            if (name.Length > byte.MaxValue || item.Subnets.Length > byte.MaxValue)
                return Encode(StatedInterfaces.Everything);
            body.Add((byte)name.Length);
            body.AddRange(name);
            body.Add((byte)(item.SpeaksIpv6 ? 1 : 0));
            body.Add((byte)item.Subnets.Length);
            foreach (var subnet in item.Subnets)
                AddSubnet(body, subnet);
        }
        if (HeaderBytes + BlockHeaderBytes + body.Count > MostBytes)
            return Encode(StatedInterfaces.Everything);
        return [.. Magic, Version, InterfacesBlock, (byte)(body.Count >> 8), (byte)(body.Count & 0xFF), .. body];
    }

    /// <summary>Reads what a member spreads; null when it states nothing of its interfaces.</summary>
    public static StatedInterfaces? Decode(ReadOnlySpan<byte> metadata)
    {
        var reader = new ByteReader(metadata);
        if (!reader.ReadBytes(Magic.Length).SequenceEqual(Magic) || reader.ReadByte() != Version)
            return null;
        StatedInterfaces? stated = null;
        while (reader.RemainingBytes > 0 && !reader.Failed)
        {
            var type = reader.ReadByte();
            var value = reader.ReadBytes(reader.ReadUInt16());
            if (type == InterfacesBlock && !reader.Failed)
                stated = DecodeInterfaces(value);
        }
        return reader.Failed ? null : stated;
    }

    private static void AddSubnet(List<byte> body, IpPrefix subnet)
    {
        Span<byte> address = stackalloc byte[subnet.First.SizeBytes];
        subnet.First.Write(address);
        body.Add((byte)(subnet.Length | (subnet.First.IsIPv6 ? Ipv6Subnet : 0)));
        body.AddRange(address[..((subnet.Length + 7) / 8)]);
    }

    private static StatedInterfaces? DecodeInterfaces(ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(value);
        if ((reader.ReadByte() & 1) != 0)
            return StatedInterfaces.Everything;
        var interfaces = new SortedDictionary<string, StatedInterface>(StringComparer.Ordinal);
        while (reader.RemainingBytes > 0 && !reader.Failed)
        {
            var name = Encoding.UTF8.GetString(reader.ReadBytes(reader.ReadByte()));
            var speaksIpv6 = (reader.ReadByte() & 1) != 0;
            var subnets = new IpPrefix?[reader.ReadByte()];
            for (var i = 0; i < subnets.Length && !reader.Failed; i++)
                subnets[i] = ReadSubnet(ref reader);
            if (reader.Failed || subnets.Contains(null) || !interfaces.TryAdd(name, new(name, speaksIpv6, Sorted(subnets))))
                return null;
        }
        return reader.Failed ? null : StatedInterfaces.Of(interfaces.Values);
    }

    private static ImmutableArray<IpPrefix> Sorted(IpPrefix?[] subnets) => [.. subnets.Select(subnet => subnet!.Value).Distinct().Order()];

    private static IpPrefix? ReadSubnet(ref ByteReader reader)
    {
        var first = reader.ReadByte();
        Span<byte> address = stackalloc byte[(first & Ipv6Subnet) != 0 ? 16 : 4];
        address.Clear();
        var length = first & ~Ipv6Subnet;
        if (length > address.Length * 8)
            return null;
        var octets = reader.ReadBytes((length + 7) / 8);
        octets.CopyTo(address);
        return reader.Failed ? null : new IpPrefix(IpAddress.Read(address), length);
    }
}
