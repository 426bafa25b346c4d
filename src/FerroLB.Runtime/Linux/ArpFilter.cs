using System;
using System.Collections.Generic;
using System.Linq;
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

    private const uint KeptOctets = 128;

    /// <summary>The program for a set of IPv4 addresses, sorted; duplicates do no harm. An empty set drops everything.</summary>
    /// <param name="addresses">The announced addresses, ascending.</param>
    /// <param name="maxRanges">At most this many ranges, 1 to <see cref="MaxRanges"/>.</param>
    public static BpfInstruction[] Build(IReadOnlyList<IpAddress> addresses, int maxRanges = MaxRanges)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRanges, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxRanges, MaxRanges);
        var ranges = BpfRanges.Cover(
            BpfRanges.Of(addresses.Where(address => address.IsIPv4).Select(address => (uint)address.Value)), maxRanges);
        if (ranges.Count == 0)
            return [new(BpfInstruction.Return, 0, 0, 0)];
        List<BpfInstruction> program =
        [
            .. HeaderChecks(0x0806),
            new(BpfInstruction.LoadWord, 0, 0, 16),
            new(BpfInstruction.JumpIfEqual, 1, 0, 0x0800_0604),
            new(BpfInstruction.Return, 0, 0, 0),
            new(BpfInstruction.LoadHalf, 0, 0, 20),
            new(BpfInstruction.JumpIfEqual, 1, 0, 1),
            new(BpfInstruction.Return, 0, 0, 0),
            new(BpfInstruction.LoadWord, 0, 0, 38),
            .. BpfRanges.Search(ranges, KeptOctets),
        ];
        return [.. program];
    }

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
