using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>
/// An ARP packet (RFC 826) in an Ethernet frame, written and read by the lab's own hand, so that a fault in the product's codec cannot hide
/// behind itself.
/// </summary>
public sealed record ArpFrame
{
    /// <summary>Octets of a frame.</summary>
    public const int SizeBytes = 42;

    /// <summary>The frame's destination.</summary>
    public MacAddress Destination { get; init; }

    /// <summary>The frame's source.</summary>
    public MacAddress Source { get; init; }

    /// <summary>Whether it is a reply (operation 2), else a request (1).</summary>
    public bool IsReply { get; init; }

    /// <summary>Sender hardware address.</summary>
    public MacAddress SenderMac { get; init; }

    /// <summary>Sender protocol address.</summary>
    public IpAddress SenderIp { get; init; }

    /// <summary>Target hardware address.</summary>
    public MacAddress TargetMac { get; init; }

    /// <summary>Target protocol address.</summary>
    public IpAddress TargetIp { get; init; }

    /// <summary>A request for an address, to everybody or to one host.</summary>
    public static ArpFrame Request(MacAddress sender, IpAddress senderIp, IpAddress target, MacAddress? to = null) => new()
    {
        Destination = to ?? MacAddress.Broadcast,
        Source = sender,
        SenderMac = sender,
        SenderIp = senderIp,
        TargetMac = MacAddress.Zero,
        TargetIp = target,
    };

    /// <summary>Writes the frame.</summary>
    public byte[] Encode()
    {
        var frame = new byte[SizeBytes];
        var writer = new ByteWriter(frame);
        writer.WriteMac(Destination);
        writer.WriteMac(Source);
        writer.WriteUInt16(0x0806);
        writer.WriteUInt16(1);
        writer.WriteUInt16(0x0800);
        writer.WriteByte(6);
        writer.WriteByte(4);
        writer.WriteUInt16(IsReply ? (ushort)2 : (ushort)1);
        writer.WriteMac(SenderMac);
        writer.WriteIp(SenderIp);
        writer.WriteMac(TargetMac);
        writer.WriteIp(TargetIp);
        return frame;
    }

    /// <summary>Reads a frame; null when it is not ARP for IPv4 over Ethernet.</summary>
    public static ArpFrame? Decode(ReadOnlySpan<byte> frame)
    {
        var reader = new ByteReader(frame);
        var (destination, source) = (reader.ReadMac(), reader.ReadMac());
        if (reader.ReadUInt16() != 0x0806 || reader.ReadUInt16() != 1 || reader.ReadUInt16() != 0x0800 || reader.ReadUInt16() != 0x0604)
            return null;
        var operation = reader.ReadUInt16();
        var packet = new ArpFrame
        {
            Destination = destination,
            Source = source,
            IsReply = operation == 2,
            SenderMac = reader.ReadMac(),
            SenderIp = reader.ReadIPv4(),
            TargetMac = reader.ReadMac(),
            TargetIp = reader.ReadIPv4(),
        };
        return reader.Failed || operation is not (1 or 2) ? null : packet;
    }
}
