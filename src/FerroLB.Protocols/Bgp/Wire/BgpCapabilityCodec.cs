using System;
using System.Collections.Immutable;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>The octets of one capability: code, length, value (RFC 5492 section 4).</summary>
internal static class BgpCapabilityCodec
{
    private const int GracefulFamilyBytes = 4;
    private const int NextHopEncodingBytes = 6;

    /// <summary>Octets of the value.</summary>
    public static int ValueBytes(BgpCapability capability) => capability switch
    {
        BgpCapability.MultiProtocol or BgpCapability.FourOctetAs => 4,
        BgpCapability.ExtendedNextHop c => NextHopEncodingBytes * c.Encodings.Length,
        BgpCapability.GracefulRestart c => 2 + GracefulFamilyBytes * c.Families.Length,
        BgpCapability.Role => 1,
        BgpCapability.Unrecognized c => c.Value.Length,
        _ => 0,
    };

    public static void Write(ref ByteWriter writer, BgpCapability capability)
    {
        writer.WriteByte(capability.Code);
        writer.WriteByte((byte)ValueBytes(capability));
        switch (capability)
        {
            case BgpCapability.MultiProtocol c:
                writer.WriteUInt16(c.Family.Afi);
                writer.WriteByte(0);
                writer.WriteByte(c.Family.Safi);
                break;
            case BgpCapability.FourOctetAs c:
                writer.WriteUInt32(c.Asn);
                break;
            case BgpCapability.Role c:
                writer.WriteByte((byte)c.Value);
                break;
            case BgpCapability.ExtendedNextHop c:
                WriteEncodings(ref writer, c.Encodings);
                break;
            case BgpCapability.GracefulRestart c:
                WriteGracefulRestart(ref writer, c);
                break;
            case BgpCapability.Unrecognized c:
                writer.WriteBytes(c.Value.Span);
                break;
        }
    }

    /// <summary>Reads a value; one of an impossible length is not understood.</summary>
    public static BgpCapability Read(byte code, ReadOnlySpan<byte> value) => ((BgpCapabilityCode)code, value.Length) switch
    {
        (BgpCapabilityCode.MultiProtocol, 4) => new BgpCapability.MultiProtocol(new((ushort)(value[0] << 8 | value[1]), value[3])),
        (BgpCapabilityCode.RouteRefresh, 0) => new BgpCapability.RouteRefresh(),
        (BgpCapabilityCode.EnhancedRouteRefresh, 0) => new BgpCapability.EnhancedRouteRefresh(),
        (BgpCapabilityCode.ExtendedMessage, 0) => new BgpCapability.ExtendedMessage(),
        (BgpCapabilityCode.FourOctetAs, 4) => new BgpCapability.FourOctetAs(new ByteReader(value).ReadUInt32()),
        (BgpCapabilityCode.Role, 1) => new BgpCapability.Role((BgpRole)value[0]),
        (BgpCapabilityCode.ExtendedNextHop, var length) when length % NextHopEncodingBytes == 0 => ReadEncodings(value),
        (BgpCapabilityCode.GracefulRestart, >= 2) when (value.Length - 2) % GracefulFamilyBytes == 0 => ReadGracefulRestart(value),
        _ => new BgpCapability.Unrecognized(code, value.ToArray()),
    };

    private static void WriteEncodings(ref ByteWriter writer, ImmutableArray<BgpNextHopEncoding> encodings)
    {
        foreach (var encoding in encodings)
        {
            writer.WriteUInt16(encoding.Family.Afi);
            writer.WriteUInt16(encoding.Family.Safi);
            writer.WriteUInt16(encoding.NextHopAfi);
        }
    }

    private static void WriteGracefulRestart(ref ByteWriter writer, BgpCapability.GracefulRestart capability)
    {
        var seconds = Math.Min((int)capability.RestartTimeSeconds, BgpCapability.MostRestartTimeSeconds);
        writer.WriteUInt16((ushort)((capability.IsRestarting ? 0x8000 : 0) | (capability.SparesNotifications ? 0x4000 : 0) | seconds));
        foreach (var (family, keptForwarding) in capability.Families)
        {
            writer.WriteUInt16(family.Afi);
            writer.WriteByte(family.Safi);
            writer.WriteByte((byte)(keptForwarding ? 0x80 : 0));
        }
    }

    private static BgpCapability.ExtendedNextHop ReadEncodings(ReadOnlySpan<byte> value)
    {
        var encodings = ImmutableArray.CreateBuilder<BgpNextHopEncoding>(value.Length / NextHopEncodingBytes);
        for (var reader = new ByteReader(value); reader.RemainingBytes > 0;)
        {
            var afi = reader.ReadUInt16();
            var safi = reader.ReadUInt16();
            var nextHopAfi = reader.ReadUInt16();
            // A SAFI has one octet everywhere else; a larger number is no family at all.
            if (safi <= byte.MaxValue)
                encodings.Add(new(new(afi, (byte)safi), nextHopAfi));
        }
        return new(encodings.ToImmutable());
    }

    private static BgpCapability.GracefulRestart ReadGracefulRestart(ReadOnlySpan<byte> value)
    {
        var reader = new ByteReader(value);
        var head = reader.ReadUInt16();
        var families = ImmutableArray.CreateBuilder<BgpGracefulFamily>(value.Length / GracefulFamilyBytes);
        while (reader.RemainingBytes > 0)
        {
            var afi = reader.ReadUInt16();
            var safi = reader.ReadByte();
            families.Add(new(new(afi, safi), (reader.ReadByte() & 0x80) != 0));
        }
        return new((head & 0x8000) != 0, (head & 0x4000) != 0, (ushort)(head & 0xFFF), families.ToImmutable());
    }
}
