using System;
using System.Collections.Immutable;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>
/// The octets of an OPEN, with its optional parameters in the classic form or the extended one (RFC 9072), which is used when they need
/// more than 255 octets. All capabilities travel in one parameter (RFC 5492 section 4).
/// </summary>
internal static class BgpOpenCodec
{
    private const int FixedBytes = 10;
    private const byte CapabilitiesParameter = 2;
    private const byte ExtendedMark = 255;

    /// <summary>Capabilities beyond these make no sense: there are fewer codes, and families that can be named.</summary>
    private const int MostCapabilities = 1024;

    public static int BodyBytes(BgpOpen open)
    {
        var capabilities = CapabilityBytes(open);
        return FixedBytes + (capabilities == 0 ? 0 : IsExtended(capabilities) ? 6 + capabilities : 2 + capabilities);
    }

    public static void Write(ref ByteWriter writer, BgpOpen open)
    {
        writer.WriteByte(open.Version);
        writer.WriteUInt16(open.AsField);
        writer.WriteUInt16(open.HoldTimeSeconds);
        writer.WriteUInt32(open.Identifier);
        var capabilities = CapabilityBytes(open);
        if (capabilities == 0)
        {
            writer.WriteByte(0);
            return;
        }
        if (IsExtended(capabilities))
        {
            writer.WriteByte(ExtendedMark);
            writer.WriteByte(ExtendedMark);
            writer.WriteUInt16((ushort)(capabilities + 3));
            writer.WriteByte(CapabilitiesParameter);
            writer.WriteUInt16((ushort)capabilities);
        }
        else
        {
            writer.WriteByte((byte)(capabilities + 2));
            writer.WriteByte(CapabilitiesParameter);
            writer.WriteByte((byte)capabilities);
        }
        foreach (var capability in open.Capabilities)
            BgpCapabilityCodec.Write(ref writer, capability);
    }

    public static bool TryRead(ReadOnlySpan<byte> body, out BgpOpen? open, out BgpNotification? error)
    {
        var reader = new ByteReader(body);
        var version = reader.ReadByte();
        open = new(version, reader.ReadUInt16(), reader.ReadUInt16(), reader.ReadUInt32(), []);
        var length = reader.ReadByte();
        error = null;
        // What follows the version belongs to that version: of another one nothing else can be read.
        if (!reader.Failed && version != BgpOpen.BgpVersion)
            return true;
        var capabilities = ImmutableArray.CreateBuilder<BgpCapability>();
        error = reader.Failed ? BgpNotification.Open(BgpOpenSubcode.Unspecific) : ReadParameters(ref reader, length, capabilities);
        if (error is not null)
        {
            open = null;
            return false;
        }
        open = open with { Capabilities = capabilities.ToImmutable() };
        return true;
    }

    private static int CapabilityBytes(BgpOpen open)
    {
        var total = 0;
        foreach (var capability in open.Capabilities)
            total += 2 + BgpCapabilityCodec.ValueBytes(capability);
        return total;
    }

    private static bool IsExtended(int capabilityBytes) => capabilityBytes + 2 > byte.MaxValue;

    private static BgpNotification? ReadParameters(ref ByteReader reader, byte length, ImmutableArray<BgpCapability>.Builder capabilities)
    {
        int total = length;
        var isExtended = length > 0 && reader.RemainingBytes > 0 && reader.Rest[0] == ExtendedMark;
        if (isExtended)
        {
            reader.ReadByte();
            total = reader.ReadUInt16();
        }
        if (reader.Failed || total != reader.RemainingBytes)
            return BgpNotification.Open(BgpOpenSubcode.Unspecific);
        while (reader.RemainingBytes > 0)
        {
            var type = reader.ReadByte();
            var value = reader.ReadBytes(isExtended ? reader.ReadUInt16() : reader.ReadByte());
            if (reader.Failed)
                return BgpNotification.Open(BgpOpenSubcode.Unspecific);
            if (type != CapabilitiesParameter)
                return BgpNotification.Open(BgpOpenSubcode.UnsupportedOptionalParameter);
            if (!ReadCapabilities(value, capabilities))
                return BgpNotification.Open(BgpOpenSubcode.Unspecific);
        }
        return null;
    }

    private static bool ReadCapabilities(ReadOnlySpan<byte> octets, ImmutableArray<BgpCapability>.Builder capabilities)
    {
        var reader = new ByteReader(octets);
        while (reader.RemainingBytes > 0)
        {
            var code = reader.ReadByte();
            var value = reader.ReadBytes(reader.ReadByte());
            if (reader.Failed || capabilities.Count == MostCapabilities)
                return false;
            capabilities.Add(BgpCapabilityCodec.Read(code, value));
        }
        return true;
    }
}
