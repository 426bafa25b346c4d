using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>One item of a pool's addresses: a CIDR block, or a range as the fewest blocks that cover exactly it.</summary>
/// <param name="Text">The item as written.</param>
/// <param name="Blocks">The blocks, ascending and disjoint; at least one, at most 254.</param>
public sealed record PoolEntry(string Text, ImmutableArray<IpPrefix> Blocks)
{
    /// <summary>The family of the entry.</summary>
    public AddressFamily Family => Blocks[0].Family;

    /// <inheritdoc/>
    public bool Equals(PoolEntry? other) => other is not null && Text == other.Text && Blocks.SequenceEqual(other.Blocks);

    /// <inheritdoc/>
    public override int GetHashCode() => Blocks[0].GetHashCode();

    /// <summary>
    /// Reads "address/length" (host bits are masked) or "first-last" (split at the first dash, white space round the ends allowed). On
    /// failure <paramref name="problem"/> says what is wrong.
    /// </summary>
    public static bool TryParse(string text, out PoolEntry? entry, out string problem)
    {
        entry = null;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash >= 0)
            return TryParseRange(text, text.AsSpan(0, dash).Trim(), text.AsSpan(dash + 1).Trim(), out entry, out problem);
        problem = "is not a CIDR block";
        if (!IpPrefix.TryParse(text, out var block))
            return false;
        entry = new(text, [block]);
        problem = "";
        return true;
    }

    private static bool TryParseRange(
        string text, ReadOnlySpan<char> start, ReadOnlySpan<char> end, out PoolEntry? entry, out string problem)
    {
        entry = null;
        if (!IpAddress.TryParse(start, out var first))
            problem = "is a range whose start is not an IP address";
        else if (!IpAddress.TryParse(end, out var last))
            problem = "is a range whose end is not an IP address";
        else if (first.Family != last.Family)
            problem = "is a range from one address family to the other";
        else if (first > last)
            problem = "is a range whose start lies after its end";
        else
        {
            entry = new(text, Split(first, last));
            problem = "";
        }
        return entry is not null;
    }

    private static ImmutableArray<IpPrefix> Split(IpAddress first, IpAddress last)
    {
        var blocks = ImmutableArray.CreateBuilder<IpPrefix>();
        var start = first;
        while (true)
        {
            var block = LargestBlockAt(start, last);
            blocks.Add(block);
            if (block.Last == last)
                return blocks.ToImmutable();
            start = IpAddress.From(first.Family, block.Last.Value + 1);
        }
    }

    private static IpPrefix LargestBlockAt(IpAddress start, IpAddress last)
    {
        var aligned = start.Value == 0 ? start.BitCount : Math.Min(start.BitCount, (int)UInt128.TrailingZeroCount(start.Value));
        var block = new IpPrefix(start, start.BitCount - aligned);
        while (block.Last > last)
            block = new IpPrefix(start, block.Length + 1);
        return block;
    }
}
