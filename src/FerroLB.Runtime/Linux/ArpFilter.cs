using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Writes the classic BPF program that lets the kernel drop, before the process wakes, every frame but ARP requests for addresses
/// announced here.
///
/// A broadcast request reaches every node of a LAN. Without a filter each of them wakes each speaker: under a storm for addresses that are
/// not theirs, speakers would cost the LAN more than the storm itself. So the announced set is compiled into the socket's filter:
/// <code>
/// sent to another host, or outgoing          -> drop
/// VLAN id other than 0 (priority tags pass)  -> drop
/// EtherType not ARP, not Ethernet/IPv4       -> drop
/// opcode not request                         -> drop
/// target address: balanced binary search over the ranges of the set -> keep or drop
/// </code>
/// Neighbouring addresses form one range. The kernel allows 4,096 instructions; a set with more than <see cref="MaxRanges"/> ranges is
/// covered by fewer, wider ones, closing the smallest gaps first. Then some frames too many wake the process, which checks each one again
/// anyway.
/// </summary>
public static class ArpFilter
{
    /// <summary>The most ranges whose search tree fits the kernel's limit of 4,096 instructions.</summary>
    public const int MaxRanges = 1000;

    private const int KeptOctets = 128;
    private const int FarthestBranch = 255;

    /// <summary>The program for a set of IPv4 addresses, sorted; duplicates do no harm. An empty set drops everything.</summary>
    /// <param name="addresses">The announced addresses, ascending.</param>
    /// <param name="maxRanges">At most this many ranges, 1 to <see cref="MaxRanges"/>.</param>
    public static BpfInstruction[] Build(IReadOnlyList<IpAddress> addresses, int maxRanges = MaxRanges)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRanges, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxRanges, MaxRanges);
        var ranges = Cover(RangesOf(addresses), maxRanges);
        var program = new List<BpfInstruction>();
        if (ranges.Count == 0)
        {
            program.Add(new(BpfInstruction.Return, 0, 0, 0));
            return [.. program];
        }
        AddHeaderChecks(program);
        program.Add(new(BpfInstruction.LoadWord, 0, 0, 38));
        program.Add(new(BpfInstruction.JumpIfGreaterOrEqual, 1, 0, ranges[0].First));
        program.Add(new(BpfInstruction.Return, 0, 0, 0));
        program.AddRange(Search(ranges, 0, ranges.Count));
        return [.. program];
    }

    private static void AddHeaderChecks(List<BpfInstruction> program)
    {
        var drop = new BpfInstruction(BpfInstruction.Return, 0, 0, 0);
        program.Add(new(BpfInstruction.LoadWord, 0, 0, BpfInstruction.PacketType));
        program.Add(new(BpfInstruction.JumpIfGreater, 0, 1, 2));
        program.Add(drop);
        program.Add(new(BpfInstruction.LoadWord, 0, 0, BpfInstruction.VlanTagPresent));
        program.Add(new(BpfInstruction.JumpIfEqual, 3, 0, 0));
        program.Add(new(BpfInstruction.LoadWord, 0, 0, BpfInstruction.VlanTag));
        program.Add(new(BpfInstruction.JumpIfAnySet, 0, 1, 0x0FFF));
        program.Add(drop);
        program.Add(new(BpfInstruction.LoadHalf, 0, 0, 12));
        program.Add(new(BpfInstruction.JumpIfEqual, 1, 0, 0x0806));
        program.Add(drop);
        program.Add(new(BpfInstruction.LoadWord, 0, 0, 16));
        program.Add(new(BpfInstruction.JumpIfEqual, 1, 0, 0x0800_0604));
        program.Add(drop);
        program.Add(new(BpfInstruction.LoadHalf, 0, 0, 20));
        program.Add(new(BpfInstruction.JumpIfEqual, 1, 0, 1));
        program.Add(drop);
    }

    /// <summary>The search among ranges [from, to), entered when A is at least the first one's lower end.</summary>
    private static List<BpfInstruction> Search(List<Range> ranges, int from, int to)
    {
        if (to - from == 1)
        {
            return
            [
                new(BpfInstruction.JumpIfGreater, 1, 0, ranges[from].Last),
                new(BpfInstruction.Return, 0, 0, KeptOctets),
                new(BpfInstruction.Return, 0, 0, 0),
            ];
        }
        var middle = from + (to - from) / 2;
        var below = Search(ranges, from, middle);
        var program = new List<BpfInstruction>();
        if (below.Count <= FarthestBranch)
        {
            program.Add(new(BpfInstruction.JumpIfGreaterOrEqual, (byte)below.Count, 0, ranges[middle].First));
        }
        else
        {
            program.Add(new(BpfInstruction.JumpIfGreaterOrEqual, 0, 1, ranges[middle].First));
            program.Add(new(BpfInstruction.Jump, 0, 0, (uint)below.Count));
        }
        program.AddRange(below);
        program.AddRange(Search(ranges, middle, to));
        return program;
    }

    private static List<Range> RangesOf(IReadOnlyList<IpAddress> addresses)
    {
        var ranges = new List<Range>();
        foreach (var address in addresses)
        {
            if (!address.IsIPv4)
                continue;
            var value = (uint)address.Value;
            if (ranges.Count > 0 && value <= (ulong)ranges[^1].Last + 1)
                ranges[^1] = ranges[^1] with { Last = value };
            else
                ranges.Add(new(value, value));
        }
        return ranges;
    }

    private static List<Range> Cover(List<Range> ranges, int most)
    {
        if (ranges.Count <= most)
            return ranges;
        var gaps = new List<(uint Width, int After)>(ranges.Count - 1);
        for (var i = 0; i + 1 < ranges.Count; i++)
            gaps.Add((ranges[i + 1].First - ranges[i].Last, i));
        gaps.Sort();
        var closed = new bool[ranges.Count];
        for (var i = 0; i < ranges.Count - most; i++)
            closed[gaps[i].After] = true;
        var covering = new List<Range> { ranges[0] };
        for (var i = 1; i < ranges.Count; i++)
        {
            if (closed[i - 1])
                covering[^1] = covering[^1] with { Last = ranges[i].Last };
            else
                covering.Add(ranges[i]);
        }
        return covering;
    }

    private readonly record struct Range(uint First, uint Last);
}
