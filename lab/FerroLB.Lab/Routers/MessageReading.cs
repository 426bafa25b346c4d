using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>
/// Reads what speakers send with a reader of its own, so that a mistake in the product's cannot hide itself; strict as no product may be:
/// whatever is not exactly as the RFCs want it of a good speaker is a fault, told in words.
/// </summary>
internal static class MessageReading
{
    private const int OptionalFlag = 0x80;
    private const int TransitiveFlag = 0x40;
    private const int ExtendedLengthFlag = 0x10;

    /// <summary>Reads the body of an OPEN; null with a fault.</summary>
    public static HeardOpen? Open(ReadOnlySpan<byte> body, out string fault)
    {
        fault = "";
        var open = new HeardOpen();
        if (body.Length < 10 || body[0] != 4 || body[9] != body.Length - 10)
            return Fail<HeardOpen>("an OPEN whose version or lengths are wrong", out fault);
        open.Asn = BinaryPrimitives.ReadUInt16BigEndian(body[1..]);
        open.HoldSeconds = BinaryPrimitives.ReadUInt16BigEndian(body[3..]);
        if (open.HoldSeconds is 1 or 2 || BinaryPrimitives.ReadUInt32BigEndian(body[5..]) == 0 || open.Asn == 0)
            return Fail<HeardOpen>("an OPEN with an impossible AS, hold time or identifier", out fault);
        for (var parameters = body[10..]; parameters.Length >= 2; parameters = parameters[(2 + parameters[1])..])
        {
            if (parameters[0] != 2 || parameters.Length < 2 + parameters[1])
                return Fail<HeardOpen>($"an OPEN with a parameter {parameters[0]}", out fault);
            for (var rest = parameters.Slice(2, parameters[1]); rest.Length >= 2; rest = rest[(2 + rest[1])..])
            {
                if (rest.Length < 2 + rest[1] || !Capability(rest[0], rest.Slice(2, rest[1]), open))
                    return Fail<HeardOpen>($"an OPEN with a capability {rest[0]} of a wrong length", out fault);
            }
        }
        return open.IPv4 || open.IPv6 ? open : Fail<HeardOpen>("an OPEN without a family", out fault);
    }

    /// <summary>Reads the body of an UPDATE; null with a fault.</summary>
    /// <param name="body">What follows the header.</param>
    /// <param name="isInternal">Whether both sides are in one AS.</param>
    /// <param name="fourOctetAs">Whether AS numbers have four octets.</param>
    /// <param name="fault">What is wrong.</param>
    public static HeardUpdate? Update(ReadOnlySpan<byte> body, bool isInternal, bool fourOctetAs, out string fault)
    {
        var update = new HeardUpdate();
        if (body.Length < 4)
            return Fail<HeardUpdate>("an UPDATE that is too short", out fault);
        var withdrawnBytes = BinaryPrimitives.ReadUInt16BigEndian(body);
        if (body.Length < 4 + withdrawnBytes)
            return Fail<HeardUpdate>("an UPDATE whose lengths contradict", out fault);
        var attributeBytes = BinaryPrimitives.ReadUInt16BigEndian(body[(2 + withdrawnBytes)..]);
        if (body.Length < 4 + withdrawnBytes + attributeBytes)
            return Fail<HeardUpdate>("an UPDATE whose lengths contradict", out fault);
        var nlri = body[(4 + withdrawnBytes + attributeBytes)..];
        if (body.Length == 4)
            update.EndOfIPv4 = true;
        if (!Prefixes(body.Slice(2, withdrawnBytes), AddressFamily.IPv4, update.Withdrawn) ||
            !Prefixes(nlri, AddressFamily.IPv4, update.Announced))
            return Fail<HeardUpdate>("an UPDATE with a prefix that is none", out fault);
        var attributes = new AttributeReading(update, fourOctetAs);
        var wrong = Attributes(body.Slice(4 + withdrawnBytes, attributeBytes), attributes);
        fault = wrong ?? attributes.Judge(isInternal) ?? "";
        if (fault.Length > 0)
            return null;
        update.Words = attributes.Words;
        return update;
    }

    /// <summary>Reads prefixes to the end; false when one is none, or has bits beyond its length.</summary>
    public static bool Prefixes(ReadOnlySpan<byte> octets, AddressFamily family, List<IpPrefix> prefixes)
    {
        Span<byte> full = stackalloc byte[16];
        var size = family == AddressFamily.IPv4 ? 4 : 16;
        while (!octets.IsEmpty)
        {
            int length = octets[0], bytes = (length + 7) / 8;
            if (length > 8 * size || octets.Length < 1 + bytes)
                return false;
            full.Clear();
            octets.Slice(1, bytes).CopyTo(full);
            var address = IpAddress.Read(full[..size]);
            var prefix = new IpPrefix(address, length);
            if (prefix.First != address)
                return false;
            prefixes.Add(prefix);
            octets = octets[(1 + bytes)..];
        }
        return true;
    }

    private static string? Attributes(ReadOnlySpan<byte> octets, AttributeReading attributes)
    {
        while (!octets.IsEmpty)
        {
            var isExtended = octets.Length > 0 && (octets[0] & ExtendedLengthFlag) != 0;
            var head = isExtended ? 4 : 3;
            if (octets.Length < head)
                return "an attribute that is cut off";
            var length = isExtended ? BinaryPrimitives.ReadUInt16BigEndian(octets[2..]) : octets[2];
            if (octets.Length < head + length)
                return "an attribute that is cut off";
            var flags = octets[0] & ~ExtendedLengthFlag;
            var type = octets[1];
            int right = type switch
            {
                1 or 2 or 3 or 5 => TransitiveFlag,
                4 or 14 or 15 => OptionalFlag,
                _ => OptionalFlag | TransitiveFlag,
            };
            if (flags != right)
                return $"attribute {type} with flags {flags:x2}";
            if (attributes.Take(type, octets.Slice(head, length)) is { } fault)
                return fault;
            octets = octets[(head + length)..];
        }
        return null;
    }

    private static bool Capability(byte code, ReadOnlySpan<byte> value, HeardOpen open)
    {
        switch (code)
        {
            case 1 when value.Length == 4:
                open.IPv4 |= value.SequenceEqual((ReadOnlySpan<byte>)[0, 1, 0, 1]);
                open.IPv6 |= value.SequenceEqual((ReadOnlySpan<byte>)[0, 2, 0, 1]);
                return true;
            case 2 when value.IsEmpty:
                return open.RouteRefresh = true;
            case 6 when value.IsEmpty:
                return open.ExtendedMessages = true;
            case 65 when value.Length == 4:
                open.Asn = BinaryPrimitives.ReadUInt32BigEndian(value);
                return open.FourOctetAs = true;
            case 70 when value.IsEmpty:
                return open.EnhancedRefresh = true;
            case 64 when value.Length % 4 == 2:
                open.RestartSeconds = BinaryPrimitives.ReadUInt16BigEndian(value) & 0xFFF;
                for (var families = value[2..]; !families.IsEmpty; families = families[4..])
                {
                    open.KeptIPv4 |= families[1] == 1 && (families[3] & 0x80) != 0;
                    open.KeptIPv6 |= families[1] == 2 && (families[3] & 0x80) != 0;
                }
                return true;
            default:
                return code is not (1 or 2 or 6 or 64 or 65 or 70);
        }
    }

    private static T? Fail<T>(string what, out string fault)
        where T : class
    {
        fault = what;
        return null;
    }
}
