using System;
using System.Collections.Immutable;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>Reads the segments of AS_PATH and AS4_PATH (RFC 4271 section 4.3).</summary>
internal static class BgpAsPathReader
{
    private const byte AsBytes = 2;
    private const byte As4Bytes = 4;

    /// <summary>Walks through the segments; null when they are sound, else the first fault. A set is found only when nothing worse
    /// is.</summary>
    public static BgpUpdateFault? FaultIn(ReadOnlySpan<byte> octets, bool hasFourOctets, bool takesConfederations)
    {
        var reader = new ByteReader(octets);
        var hasSet = false;
        while (reader.RemainingBytes > 0)
        {
            var type = (BgpAsPathSegmentType)reader.ReadByte();
            int count = reader.ReadByte();
            var asns = reader.ReadBytes(count * (hasFourOctets ? As4Bytes : AsBytes));
            var isConfederation = type is BgpAsPathSegmentType.ConfederationSequence or BgpAsPathSegmentType.ConfederationSet;
            if (type is < BgpAsPathSegmentType.Set or > BgpAsPathSegmentType.ConfederationSet || (isConfederation && !takesConfederations))
                return BgpUpdateFault.SegmentType;
            if (reader.Failed || count == 0)
                return BgpUpdateFault.SegmentLength;
            if (HasZero(asns, hasFourOctets))
                return BgpUpdateFault.AsZero;
            hasSet |= type is BgpAsPathSegmentType.Set or BgpAsPathSegmentType.ConfederationSet;
        }
        return hasSet ? BgpUpdateFault.AsSet : null;
    }

    /// <summary>Reads segments that were found sound.</summary>
    public static BgpAsPath Read(ReadOnlySpan<byte> octets, bool hasFourOctets)
    {
        var segments = ImmutableArray.CreateBuilder<BgpAsPathSegment>();
        var reader = new ByteReader(octets);
        while (reader.RemainingBytes > 0)
        {
            var type = (BgpAsPathSegmentType)reader.ReadByte();
            var asns = ImmutableArray.CreateBuilder<uint>(reader.ReadByte());
            for (var i = 0; i < asns.Capacity; i++)
                asns.Add(hasFourOctets ? reader.ReadUInt32() : reader.ReadUInt16());
            segments.Add(new(type, asns.MoveToImmutable()));
        }
        return new(segments.ToImmutable());
    }

    /// <summary>Reads an AS4_PATH that was found sound; confederations do not belong there (RFC 6793 section 6).</summary>
    public static BgpAsPath ReadAs4Path(ReadOnlySpan<byte> octets)
    {
        var path = Read(octets, hasFourOctets: true);
        return new(path.Segments.RemoveAll(s => s.Type is > BgpAsPathSegmentType.Sequence));
    }

    /// <summary>The nearest AS of sound segments; null when the first is no sequence, or there is none.</summary>
    public static uint? FirstOf(ReadOnlySpan<byte> octets, bool hasFourOctets)
    {
        var reader = new ByteReader(octets);
        var isSequence = (BgpAsPathSegmentType)reader.ReadByte() == BgpAsPathSegmentType.Sequence;
        reader.ReadByte();
        var first = hasFourOctets ? reader.ReadUInt32() : reader.ReadUInt16();
        return isSequence && !reader.Failed ? first : null;
    }

    private static bool HasZero(ReadOnlySpan<byte> asns, bool hasFourOctets)
    {
        for (var reader = new ByteReader(asns); reader.RemainingBytes > 0;)
        {
            if ((hasFourOctets ? reader.ReadUInt32() : reader.ReadUInt16()) == 0)
                return true;
        }
        return false;
    }
}
