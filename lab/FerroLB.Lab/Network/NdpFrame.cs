using System;
using System.Buffers.Binary;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>
/// A Neighbor Solicitation or Advertisement (RFC 4861 4.3 and 4.4) in IPv6 in an Ethernet frame, written and read by the lab's own hand, so
/// that a fault in the product's codec cannot hide behind itself.
/// </summary>
public sealed record NdpFrame
{
    private const int HeadBytes = 14 + 40;
    private const int MessageBytes = 24;
    private const int OptionBytes = 8;
    private const byte Icmpv6 = 58;
    private const byte HopLimit = 255;
    private const byte Solicitation = 135;
    private const byte Advertisement = 136;

    /// <summary>The frame's destination.</summary>
    public MacAddress Destination { get; init; }

    /// <summary>The frame's source.</summary>
    public MacAddress Source { get; init; }

    /// <summary>The IPv6 source; :: in a probe for a duplicate.</summary>
    public IpAddress SourceIp { get; init; }

    /// <summary>The IPv6 destination.</summary>
    public IpAddress DestinationIp { get; init; }

    /// <summary>Whether it is an advertisement, else a solicitation.</summary>
    public bool IsAdvertisement { get; init; }

    /// <summary>Of an advertisement: whether it answers somebody.</summary>
    public bool IsSolicited { get; init; }

    /// <summary>Of an advertisement: whether it replaces what is known.</summary>
    public bool Overrides { get; init; }

    /// <summary>The address that it is about.</summary>
    public IpAddress Target { get; init; }

    /// <summary>The sender's (of a solicitation) or target's (of an advertisement) hardware address; null when it is not told.</summary>
    public MacAddress? LinkLayer { get; init; }

    /// <summary>The group in which an address is asked for (RFC 4291 2.7.1).</summary>
    public static IpAddress GroupOf(IpAddress target) =>
        IpAddress.V6(new UInt128(0xff02_0000_0000_0000, 0x0000_0001_ff00_0000 | (ulong)(target.Value & 0xFF_FFFF)));

    /// <summary>The hardware address of a multicast group, of either family (RFC 2464 7, RFC 1112 6.4).</summary>
    public static MacAddress MacOf(IpAddress group) => group.IsIPv4
        ? new(0x01_00_5E_00_00_00 | (ulong)(group.Value & 0x7F_FFFF))
        : new(0x33_33_00_00_00_00 | (ulong)(group.Value & 0xFFFF_FFFF));

    /// <summary>Asks for an address, in its group or by unicast.</summary>
    public static NdpFrame Ask(MacAddress sender, IpAddress senderIp, IpAddress target, MacAddress? to = null) => new()
    {
        Destination = to ?? MacOf(GroupOf(target)),
        Source = sender,
        SourceIp = senderIp,
        DestinationIp = to is null ? GroupOf(target) : target,
        Target = target,
        LinkLayer = sender,
    };

    /// <summary>Writes the frame.</summary>
    public byte[] Encode()
    {
        var payloadBytes = MessageBytes + (LinkLayer is null ? 0 : OptionBytes);
        var frame = new byte[HeadBytes + payloadBytes];
        var writer = new ByteWriter(frame);
        writer.WriteMac(Destination);
        writer.WriteMac(Source);
        writer.WriteUInt16(0x86DD);
        writer.WriteUInt32(0x6000_0000);
        writer.WriteUInt16((ushort)payloadBytes);
        writer.WriteByte(Icmpv6);
        writer.WriteByte(HopLimit);
        writer.WriteIp(SourceIp);
        writer.WriteIp(DestinationIp);
        writer.WriteByte(IsAdvertisement ? Advertisement : Solicitation);
        writer.WriteByte(0);
        writer.WriteUInt16(0);
        writer.WriteUInt32((IsSolicited ? 0x4000_0000u : 0) | (Overrides ? 0x2000_0000u : 0));
        writer.WriteIp(Target);
        if (LinkLayer is { } mac)
        {
            writer.WriteByte(IsAdvertisement ? (byte)2 : (byte)1);
            writer.WriteByte(1);
            writer.WriteMac(mac);
        }
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(HeadBytes + 2), (ushort)(Sum(frame) ^ 0xFFFF));
        return frame;
    }

    /// <summary>Reads a frame; null when it is no acceptable message of the two kinds.</summary>
    public static NdpFrame? Decode(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < HeadBytes + MessageBytes || frame[12] != 0x86 || frame[13] != 0xDD || frame[14] >> 4 != 6 ||
            frame[20] != Icmpv6 || frame[21] != HopLimit || frame[54] is not (Solicitation or Advertisement) || frame[55] != 0 ||
            BinaryPrimitives.ReadUInt16BigEndian(frame[18..]) != frame.Length - HeadBytes || Sum(frame) != 0xFFFF)
            return null;
        var isAdvertisement = frame[54] == Advertisement;
        if (!TryReadOptions(frame[(HeadBytes + MessageBytes)..], isAdvertisement ? (byte)2 : (byte)1, out var linkLayer))
            return null;
        return new()
        {
            Destination = MacAddress.Read(frame),
            Source = MacAddress.Read(frame[6..]),
            SourceIp = IpAddress.Read(frame[22..38]),
            DestinationIp = IpAddress.Read(frame[38..54]),
            IsAdvertisement = isAdvertisement,
            IsSolicited = (frame[58] & 0x40) != 0,
            Overrides = (frame[58] & 0x20) != 0,
            Target = IpAddress.Read(frame[62..78]),
            LinkLayer = linkLayer,
        };
    }

    private static bool TryReadOptions(ReadOnlySpan<byte> options, byte wanted, out MacAddress? linkLayer)
    {
        linkLayer = null;
        for (; !options.IsEmpty; options = options[(options[1] * 8)..])
        {
            if (options.Length < 8 || options[1] == 0 || options.Length < options[1] * 8)
                return false;
            if (options[0] == wanted)
                linkLayer = MacAddress.Read(options[2..]);
        }
        return true;
    }

    // RFC 8200 8.1: the addresses, the length and the next header are summed with the message. 0xFFFF when the checksum in it is right.
    private static ushort Sum(ReadOnlySpan<byte> frame)
    {
        var sum = (uint)(frame.Length - HeadBytes) + Icmpv6;
        for (var at = 22; at < frame.Length; at += 2)
            sum += (uint)frame[at] << 8 | (at + 1 < frame.Length ? frame[at + 1] : (uint)0);
        while (sum >> 16 != 0)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }
}
