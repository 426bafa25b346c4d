using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// Writes the classic BPF program that lets the kernel drop, before the process wakes, every frame but ARP requests for addresses
/// announced here, and ARP packets by which somebody else claims one of them.
///
/// A broadcast request reaches every node of a LAN. Without a filter each of them wakes each speaker: under a storm for addresses that are
/// not theirs, speakers would cost the LAN more than the storm itself. So the announced set is compiled into the socket's filter:
/// <code>
/// sent to another host, or outgoing                -> drop
/// VLAN id other than 0 (priority tags pass)        -> drop
/// EtherType not ARP, not Ethernet/IPv4             -> drop
/// request: target address, reply: sender address   -> balanced binary search over the ranges of the set: keep, or go on
/// not a request, or sender address = target address -> drop
/// request: sender address                          -> a second search: keep or drop
/// </code>
/// Neighbouring addresses form one range. The kernel allows 4,096 instructions; a set with too many ranges for that is covered by fewer,
/// wider ones, closing the smallest gaps first, and the second search, which looks at what other hosts say about themselves, yields to the
/// first. Then some frames too many wake the process, which checks each one again anyway. About 1,000 ranges are searched exactly by both,
/// 1,900 by the first.
/// </summary>
public static class ArpFilter
{
    /// <summary>The kernel's limit.</summary>
    public const int MaxInstructions = 4096;

    private const uint KeptOctets = 128;
    private const uint OperationOffset = 20;
    private const uint SenderOffset = 28;
    private const uint TargetOffset = 38;

    private static readonly BpfInstruction Drop = new(BpfInstruction.Return, 0, 0, 0);

    /// <summary>The program for a set of IPv4 addresses, sorted; duplicates do no harm. An empty set drops everything.</summary>
    /// <param name="addresses">The announced addresses, ascending.</param>
    /// <param name="maxInstructions">The program's longest length, 64 to <see cref="MaxInstructions"/>.</param>
    public static BpfInstruction[] Build(IReadOnlyList<IpAddress> addresses, int maxInstructions = MaxInstructions)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxInstructions, 64);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxInstructions, MaxInstructions);
        var ranges = BpfRanges.Of(addresses.Where(address => address.IsIPv4).Select(address => (uint)address.Value));
        if (ranges.Count == 0)
            return [Drop];
        BpfInstruction[] before = [.. HeaderChecks(0x0806), .. PacketChecks()];
        var between = SenderChecks();
        var left = maxInstructions - before.Length - between.Length;
        var leastForSenders = BpfRanges.SizeOf(Math.Min(ranges.Count, Math.Max(1, maxInstructions / 64)));
        var asked = BpfRanges.MostWithin(left - leastForSenders, ranges.Count);
        var claimed = BpfRanges.MostWithin(left - BpfRanges.SizeOf(asked), ranges.Count);
        return
        [
            .. before,
            .. BpfRanges.Search(BpfRanges.Cover(ranges, asked), KeptOctets, continues: true),
            .. between,
            .. BpfRanges.Search(BpfRanges.Cover(ranges, claimed), KeptOctets),
        ];
    }

    /// <summary>Goes on with Ethernet/IPv4 requests and replies; A = the address that a request asks for or a reply is about.</summary>
    private static BpfInstruction[] PacketChecks() =>
    [
        new(BpfInstruction.LoadWord, 0, 0, 16),
        new(BpfInstruction.JumpIfEqual, 1, 0, 0x0800_0604),
        Drop,
        new(BpfInstruction.LoadHalf, 0, 0, OperationOffset),
        new(BpfInstruction.JumpIfEqual, 4, 0, 1),
        new(BpfInstruction.JumpIfEqual, 1, 0, 2),
        Drop,
        new(BpfInstruction.LoadWord, 0, 0, SenderOffset),
        new(BpfInstruction.Jump, 0, 0, 1),
        new(BpfInstruction.LoadWord, 0, 0, TargetOffset),
    ];

    /// <summary>Goes on with requests whose sender is not the one asked for, as every other frame was judged; A = the sender.</summary>
    private static BpfInstruction[] SenderChecks() =>
    [
        new(BpfInstruction.LoadHalf, 0, 0, OperationOffset),
        new(BpfInstruction.JumpIfEqual, 1, 0, 1),
        Drop,
        new(BpfInstruction.LoadWord, 0, 0, SenderOffset),
        new(BpfInstruction.CopyToX, 0, 0, 0),
        new(BpfInstruction.LoadWord, 0, 0, TargetOffset),
        new(BpfInstruction.JumpIfEqualToX, 0, 1, 0),
        Drop,
        new(BpfInstruction.CopyFromX, 0, 0, 0),
    ];

    /// <summary>Goes on with frames of an EtherType that came from outside for this host or a group, in no tagged VLAN.</summary>
    internal static BpfInstruction[] HeaderChecks(uint etherType)
    {
        var drop = new BpfInstruction(BpfInstruction.Return, 0, 0, 0);
        return
        [
            new(BpfInstruction.LoadWord, 0, 0, BpfInstruction.PacketType),
            new(BpfInstruction.JumpIfGreater, 0, 1, 2),
            drop,
            new(BpfInstruction.LoadWord, 0, 0, BpfInstruction.VlanTagPresent),
            new(BpfInstruction.JumpIfEqual, 3, 0, 0),
            new(BpfInstruction.LoadWord, 0, 0, BpfInstruction.VlanTag),
            new(BpfInstruction.JumpIfAnySet, 0, 1, 0x0FFF),
            drop,
            new(BpfInstruction.LoadHalf, 0, 0, 12),
            new(BpfInstruction.JumpIfEqual, 1, 0, etherType),
            drop,
        ];
    }
}
