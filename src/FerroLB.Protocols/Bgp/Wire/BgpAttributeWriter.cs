using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// Writes path attributes in ascending order of their types (RFC 4271 section 5). To a peer that knows only two-octet AS numbers, larger
/// ones are written as AS_TRANS, with AS4_PATH and AS4_AGGREGATOR beside (RFC 6793 section 4.2.2).
/// </summary>
public static class BgpAttributeWriter
{
    private const byte WellKnown = 0x40;
    private const byte Optional = 0x80;
    private const byte OptionalTransitive = 0xC0;
    private const byte ExtendedLength = 0x10;
    private const int MostSegmentAsns = 255;

    /// <summary>How many octets <see cref="Write"/> needs.</summary>
    public static int SizeBytes(BgpAttributes attributes, bool hasNextHop, bool fourOctetAs)
    {
        var size = attributes.Origin is null ? 0 : 4;
        if (attributes.AsPath is { } path)
        {
            size += Whole(PathBytes(path, fourOctetAs));
            size += !fourOctetAs && path.NeedsFourOctets ? Whole(As4PathBytes(path)) : 0;
        }
        size += hasNextHop ? 7 : 0;
        size += attributes.MultiExitDisc is null ? 0 : 7;
        size += attributes.LocalPref is null ? 0 : 7;
        size += attributes.IsAtomicAggregate ? 3 : 0;
        if (attributes.Aggregator is { } aggregator)
            size += fourOctetAs ? 11 : aggregator.Asn > ushort.MaxValue ? 9 + 11 : 9;
        size += List(attributes.Communities.Length, 4);
        size += attributes.OriginatorId is null ? 0 : 7;
        size += List(attributes.ClusterList.Length, 4);
        size += List(attributes.ExtendedCommunities.Length, BgpExtendedCommunity.SizeBytes);
        size += List(attributes.LargeCommunities.Length, BgpLargeCommunity.SizeBytes);
        size += attributes.OnlyToCustomer is null ? 0 : 7;
        foreach (var unknown in attributes.Unknown)
            size += Whole(unknown.Value.Length);
        return size;
    }

    /// <summary>
    /// Writes the attributes and returns how many octets that took. The span must hold <see cref="SizeBytes"/>.
    /// </summary>
    /// <param name="output">Where to write.</param>
    /// <param name="attributes">What to write.</param>
    /// <param name="nextHop">NEXT_HOP, for IPv4 prefixes in the NLRI field; null where MP_REACH_NLRI has the next hop.</param>
    /// <param name="fourOctetAs">Whether the peer reads AS numbers of four octets.</param>
    public static int Write(Span<byte> output, BgpAttributes attributes, IpAddress? nextHop, bool fourOctetAs)
    {
        var writer = new ByteWriter(output);
        if (attributes.Origin is { } origin)
        {
            WriteHead(ref writer, WellKnown, BgpAttributeType.Origin, 1);
            writer.WriteByte((byte)origin);
        }
        if (attributes.AsPath is { } path)
            WritePath(ref writer, path, fourOctetAs);
        if (nextHop is { } hop)
        {
            WriteHead(ref writer, WellKnown, BgpAttributeType.NextHop, 4);
            writer.WriteIp(hop);
        }
        WriteNumber(ref writer, Optional, BgpAttributeType.MultiExitDisc, attributes.MultiExitDisc);
        WriteNumber(ref writer, WellKnown, BgpAttributeType.LocalPref, attributes.LocalPref);
        if (attributes.IsAtomicAggregate)
            WriteHead(ref writer, WellKnown, BgpAttributeType.AtomicAggregate, 0);
        if (attributes.Aggregator is { } aggregator)
            WriteAggregator(ref writer, BgpAttributeType.Aggregator, aggregator, fourOctetAs);
        WriteReflectedAndCommunities(ref writer, attributes);
        if (!fourOctetAs && attributes.AsPath is { NeedsFourOctets: true } longPath)
            WriteAs4Path(ref writer, longPath);
        if (!fourOctetAs && attributes.Aggregator is { Asn: > ushort.MaxValue } longAggregator)
            WriteAggregator(ref writer, BgpAttributeType.As4Aggregator, longAggregator, fourOctetAs: true);
        WriteLast(ref writer, attributes);
        return writer.WrittenBytes;
    }

    private static void WriteReflectedAndCommunities(ref ByteWriter writer, BgpAttributes attributes)
    {
        if (attributes.Communities.Length > 0)
        {
            WriteHead(ref writer, OptionalTransitive, BgpAttributeType.Communities, 4 * attributes.Communities.Length);
            foreach (var community in attributes.Communities)
                writer.WriteUInt32(community.Value);
        }
        WriteNumber(ref writer, Optional, BgpAttributeType.OriginatorId, attributes.OriginatorId);
        if (attributes.ClusterList.Length > 0)
        {
            WriteHead(ref writer, Optional, BgpAttributeType.ClusterList, 4 * attributes.ClusterList.Length);
            foreach (var cluster in attributes.ClusterList)
                writer.WriteUInt32(cluster);
        }
        if (attributes.ExtendedCommunities.Length > 0)
        {
            var length = BgpExtendedCommunity.SizeBytes * attributes.ExtendedCommunities.Length;
            WriteHead(ref writer, OptionalTransitive, BgpAttributeType.ExtendedCommunities, length);
            foreach (var community in attributes.ExtendedCommunities)
                writer.WriteUInt64(community.Value);
        }
    }

    private static void WriteLast(ref ByteWriter writer, BgpAttributes attributes)
    {
        if (attributes.LargeCommunities.Length > 0)
        {
            var length = BgpLargeCommunity.SizeBytes * attributes.LargeCommunities.Length;
            WriteHead(ref writer, OptionalTransitive, BgpAttributeType.LargeCommunities, length);
            foreach (var community in attributes.LargeCommunities)
            {
                writer.WriteUInt32(community.GlobalAdministrator);
                writer.WriteUInt32(community.LocalData1);
                writer.WriteUInt32(community.LocalData2);
            }
        }
        WriteNumber(ref writer, OptionalTransitive, BgpAttributeType.OnlyToCustomer, attributes.OnlyToCustomer);
        foreach (var unknown in attributes.Unknown)
        {
            WriteHead(ref writer, unknown.Flags, (BgpAttributeType)unknown.Type, unknown.Value.Length);
            writer.WriteBytes(unknown.Value.Span);
        }
    }

    private static void WritePath(ref ByteWriter writer, BgpAsPath path, bool fourOctetAs)
    {
        WriteHead(ref writer, WellKnown, BgpAttributeType.AsPath, PathBytes(path, fourOctetAs));
        foreach (var segment in path.Segments)
            WriteSegment(ref writer, segment, fourOctetAs);
    }

    private static void WriteAs4Path(ref ByteWriter writer, BgpAsPath path)
    {
        WriteHead(ref writer, OptionalTransitive, BgpAttributeType.As4Path, As4PathBytes(path));
        foreach (var segment in path.Segments)
        {
            if (segment.Type <= BgpAsPathSegmentType.Sequence)
                WriteSegment(ref writer, segment, fourOctetAs: true);
        }
    }

    private static void WriteSegment(ref ByteWriter writer, BgpAsPathSegment segment, bool fourOctetAs)
    {
        for (var rest = segment.Asns.AsSpan(); !rest.IsEmpty;)
        {
            var part = rest[..Math.Min(rest.Length, MostSegmentAsns)];
            rest = rest[part.Length..];
            writer.WriteByte((byte)segment.Type);
            writer.WriteByte((byte)part.Length);
            foreach (var asn in part)
            {
                if (fourOctetAs)
                    writer.WriteUInt32(asn);
                else
                    writer.WriteUInt16(asn > ushort.MaxValue ? BgpOpen.AsTrans : (ushort)asn);
            }
        }
    }

    private static void WriteAggregator(ref ByteWriter writer, BgpAttributeType type, BgpAggregator aggregator, bool fourOctetAs)
    {
        WriteHead(ref writer, OptionalTransitive, type, fourOctetAs ? 8 : 6);
        if (fourOctetAs)
            writer.WriteUInt32(aggregator.Asn);
        else
            writer.WriteUInt16(aggregator.Asn > ushort.MaxValue ? BgpOpen.AsTrans : (ushort)aggregator.Asn);
        writer.WriteIp(aggregator.Address);
    }

    private static void WriteNumber(ref ByteWriter writer, byte flags, BgpAttributeType type, uint? value)
    {
        if (value is not { } number)
            return;
        WriteHead(ref writer, flags, type, 4);
        writer.WriteUInt32(number);
    }

    private static void WriteHead(ref ByteWriter writer, byte flags, BgpAttributeType type, int length)
    {
        var isLong = length > byte.MaxValue;
        writer.WriteByte((byte)(isLong ? flags | ExtendedLength : flags & ~ExtendedLength));
        writer.WriteByte((byte)type);
        if (isLong)
            writer.WriteUInt16((ushort)length);
        else
            writer.WriteByte((byte)length);
    }

    private static int Whole(int length) => length + (length > byte.MaxValue ? 4 : 3);

    private static int List(int count, int size) => count == 0 ? 0 : Whole(count * size);

    private static int PathBytes(BgpAsPath path, bool fourOctetAs)
    {
        var size = 0;
        foreach (var segment in path.Segments)
            size += SegmentBytes(segment, fourOctetAs);
        return size;
    }

    private static int As4PathBytes(BgpAsPath path)
    {
        var size = 0;
        foreach (var segment in path.Segments)
            size += segment.Type <= BgpAsPathSegmentType.Sequence ? SegmentBytes(segment, fourOctetAs: true) : 0;
        return size;
    }

    private static int SegmentBytes(BgpAsPathSegment segment, bool fourOctetAs) =>
        2 * ((segment.Asns.Length + MostSegmentAsns - 1) / MostSegmentAsns) + segment.Asns.Length * (fourOctetAs ? 4 : 2);
}
