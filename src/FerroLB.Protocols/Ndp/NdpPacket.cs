using System;
using System.Buffers.Binary;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Ndp;

/// <summary>
/// A Neighbor Solicitation or Advertisement inside its IPv6 packet (RFC 4861 4.3 and 4.4). Reading checks the form and the checksum;
/// whether the message is acceptable (hop limit, destination) is for the reader's owner to judge.
/// </summary>
/// <param name="Type">Solicitation or advertisement.</param>
/// <param name="Source">The IPv6 source; :: when the sender has no address yet and probes for one (RFC 4862 5.4.2).</param>
/// <param name="Destination">The IPv6 destination.</param>
/// <param name="Target">The address that is asked for, or advertised.</param>
public readonly record struct NdpPacket(NdpType Type, IpAddress Source, IpAddress Destination, IpAddress Target)
{
    /// <summary>Octets of a written frame: Ethernet, IPv6, the message and one link-layer option.</summary>
    public const int FrameBytes = EthernetHeader.SizeBytes + Ipv6HeaderBytes + MessageBytes + OptionBytes;

    /// <summary>The hop limit that proves that no router forwarded the packet (RFC 4861 7.1).</summary>
    public const byte RequiredHopLimit = 255;

    private const int Ipv6HeaderBytes = 40;
    private const int MessageBytes = 24;
    private const int OptionBytes = 8;
    private const byte Icmpv6 = 58;
    private const byte SourceLinkLayerAddress = 1;
    private const byte TargetLinkLayerAddress = 2;

    /// <summary>Of an advertisement: what it says about itself.</summary>
    public NdpFlags Flags { get; init; }

    /// <summary>The source link-layer address of a solicitation, or the target's of an advertisement; null when there is none.</summary>
    public MacAddress? LinkLayerAddress { get; init; }

    /// <summary>The IPv6 hop limit as received.</summary>
    public byte HopLimit { get; init; }

    /// <summary>
    /// Reads an IPv6 packet; octets after it (padding) are ignored. <see cref="NdpReading.NotNdp"/> for any other packet, also behind
    /// extension headers, which hosts must not use for these messages unless the packet is whole (RFC 6980) and in practice do not.
    /// </summary>
    public static NdpReading TryRead(ReadOnlySpan<byte> bytes, out NdpPacket packet)
    {
        packet = default;
        var reader = new ByteReader(bytes);
        var version = reader.ReadUInt32() >> 28;
        var payloadBytes = reader.ReadUInt16();
        var nextHeader = reader.ReadByte();
        var hopLimit = reader.ReadByte();
        var source = reader.ReadIPv6();
        var destination = reader.ReadIPv6();
        if (reader.Failed || version != 6 || payloadBytes > reader.RemainingBytes)
            return NdpReading.Malformed;
        var message = reader.Rest[..payloadBytes];
        if (nextHeader != Icmpv6 || payloadBytes == 0 || message[0] is not ((byte)NdpType.Solicitation or (byte)NdpType.Advertisement))
            return NdpReading.NotNdp;
        if (message.Length < MessageBytes || message[1] != 0 || ChecksumOf(source, destination, message) != 0)
            return NdpReading.Malformed;
        packet = new((NdpType)message[0], source, destination, IpAddress.Read(message[8..24]))
        {
            Flags = message[0] == (byte)NdpType.Advertisement ? (NdpFlags)(message[4] & 0xE0) : NdpFlags.None,
            HopLimit = hopLimit,
        };
        return TryReadOptions(message[MessageBytes..], ref packet) ? NdpReading.Read : NdpReading.Malformed;
    }

    /// <summary>
    /// Writes an untagged Ethernet frame of <see cref="FrameBytes"/> octets with hop limit 255. The link-layer address must be there.
    /// </summary>
    public void WriteFrame(Span<byte> frame, MacAddress destination, MacAddress source)
    {
        var writer = new ByteWriter(frame);
        new EthernetHeader(destination, source, EtherType.IPv6).Write(ref writer);
        writer.WriteUInt32(6u << 28);
        writer.WriteUInt16(MessageBytes + OptionBytes);
        writer.WriteByte(Icmpv6);
        writer.WriteByte(RequiredHopLimit);
        writer.WriteIp(Source);
        writer.WriteIp(Destination);
        writer.WriteByte((byte)Type);
        writer.WriteByte(0);
        writer.WriteUInt16(0);
        writer.WriteUInt32((uint)Flags << 24);
        writer.WriteIp(Target);
        writer.WriteByte(Type == NdpType.Solicitation ? SourceLinkLayerAddress : TargetLinkLayerAddress);
        writer.WriteByte(1);
        writer.WriteMac(LinkLayerAddress ?? MacAddress.Zero);
        var message = frame[(EthernetHeader.SizeBytes + Ipv6HeaderBytes)..];
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], ChecksumOf(Source, Destination, message[..(MessageBytes + OptionBytes)]));
    }

    private static bool TryReadOptions(ReadOnlySpan<byte> options, ref NdpPacket packet)
    {
        var wanted = packet.Type == NdpType.Solicitation ? SourceLinkLayerAddress : TargetLinkLayerAddress;
        while (!options.IsEmpty)
        {
            // The length counts units of eight octets; zero would never end (RFC 4861 4.6).
            if (options.Length < 2 || options[1] == 0 || options[1] * 8 > options.Length)
                return false;
            if (options[0] == wanted && options[1] == 1 && packet.LinkLayerAddress is null)
                packet = packet with { LinkLayerAddress = MacAddress.Read(options[2..]) };
            options = options[(options[1] * 8)..];
        }
        return true;
    }

    /// <summary>The checksum over the pseudo-header (RFC 8200 8.1) and the message; 0 when the message carries the right one.</summary>
    private static ushort ChecksumOf(IpAddress source, IpAddress destination, ReadOnlySpan<byte> message)
    {
        Span<byte> pseudo = stackalloc byte[40];
        source.Write(pseudo);
        destination.Write(pseudo[16..]);
        BinaryPrimitives.WriteUInt32BigEndian(pseudo[32..], (uint)message.Length);
        BinaryPrimitives.WriteUInt32BigEndian(pseudo[36..], Icmpv6);
        return Checksum.Finish(Checksum.Add(Checksum.Add(0, pseudo), message));
    }
}

/// <summary>Which of the two messages it is (ICMPv6 type).</summary>
public enum NdpType : byte
{
    /// <summary>Who has the target address? (RFC 4861 4.3)</summary>
    Solicitation = 135,

    /// <summary>The target address is at this link-layer address. (RFC 4861 4.4)</summary>
    Advertisement = 136,
}

/// <summary>What an advertisement says about itself (RFC 4861 4.4).</summary>
[Flags]
public enum NdpFlags : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Replace what you know about the target.</summary>
    Override = 0x20,

    /// <summary>This answers a solicitation.</summary>
    Solicited = 0x40,

    /// <summary>The sender is a router.</summary>
    Router = 0x80,
}

/// <summary>What came of reading a packet.</summary>
public enum NdpReading
{
    /// <summary>It was read.</summary>
    Read,

    /// <summary>It is neither a solicitation nor an advertisement.</summary>
    NotNdp,

    /// <summary>It is too short, has a wrong checksum, or its options do not add up.</summary>
    Malformed,
}
