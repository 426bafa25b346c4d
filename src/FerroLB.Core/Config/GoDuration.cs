using System;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>Durations as Kubernetes objects write them, in the notation of Go: "90s", "1m30s", "1.5h", "250ms", "0".</summary>
internal static class GoDuration
{
    /// <summary>What a duration must look like, for messages.</summary>
    public const string Rule = "is not a duration";

    /// <summary>How to mend one, for messages.</summary>
    public const string Remedy = "Write a number with a unit (h, m, s, ms), such as 90s or 1m30s";

    private const int MostDigits = 18;

    private static readonly (string Name, long Nanoseconds)[] Units =
    [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];

    /// <summary>Reads a duration; false when the text is none, or does not fit into 64 bits of nanoseconds.</summary>
    public static bool TryParse(string text, out long nanoseconds)
    {
        nanoseconds = 0;
        var isNegative = text.StartsWith('-');
        var at = isNegative || text.StartsWith('+') ? 1 : 0;
        if (text.AsSpan(at).SequenceEqual("0"))
            return true;
        if (at == text.Length)
            return false;
        Int128 sum = 0;
        while (at < text.Length)
        {
            if (!TryReadPart(text, ref at, out var part))
                return false;
            sum += part;
            if (sum > long.MaxValue)
                return false;
        }
        nanoseconds = isNegative ? -(long)sum : (long)sum;
        return true;
    }

    /// <summary>A duration as a <see cref="TimeSpan"/>; what is shorter than its 100 ns is cut off.</summary>
    public static TimeSpan ToTimeSpan(long nanoseconds) => TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);

    private static bool TryReadPart(string text, ref int at, out Int128 nanoseconds)
    {
        nanoseconds = 0;
        var whole = TakeDigits(text, ref at);
        var fraction = "";
        if (at < text.Length && text[at] == '.')
        {
            at++;
            fraction = TakeDigits(text, ref at);
        }
        if (whole.Length + fraction.Length == 0 || TakeUnit(text, ref at) is not { } unit || whole.TrimStart('0').Length > MostDigits)
            return false;
        foreach (var digit in whole)
            nanoseconds = (nanoseconds * 10) + ((digit - '0') * unit);
        Int128 scale = 1;
        foreach (var digit in fraction.Take(MostDigits))
        {
            scale *= 10;
            nanoseconds += (digit - '0') * unit / scale;
        }
        return true;
    }

    private static Int128? TakeUnit(string text, ref int at)
    {
        var end = at;
        while (end < text.Length && text[end] != '.' && !char.IsAsciiDigit(text[end]))
            end++;
        var name = text[at..end];
        at = end;
        var index = Array.FindIndex(Units, unit => unit.Name == name);
        return index < 0 ? null : Units[index].Nanoseconds;
    }

    private static string TakeDigits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
            at++;
        return text[start..at];
    }
}
