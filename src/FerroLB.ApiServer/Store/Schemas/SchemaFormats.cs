using System;
using System.Buffers;
using System.Globalization;
using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>The string formats of OpenAPI that Kubernetes checks; formats it does not know are never wrong.</summary>
internal static class SchemaFormats
{
    private static readonly string[] LongUnits =
        ["nano", "micro", "milli", "sec", "second", "min", "minute", "hr", "hour", "day", "wk", "week"];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Whether text has a format.</summary>
    public static bool Matches(string format, string text) => format switch
    {
        "date-time" or "datetime" => IsDateTime(text),
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "duration" => IsOpenApiDuration(text),
        "ipv4" => IpAddress.TryParse(text, out var v4) && v4.IsIPv4 && !text.Contains(':', StringComparison.Ordinal),
        "ipv6" => IpAddress.TryParse(text, out _) && text.Contains(':', StringComparison.Ordinal),
        "cidr" => IpPrefix.TryParse(text, out _),
        "mac" => IsMac(text),
        "uuid" => Guid.TryParseExact(text, "D", out _) || Guid.TryParseExact(text, "N", out _),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _) || text.StartsWith('/'),
        "byte" => IsBase64(text),
        _ => true,
    };

    /// <summary>Whether text is base64 (RFC 4648 section 4).</summary>
    public static bool IsBase64(string text)
    {
        Span<byte> bytes = text.Length <= 1024 ? stackalloc byte[1024] : new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out _);
    }

    /// <summary>Whether text is an RFC 3339 time.</summary>
    public static bool IsDateTime(string text) =>
        text.Length >= 20 && text[10] is 'T' or 't' &&
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    /// <summary>Reads a duration of Go's form, as in "1h30m", "300ms", "-1.5s"; "0" needs no unit.</summary>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var rest = text.AsSpan();
        var negative = rest.StartsWith("-");
        if (negative || rest.StartsWith("+"))
            rest = rest[1..];
        if (rest.SequenceEqual("0"))
            return true;
        if (rest.IsEmpty)
            return false;
        var ticks = 0.0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var amount))
                return false;
            rest = rest[digits..];
            var unitLength = rest.IndexOfAny(Digits);
            var unit = unitLength < 0 ? rest : rest[..unitLength];
            if (TicksPer(unit) is not { } scale)
                return false;
            ticks += amount * scale;
            rest = rest[unit.Length..];
        }
        if (ticks > long.MaxValue / 2)
            return false;
        duration = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    private static double? TicksPer(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 0.01,
        "us" or "µs" or "μs" => 10,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        _ => null,
    };

    private static bool IsOpenApiDuration(string text)
    {
        if (TryParseDuration(text, out _))
            return true;
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var unit = space > 0 ? text[(space + 1)..].TrimEnd('s') : "";
        return Array.IndexOf(LongUnits, unit) >= 0 &&
            ulong.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    private static bool IsMac(string text)
    {
        if (text.Length != 17)
            return false;
        for (var i = 0; i < text.Length; i++)
        {
            if (i % 3 == 2 ? text[i] is not (':' or '-') : !char.IsAsciiHexDigit(text[i]))
                return false;
        }
        return true;
    }
}
