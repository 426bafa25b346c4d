using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Ethernet;

/// <summary>
/// The head of an Ethernet II frame, with up to two VLAN tags.
/// <para>
/// A frame travels without preamble and checksum, as packet sockets hand it over: destination, source, tags, EtherType, payload.
/// Reading takes any octets and allocates nothing: <see cref="TryRead"/> returns the header and the payload with whatever padding
/// follows it, since only the protocol inside knows its own length. Writing goes the other way: the caller writes the header, then
/// the payload, then <see cref="Pad"/> fills the frame up to the shortest one that Ethernet carries, because not every driver does.
/// </para>
/// </summary>
/// <param name="Destination">Who shall take the frame.</param>
/// <param name="Source">Who sent it.</param>
/// <param name="EtherType">What the payload is, behind all tags.</param>
public readonly record struct EthernetHeader(MacAddress Destination, MacAddress Source, EtherType EtherType)
{
    /// <summary>Octets of a header without tags.</summary>
    public const int SizeBytes = 14;

    /// <summary>Octets of the shortest frame, without its checksum (IEEE 802.3).</summary>
    public const int MinimumFrameBytes = 60;

    /// <summary>The first tag on the wire; null for an untagged frame.</summary>
    public VlanTag? OuterTag { get; init; }

    /// <summary>The second tag on the wire; null unless there are two.</summary>
    public VlanTag? InnerTag { get; init; }

    /// <summary>
    /// Whether the frame belongs to the untagged network: no tag, or tags that carry a priority only (VLAN identifier 0).
    /// </summary>
    public bool IsUntagged => OuterTag is not { VlanId: not 0 } && InnerTag is not { VlanId: not 0 };

    /// <summary>Reads a header; false when the frame is too short or has more than two tags.</summary>
    public static bool TryRead(ReadOnlySpan<byte> frame, out EthernetHeader header, out ReadOnlySpan<byte> payload)
    {
        var reader = new ByteReader(frame);
        header = new(reader.ReadMac(), reader.ReadMac(), (EtherType)reader.ReadUInt16());
        if (VlanTag.IsTag(header.EtherType))
            header = header with { OuterTag = new(header.EtherType, reader.ReadUInt16()), EtherType = (EtherType)reader.ReadUInt16() };
        if (VlanTag.IsTag(header.EtherType))
            header = header with { InnerTag = new(header.EtherType, reader.ReadUInt16()), EtherType = (EtherType)reader.ReadUInt16() };
        payload = reader.Rest;
        return !reader.Failed && !VlanTag.IsTag(header.EtherType);
    }

    /// <summary>Writes the header. An inner tag without an outer one is written as the only tag.</summary>
    public void Write(ref ByteWriter writer)
    {
        writer.WriteMac(Destination);
        writer.WriteMac(Source);
        WriteTag(ref writer, OuterTag);
        WriteTag(ref writer, InnerTag);
        writer.WriteUInt16((ushort)EtherType);
    }

    /// <summary>Fills a frame with zeros up to <see cref="MinimumFrameBytes"/>; the writer began at the frame's first octet.</summary>
    public static void Pad(ref ByteWriter writer)
    {
        while (writer.WrittenBytes < MinimumFrameBytes)
            writer.WriteByte(0);
    }

    private static void WriteTag(ref ByteWriter writer, VlanTag? tag)
    {
        if (tag is not { } present)
            return;
        writer.WriteUInt16((ushort)present.Protocol);
        writer.WriteUInt16(present.Control);
    }
}
