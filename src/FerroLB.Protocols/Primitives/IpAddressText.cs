using System;
using System.Globalization;
using System.Text;

namespace FerroLB.Protocols.Primitives;

/// <summary>Reads and writes the text forms of addresses (RFC 4291 section 2.2, RFC 5952 section 4).</summary>
internal static class IpAddressText
{
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address)
    {
        address = default;
        // The number parsers below take NULs behind the digits for white space.
        if (text.Contains('\0'))
            return false;
        if (text.IndexOf(':') < 0)
        {
            if (!TryParseV4(text, out var value))
                return false;
            address = IpAddress.V4(value);
            return true;
        }
        if (!TryParseV6(text, out var wide))
            return false;
        address = wide >> 32 == 0xFFFF ? IpAddress.V4((uint)(wide & uint.MaxValue)) : IpAddress.V6(wide);
        return true;
    }

    private static bool TryParseV4(ReadOnlySpan<char> text, out uint value)
    {
        value = 0;
        for (var part = 0; part < 4; part++)
        {
            var dot = text.IndexOf('.');
            var digits = part < 3 ? dot < 0 ? default : text[..dot] : text;
            if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0'))
                return false;
            if (!byte.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var octet))
                return false;
            value = value << 8 | octet;
            text = part < 3 ? text[(dot + 1)..] : default;
        }
        return true;
    }

    private static bool TryParseV6(ReadOnlySpan<char> text, out UInt128 value)
    {
        value = 0;
        Span<ushort> groups = stackalloc ushort[8];
        int count = 0, gap = -1, position = 0;
        if (text.StartsWith("::"))
        {
            gap = 0;
            position = 2;
        }
        while (position < text.Length)
        {
            if (count == 8)
                return false;
            var rest = text[position..];
            var colon = rest.IndexOf(':');
            var group = colon < 0 ? rest : rest[..colon];
            if (colon < 0 && group.IndexOf('.') >= 0)
            {
                if (count > 6 || !TryParseV4(group, out var tail))
                    return false;
                groups[count++] = (ushort)(tail >> 16);
                groups[count++] = (ushort)(tail & 0xFFFF);
                break;
            }
            if (group.Length is 0 or > 4 ||
                !ushort.TryParse(group, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out groups[count]))
                return false;
            count++;
            position += group.Length;
            if (position == text.Length)
                break;
            position++;
            if (position == text.Length)
                return false;
            if (text[position] == ':')
            {
                if (gap >= 0)
                    return false;
                gap = count;
                position++;
            }
        }
        if (gap < 0 ? count != 8 : count > 7)
            return false;
        for (var i = 0; i < 8; i++)
        {
            var source = gap < 0 || i < gap ? i : i - (8 - count);
            var present = gap < 0 || i < gap || i >= gap + 8 - count;
            value = value << 16 | (present ? groups[source] : 0u);
        }
        return true;
    }

    public static string Format(IpAddress address)
    {
        if (address.IsIPv4)
        {
            var v = (uint)address.Value;
            return string.Create(CultureInfo.InvariantCulture, $"{v >> 24}.{v >> 16 & 255}.{v >> 8 & 255}.{v & 255}");
        }
        Span<ushort> groups = stackalloc ushort[8];
        for (var i = 0; i < 8; i++)
            groups[i] = (ushort)(address.Value >> (112 - 16 * i) & 0xFFFF);
        var (start, length) = LongestZeroRun(groups);
        var text = new StringBuilder(39);
        for (var i = 0; i < 8; i++)
        {
            if (i == start && length > 1)
            {
                text.Append("::");
                i += length - 1;
                continue;
            }
            if (text.Length > 0 && text[^1] != ':')
                text.Append(':');
            text.Append(CultureInfo.InvariantCulture, $"{groups[i]:x}");
        }
        return text.ToString();
    }

    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<ushort> groups)
    {
        int bestStart = -1, bestLength = 0, start = 0;
        for (var i = 0; i <= 8; i++)
        {
            if (i < 8 && groups[i] == 0)
                continue;
            if (i - start > bestLength)
                (bestStart, bestLength) = (start, i - start);
            start = i + 1;
        }
        return (bestStart, bestLength);
    }
}
