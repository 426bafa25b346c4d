using System;
using System.Collections.Generic;
using System.Globalization;

namespace FerroLB.Lab.Commands;

/// <summary>Seeds as written on the command line: "7", or "1..100" with both ends.</summary>
internal readonly record struct SeedRange(ulong First, ulong Last)
{
    private const ulong MostSeeds = 10_000_000;

    public static SeedRange? Parse(string text)
    {
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (first, last) = dots < 0 ? (text, text) : (text[..dots], text[(dots + 2)..]);
        return ulong.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var from) &&
            ulong.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var to) && from <= to && to - from < MostSeeds
            ? new(from, to)
            : null;
    }

    public IEnumerable<ulong> Seeds()
    {
        for (var seed = First; seed <= Last; seed++)
            yield return seed;
    }

    public override string ToString() => First == Last ? $"{First}" : $"{First}..{Last}";
}
