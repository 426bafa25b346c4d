using System;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Arp;

/// <summary>An ARP packet that maps IPv4 to 48-bit hardware addresses (RFC 826).</summary>
/// <param name="Operation">Request, reply, or another number.</param>
/// <param name="SenderMac">ar$sha.</param>
/// <param name="SenderAddress">ar$spa; 0.0.0.0 in a probe (RFC 5227).</param>
/// <param name="TargetMac">ar$tha; meaningless in a request.</param>
/// <param name="TargetAddress">ar$tpa.</param>
public readonly record struct ArpPacket(
    ArpOperation Operation, MacAddress SenderMac, IpAddress SenderAddress, MacAddress TargetMac, IpAddress TargetAddress)
{
    /// <summary>Octets on the wire.</summary>
    public const int SizeBytes = 28;

    private const ushort EthernetHardware = 1;

    /// <summary>
    /// Reads a packet; octets after it (padding) are ignored. False when it is too short, or maps something other than IPv4 to 48-bit
    /// addresses. The hardware type is not looked at: 802 networks write 1 or 6, and the address length tells what matters.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ArpPacket packet)
    {
        var reader = new ByteReader(bytes);
        reader.ReadUInt16();
        var protocol = (EtherType)reader.ReadUInt16();
        var macBytes = reader.ReadByte();
        var addressBytes = reader.ReadByte();
        packet = new(
            (ArpOperation)reader.ReadUInt16(), reader.ReadMac(), reader.ReadIPv4(), reader.ReadMac(), reader.ReadIPv4());
        return !reader.Failed && protocol == EtherType.IPv4 && macBytes == MacAddress.SizeBytes && addressBytes == 4;
    }

    /// <summary>Writes the packet with hardware type 1 (Ethernet). Both addresses must be IPv4.</summary>
    public void Write(ref ByteWriter writer)
    {
        writer.WriteUInt16(EthernetHardware);
        writer.WriteUInt16((ushort)EtherType.IPv4);
        writer.WriteByte(MacAddress.SizeBytes);
        writer.WriteByte(4);
        writer.WriteUInt16((ushort)Operation);
        writer.WriteMac(SenderMac);
        writer.WriteIp(SenderAddress);
        writer.WriteMac(TargetMac);
        writer.WriteIp(TargetAddress);
    }

    /// <summary>Writes an untagged, padded Ethernet frame with the packet; the span holds at least the shortest frame.</summary>
    public void WriteFrame(Span<byte> frame, MacAddress destination)
    {
        var writer = new ByteWriter(frame);
        new EthernetHeader(destination, SenderMac, EtherType.Arp).Write(ref writer);
        Write(ref writer);
        EthernetHeader.Pad(ref writer);
    }
}
