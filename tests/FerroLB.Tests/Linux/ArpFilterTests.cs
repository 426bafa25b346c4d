using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;
using Xunit;

namespace FerroLB.Tests.Linux;

public sealed class ArpFilterTests
{
    private const int KernelLimit = 4096;

    private static readonly IpAddress[] ThreeAddresses =
        [IpAddress.Parse("10.0.0.5"), IpAddress.Parse("10.0.0.6"), IpAddress.Parse("192.168.7.9")];

    [Theory]
    [InlineData("10.0.0.5", true)]
    [InlineData("10.0.0.6", true)]
    [InlineData("192.168.7.9", true)]
    [InlineData("10.0.0.4", false)]
    [InlineData("10.0.0.7", false)]
    [InlineData("192.168.7.8", false)]
    [InlineData("192.168.7.10", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    public void Only_requests_for_announced_addresses_pass(string target, bool passes) =>
        Assert.Equal(passes, Passes(ArpFilter.Build(ThreeAddresses), new(Request(IpAddress.Parse(target)))));

    [Fact]
    public void An_empty_set_drops_everything() =>
        Assert.False(Passes(ArpFilter.Build([]), new(Request(ThreeAddresses[0]))));

    [Fact]
    public void The_lowest_and_the_highest_address_can_be_announced()
    {
        var program = ArpFilter.Build([IpAddress.Parse("0.0.0.0"), IpAddress.Parse("255.255.255.255")]);
        Assert.True(Passes(program, new(Request(IpAddress.Parse("0.0.0.0")))));
        Assert.True(Passes(program, new(Request(IpAddress.Parse("255.255.255.255")))));
        Assert.False(Passes(program, new(Request(IpAddress.Parse("128.0.0.0")))));
    }

    [Theory]
    [InlineData(0u, true)]
    [InlineData(1u, true)]
    [InlineData(2u, true)]
    [InlineData(3u, false)]
    [InlineData(4u, false)]
    public void Frames_to_other_hosts_and_outgoing_ones_are_dropped(uint packetType, bool passes) =>
        Assert.Equal(passes, Passes(ArpFilter.Build(ThreeAddresses), new(Request(ThreeAddresses[0]), packetType)));

    [Theory]
    [InlineData(0x0000u, true)]
    [InlineData(0xE000u, true)]
    [InlineData(0x0001u, false)]
    [InlineData(0xE064u, false)]
    public void Priority_tags_pass_and_other_VLANs_do_not(uint tag, bool passes) =>
        Assert.Equal(passes, Passes(ArpFilter.Build(ThreeAddresses), new(Request(ThreeAddresses[0]), VlanTag: tag)));

    [Theory]
    [InlineData(12, 0x0800)]
    [InlineData(16, 0x86DD)]
    [InlineData(18, 0x0604 + 1)]
    [InlineData(20, 2)]
    [InlineData(20, 0x0101)]
    public void Other_frames_than_IPv4_requests_are_dropped(int offset, int value)
    {
        var frame = Request(ThreeAddresses[0]);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(offset), (ushort)value);
        Assert.False(Passes(ArpFilter.Build(ThreeAddresses), new(frame)));
    }

    [Fact]
    public void A_frame_cut_short_anywhere_is_dropped()
    {
        var program = ArpFilter.Build(ThreeAddresses);
        var frame = Request(ThreeAddresses[0]);
        for (var length = 0; length < frame.Length; length++)
            Assert.False(Passes(program, new(frame[..length])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(500)]
    [InlineData(1000)]
    public void A_set_that_fits_is_matched_exactly(int count)
    {
        var addresses = Scattered(count, seed: 11);
        var program = ArpFilter.Build(addresses);
        Assert.InRange(program.Length, 1, KernelLimit);
        AssertJumpsStayInside(program);
        var announced = addresses.ToHashSet();
        foreach (var address in addresses)
        {
            Assert.True(Passes(program, new(Request(address))));
            foreach (var neighbour in Neighbours(address))
                Assert.Equal(announced.Contains(neighbour), Passes(program, new(Request(neighbour))));
        }
    }

    [Theory]
    [InlineData(1001, 1000)]
    [InlineData(20_000, 1000)]
    [InlineData(20_000, 7)]
    [InlineData(300, 1)]
    public void A_set_too_large_is_covered_so_that_no_announced_address_is_missed(int count, int ranges)
    {
        var addresses = Scattered(count, seed: 12);
        var program = ArpFilter.Build(addresses, ranges);
        Assert.InRange(program.Length, 1, KernelLimit);
        AssertJumpsStayInside(program);
        Assert.All(addresses, address => Assert.True(Passes(program, new(Request(address)))));
        Assert.False(Passes(program, new(Request(IpAddress.V4((uint)addresses[0].Value - 1)))));
        Assert.False(Passes(program, new(Request(IpAddress.V4((uint)addresses[^1].Value + 1)))));
    }

    [Fact]
    public void A_full_block_costs_one_range()
    {
        var block = Enumerable.Range(0, 65536).Select(i => IpAddress.V4(0x0A000000u + (uint)i)).ToList();
        Assert.Equal(ArpFilter.Build([block[0]]).Length, ArpFilter.Build(block).Length);
    }

    [Fact]
    public void The_smallest_gaps_are_closed_first()
    {
        IpAddress[] addresses = [IpAddress.Parse("10.0.0.1"), IpAddress.Parse("10.0.0.3"), IpAddress.Parse("10.9.0.1")];
        var program = ArpFilter.Build(addresses, 2);
        Assert.True(Passes(program, new(Request(IpAddress.Parse("10.0.0.2")))));
        Assert.False(Passes(program, new(Request(IpAddress.Parse("10.5.0.0")))));
    }

    private static bool Passes(BpfInstruction[] program, FrameFacts frame) => BpfInterpreter.Run(program, frame) > 0;

    private static byte[] Request(IpAddress target)
    {
        var frame = new byte[42];
        frame.AsSpan(0, 6).Fill(0xFF);
        byte[] header = [0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01];
        header.CopyTo(frame.AsSpan(12));
        target.Write(frame.AsSpan(38));
        return frame;
    }

    private static List<IpAddress> Scattered(int count, ulong seed)
    {
        var random = new SeededRandom(seed);
        var values = new SortedSet<uint>();
        while (values.Count < count)
            values.Add(0x0A000001u + (uint)random.Next(0x00FFFFF0));
        return [.. values.Select(IpAddress.V4)];
    }

    private static IEnumerable<IpAddress> Neighbours(IpAddress address) =>
        [IpAddress.V4((uint)address.Value - 1), IpAddress.V4((uint)address.Value + 1)];

    private static void AssertJumpsStayInside(BpfInstruction[] program)
    {
        for (var at = 0; at < program.Length; at++)
        {
            var farthest = program[at].Code == BpfInstruction.Jump
                ? program[at].Operand
                : Math.Max(program[at].IfTrue, program[at].IfFalse);
            Assert.True(program[at].Code == BpfInstruction.Return || at + 1 + farthest < program.Length);
        }
    }
}
