using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Reads addresses, blocks and ranges with a parser of its own, so that a mistake in the product's cannot hide itself.
/// </summary>
internal static class AddressText
{
    /// <summary>The address, or null when the text is none. IPv4 written inside IPv6 is IPv4.</summary>
    public static IpAddress? Read(string? text)
    {
        if (text is null)
            return null;
        if (!text.Contains(':', StringComparison.Ordinal))
            return ReadDotted(text) is { } four ? IpAddress.V4(four) : null;
        if (ReadGroups(text) is not { } value)
            return null;
        return value >> 32 == 0xFFFF ? IpAddress.V4((uint)(value & uint.MaxValue)) : IpAddress.V6(value);
    }

    /// <summary>The first and the last address of "address/length" or "first-last"; null when the text is neither.</summary>
    public static (IpAddress First, IpAddress Last)? ReadRange(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
            return ReadBlock(text);
        return Read(text[..dash].Trim()) is { } first && Read(text[(dash + 1)..].Trim()) is { } last &&
            first.Family == last.Family && first <= last ? (first, last) : null;
    }

    private static (IpAddress First, IpAddress Last)? ReadBlock(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || Read(text[..slash]) is not { } address ||
            !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return null;
        var bits = address.IsIPv4 ? 32 : 128;
        if (length > bits)
            return null;
        var hosts = length == 0 && bits == 128 ? UInt128.MaxValue : (UInt128.One << (bits - length)) - 1;
        var first = address.Value & ~hosts;
        return (IpAddress.From(address.Family, first), IpAddress.From(address.Family, first | hosts));
    }

    private static uint? ReadDotted(string text)
    {
        var parts = text.Split('.');
        if (parts.Length != 4 || !parts.All(part =>
            part.Length is > 0 and < 4 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0') &&
            int.Parse(part, CultureInfo.InvariantCulture) < 256))
            return null;
        return parts.Aggregate(0u, (value, part) => value << 8 | uint.Parse(part, CultureInfo.InvariantCulture));
    }

    private static UInt128? ReadGroups(string text)
    {
        var halves = text.Split("::");
        if (halves.Length > 2 || ReadHalf(halves[0]) is not { } left || ReadHalf(halves[^1]) is not { } right)
            return null;
        var groups = halves.Length == 1 ? left : [.. left, .. Enumerable.Repeat(0u, Math.Max(0, 8 - left.Count - right.Count)), .. right];
        var isFull = halves.Length == 1 ? left.Count == 8 : left.Count + right.Count < 8;
        return isFull ? groups.Aggregate(UInt128.Zero, (value, group) => value << 16 | group) : null;
    }

    private static List<uint>? ReadHalf(string text)
    {
        var groups = new List<uint>();
        var parts = text.Length == 0 ? [] : text.Split(':');
        for (var i = 0; i < parts.Length; i++)
        {
            if (i == parts.Length - 1 && ReadDotted(parts[i]) is { } four)
                groups.AddRange([four >> 16, four & 0xFFFF]);
            else if (parts[i].Length is > 0 and < 5 && parts[i].All(char.IsAsciiHexDigit))
                groups.Add(uint.Parse(parts[i], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            else
                return null;
        }
        return groups;
    }
}
