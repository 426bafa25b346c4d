using System;
using System.Globalization;

namespace FerroLB.Protocols.Gossip;

/// <summary>Durations as Go writes them: "300ms", "1.5h", "1m30s".</summary>
internal static class GoDuration
{
    private static readonly (string Unit, decimal Nanoseconds)[] Units =
    [
        ("ns", 1m), ("us", 1e3m), ("\u00b5s", 1e3m), ("\u03bcs", 1e3m), ("ms", 1e6m), ("s", 1e9m), ("m", 6e10m), ("h", 3.6e12m),
    ];

    /// <summary>Reads a duration that is not negative, of at most 1,000 hours.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var rest = text.AsSpan();
        if (rest is "0")
            return true;
        var nanoseconds = 0m;
        if (rest.IsEmpty || rest.Length > 64)
            return false;
        while (!rest.IsEmpty)
        {
            var digits = LengthOf(rest, isNumber: true);
            var number = rest[..digits];
            rest = rest[digits..];
            var letters = LengthOf(rest, isNumber: false);
            var factor = FactorOf(rest[..letters]);
            if (factor == 0 || number is "" or "." || number.Length > 15 ||
                !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value))
                return false;
            nanoseconds += value * factor;
            rest = rest[letters..];
        }
        if (nanoseconds > 1000 * 3.6e12m)
            return false;
        duration = new((long)(nanoseconds / 100));
        return true;
    }

    private static int LengthOf(ReadOnlySpan<char> text, bool isNumber)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiDigit(text[length]) || text[length] == '.') == isNumber)
            length++;
        return length;
    }

    private static decimal FactorOf(ReadOnlySpan<char> unit)
    {
        foreach (var (name, nanoseconds) in Units)
        {
            if (unit.SequenceEqual(name))
                return nanoseconds;
        }
        return 0;
    }
}
