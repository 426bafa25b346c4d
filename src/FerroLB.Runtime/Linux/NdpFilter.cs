using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Writes the classic BPF program that lets the kernel drop, before the process wakes, every frame but Neighbor Solicitations for IPv6
/// addresses announced here, and Neighbor Advertisements by which somebody else claims one of them.
/// <code>
/// sent to another host, or outgoing; VLAN id other than 0   -> drop
/// not IPv6, or not ICMPv6 with hop limit 255 directly in it -> drop
/// not type 135 or 136, code 0                               -> drop
/// target address: word by word, a balanced search in each   -> keep or drop
/// </code>
/// Addresses of one pool share their first words, so a step is made for those once; the last word is searched by ranges. A set whose exact
/// program would be too long is covered by wider ranges of the last word and, if that is not enough, by fewer words. Then some frames too
/// many wake the process, which checks each one again anyway. About 2,000 ranges of one /96 are searched exactly.
/// </summary>
public static class NdpFilter
{
    /// <summary>The kernel's limit.</summary>
    public const int MaxInstructions = 4096;

    private const uint KeptOctets = 256;
    private const int TargetOffset = 62;
    private const int LastWord = 3;

    /// <summary>The program for a set of IPv6 addresses. An empty set drops everything.</summary>
    /// <param name="addresses">The announced addresses, ascending; duplicates do no harm.</param>
    /// <param name="maxInstructions">The program's longest length, 64 to <see cref="MaxInstructions"/>.</param>
    public static BpfInstruction[] Build(IReadOnlyList<IpAddress> addresses, int maxInstructions = MaxInstructions)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInstructions, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxInstructions, MaxInstructions);
        IpAddress[] targets = [.. addresses.Where(address => address.IsIPv6)];
        if (targets.Length == 0)
            return [new(BpfInstruction.Return, 0, 0, 0)];
        BpfInstruction[] checks =
        [
            .. ArpFilter.HeaderChecks(0x86DD),
            new(BpfInstruction.LoadHalf, 0, 0, 20),
            new(BpfInstruction.JumpIfEqual, 1, 0, 58 << 8 | 255),
            new(BpfInstruction.Return, 0, 0, 0),
            new(BpfInstruction.LoadHalf, 0, 0, 54),
            new(BpfInstruction.JumpIfEqual, 2, 0, 135 << 8),
            new(BpfInstruction.JumpIfEqual, 1, 0, 136 << 8),
            new(BpfInstruction.Return, 0, 0, 0),
        ];
        for (var last = LastWord; last >= 0; last--)
        {
            if (Longest(targets, last, maxInstructions - checks.Length) is { } search)
                return [.. checks, .. search];
        }
        // One range of the first word takes five instructions.
        throw new InvalidOperationException("the smallest program does not fit");
    }

    /// <summary>The search by so many words with the most ranges that fits; null when none does.</summary>
    private static List<BpfInstruction>? Longest(IpAddress[] targets, int last, int maxInstructions)
    {
        List<BpfInstruction>? longest = null;
        var (fits, tooMany) = (0, targets.Length + 1);
        for (var ranges = targets.Length; tooMany - fits > 1; ranges = fits + (tooMany - fits) / 2)
        {
            var search = Match(targets, 0, last, ranges);
            if (search.Count <= maxInstructions)
                (longest, fits) = (search, ranges);
            else
                tooMany = ranges;
        }
        return longest;
    }

    /// <summary>Searches from a word on; the words before it are equal in all targets.</summary>
    private static List<BpfInstruction> Match(ReadOnlySpan<IpAddress> targets, int word, int last, int mostRanges)
    {
        var program = new List<BpfInstruction> { new(BpfInstruction.LoadWord, 0, 0, (uint)(TargetOffset + 4 * word)) };
        if (word == last)
        {
            var values = new List<uint>(targets.Length);
            foreach (var target in targets)
                values.Add(WordOf(target, word));
            program.AddRange(BpfRanges.Search(BpfRanges.Cover(BpfRanges.Of(values), mostRanges), KeptOctets));
            return program;
        }
        var equal = new List<BpfRange>();
        var rest = new List<List<BpfInstruction>>();
        for (var from = 0; from < targets.Length;)
        {
            var value = WordOf(targets[from], word);
            var to = from + 1;
            while (to < targets.Length && WordOf(targets[to], word) == value)
                to++;
            equal.Add(new(value, value));
            rest.Add(Match(targets[from..to], word + 1, last, mostRanges));
            from = to;
        }
        program.AddRange(BpfRanges.Search(equal, rest));
        return program;
    }

    private static uint WordOf(IpAddress address, int word) => (uint)(address.Value >> 96 - 32 * word & uint.MaxValue);
}
