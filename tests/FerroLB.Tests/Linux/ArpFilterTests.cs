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
    private const string Other = "10.0.0.77";

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

    [Theory]
    [InlineData(2, "10.0.0.5", "10.0.0.5", true)]
    [InlineData(2, "10.0.0.5", Other, true)]
    [InlineData(1, "10.0.0.5", Other, true)]
    [InlineData(1, "192.168.7.9", "192.168.7.9", true)]
    [InlineData(1, Other, Other, false)]
    [InlineData(2, Other, Other, false)]
    [InlineData(2, Other, "10.0.0.5", false)]
    [InlineData(1, Other, "10.0.0.4", false)]
    [InlineData(3, "10.0.0.5", "10.0.0.5", false)]
    public void Packets_by_which_another_host_claims_an_announced_address_pass(int operation, string sender, string target, bool passes) =>
        Assert.Equal(passes, Passes(ArpFilter.Build(ThreeAddresses), new(Packet(operation, sender, IpAddress.Parse(target)))));

    [Theory]
    [InlineData(1, 1900, true)]
    [InlineData(2, 1900, true)]
    [InlineData(1, 900, false)]
    public void Claims_are_matched_exactly_while_the_program_is_short_enough_and_never_missed(int operation, int count, bool isToItself)
    {
        var addresses = Scattered(count, seed: 13);
        var program = ArpFilter.Build(addresses);
        Assert.InRange(program.Length, 1, KernelLimit);
        AssertJumpsStayInside(program);
        var announced = addresses.ToHashSet();
        foreach (var address in addresses)
        {
            Assert.True(Passes(program, new(Claim(operation, address, isToItself))));
            foreach (var neighbour in Neighbours(address))
                Assert.Equal(announced.Contains(neighbour), Passes(program, new(Claim(operation, neighbour, isToItself))));
        }
    }

    [Fact]
    public void What_other_speakers_announce_for_the_rest_of_a_large_pool_wakes_nobody()
    {
        // A third of 6,000 addresses, as three nodes divide them.
        var pool = Enumerable.Range(0, 6000).Select(i => IpAddress.V4(0x0A000000u + (uint)i)).ToList();
        var random = new SeededRandom(14);
        var ours = pool.Where(_ => random.Next(3) == 0).ToList();
        var program = ArpFilter.Build(ours);
        var announced = ours.ToHashSet();
        Assert.All(pool, address => Assert.Equal(announced.Contains(address), Passes(program, new(Claim(1, address, true)))));
        Assert.All(pool, address => Assert.Equal(announced.Contains(address), Passes(program, new(Claim(2, address, true)))));
        Assert.All(pool, address => Assert.Equal(announced.Contains(address), Passes(program, new(Request(address)))));
    }

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
    [InlineData(20, 3)]
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
    [InlineData(1900)]
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
    [InlineData(2_100, 4096)]
    [InlineData(20_000, 4096)]
    [InlineData(20_000, 512)]
    [InlineData(300, 64)]
    public void A_set_too_large_is_covered_so_that_no_announced_address_is_missed(int count, int maxInstructions)
    {
        var addresses = Scattered(count, seed: 12);
        var program = ArpFilter.Build(addresses, maxInstructions);
        Assert.InRange(program.Length, 1, maxInstructions);
        AssertJumpsStayInside(program);
        Assert.All(addresses, address => Assert.True(Passes(program, new(Request(address)))));
        Assert.All(addresses, address => Assert.True(Passes(program, new(Claim(1, address, false)))));
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
        List<IpAddress> addresses = [.. Enumerable.Range(0, 40).Select(i => IpAddress.V4(0x0A000001u + (uint)(2 * i)))];
        addresses.Add(IpAddress.Parse("10.9.0.1"));
        var program = ArpFilter.Build(addresses, 64);
        Assert.True(Passes(program, new(Request(IpAddress.Parse("10.0.0.2")))));
        Assert.False(Passes(program, new(Request(IpAddress.Parse("10.5.0.0")))));
    }

    private static bool Passes(BpfInstruction[] program, FrameFacts frame) => BpfInterpreter.Run(program, frame) > 0;

    private static byte[] Request(IpAddress target) => Packet(1, "192.0.2.1", target);

    private static byte[] Claim(int operation, IpAddress sender, bool isToItself) =>
        Packet(operation, sender.ToString(), isToItself ? sender : IpAddress.Parse("192.0.2.1"));

    private static byte[] Packet(int operation, string sender, IpAddress target)
    {
        var frame = new byte[42];
        frame.AsSpan(0, 6).Fill(0xFF);
        byte[] header = [0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, (byte)operation];
        header.CopyTo(frame.AsSpan(12));
        IpAddress.Parse(sender).Write(frame.AsSpan(28));
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
