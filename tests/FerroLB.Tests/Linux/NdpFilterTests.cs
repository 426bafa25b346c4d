using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;
using FerroLB.Tests.Ndp;
using Xunit;

namespace FerroLB.Tests.Linux;

public sealed class NdpFilterTests
{
    private static readonly IpAddress[] Announced =
        [IpAddress.Parse("2001:db8::10"), IpAddress.Parse("2001:db8::11"), IpAddress.Parse("2001:db8:0:1::10"), IpAddress.Parse("fd00::1")];

    [Theory]
    [InlineData("2001:db8::10", true)]
    [InlineData("2001:db8::11", true)]
    [InlineData("2001:db8:0:1::10", true)]
    [InlineData("fd00::1", true)]
    [InlineData("2001:db8::f", false)]
    [InlineData("2001:db8::12", false)]
    [InlineData("2001:db8:0:1::11", false)]
    [InlineData("2001:db8:0:2::10", false)]
    [InlineData("fd00::2", false)]
    [InlineData("::", false)]
    [InlineData("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false)]
    public void Only_solicitations_for_announced_addresses_pass(string target, bool passes) =>
        Assert.Equal(passes, Passes(NdpFilter.Build(Announced), new(NdpFrames.Solicitation(target), 2)));

    [Theory]
    [InlineData("2001:db8::10", true)]
    [InlineData("2001:db8::f", false)]
    public void Advertisements_by_which_another_host_claims_an_announced_address_pass(string target, bool passes)
    {
        var frame = NdpFrames.Solicitation(target);
        frame[54] = 136;
        Assert.Equal(passes, Passes(NdpFilter.Build(Announced), new(frame, 2)));
    }

    [Fact]
    public void An_empty_set_drops_everything() =>
        Assert.False(Passes(NdpFilter.Build([]), new(NdpFrames.Solicitation("2001:db8::10"))));

    [Theory]
    [InlineData(0u, true)]
    [InlineData(2u, true)]
    [InlineData(3u, false)]
    [InlineData(4u, false)]
    public void Frames_to_other_hosts_and_outgoing_ones_are_dropped(uint packetType, bool passes) =>
        Assert.Equal(passes, Passes(NdpFilter.Build(Announced), new(NdpFrames.Solicitation("2001:db8::10"), packetType)));

    [Theory]
    [InlineData(0xE000u, true)]
    [InlineData(0x0001u, false)]
    public void Priority_tags_pass_and_other_VLANs_do_not(uint tag, bool passes) =>
        Assert.Equal(passes, Passes(NdpFilter.Build(Announced), new(NdpFrames.Solicitation("2001:db8::10"), VlanTag: tag)));

    [Theory]
    [InlineData(12, 0x08)]
    [InlineData(20, 6)]
    [InlineData(21, 64)]
    [InlineData(54, 134)]
    [InlineData(54, 137)]
    [InlineData(55, 1)]
    public void Other_frames_than_solicitations_from_this_link_are_dropped(int offset, byte value)
    {
        var frame = NdpFrames.Solicitation("2001:db8::10");
        frame[offset] = value;
        Assert.False(Passes(NdpFilter.Build(Announced), new(frame)));
    }

    [Fact]
    public void A_frame_cut_short_anywhere_before_the_end_of_the_target_is_dropped()
    {
        var frame = NdpFrames.Solicitation("2001:db8::10");
        for (var length = 0; length < 78; length++)
            Assert.False(Passes(NdpFilter.Build(Announced), new(frame[..length])));
    }

    [Theory]
    [InlineData(1, 120)]
    [InlineData(64, 120)]
    [InlineData(900, 112)]
    [InlineData(1_950, 104)]
    [InlineData(100, 64)]
    public void A_set_that_fits_is_matched_exactly(int count, int prefixLength)
    {
        var addresses = Scattered(count, prefixLength);
        var program = NdpFilter.Build(addresses);
        AssertSound(program, NdpFilter.MaxInstructions);
        var announced = addresses.ToHashSet();
        foreach (var address in addresses)
        {
            Assert.True(PassesFor(program, address));
            foreach (var neighbour in (IpAddress[])[IpAddress.V6(address.Value - 1), IpAddress.V6(address.Value + 1)])
                Assert.Equal(announced.Contains(neighbour), PassesFor(program, neighbour));
        }
    }

    [Theory]
    [InlineData(2_100, 104, 4096)]
    [InlineData(20_000, 64, 4096)]
    [InlineData(2_000, 0, 4096)]
    [InlineData(2_000, 64, 64)]
    [InlineData(300, 0, 64)]
    public void A_set_too_large_is_covered_so_that_no_announced_address_is_missed(int count, int prefixLength, int maxInstructions)
    {
        var addresses = Scattered(count, prefixLength);
        var program = NdpFilter.Build(addresses, maxInstructions);
        AssertSound(program, maxInstructions);
        Assert.All(addresses, address => Assert.True(PassesFor(program, address)));
    }

    [Fact]
    public void Two_thousand_addresses_of_one_pool_in_a_row_cost_one_range()
    {
        var row = Enumerable.Range(0, 2_000).Select(i => IpAddress.V6(IpAddress.Parse("2001:db8::").Value + (uint)i)).ToArray();
        Assert.Equal(NdpFilter.Build([row[0]]).Length, NdpFilter.Build(row).Length);
    }

    private static bool PassesFor(BpfInstruction[] program, IpAddress target) =>
        Passes(program, new(NdpFrames.Solicitation(target.ToString())));

    private static bool Passes(BpfInstruction[] program, FrameFacts frame) => BpfInterpreter.Run(program, frame) > 0;

    private static List<IpAddress> Scattered(int count, int prefixLength)
    {
        var random = new SeededRandom(5);
        var network = IpAddress.Parse("2001:db8:1:2::").Value;
        var mask = prefixLength == 0 ? UInt128.MaxValue : UInt128.MaxValue >> prefixLength;
        var addresses = new SortedSet<IpAddress>();
        while (addresses.Count < count)
        {
            var drawn = new UInt128((ulong)random.Next(int.MaxValue) << 33 | (uint)random.Next(int.MaxValue),
                (ulong)random.Next(int.MaxValue) << 33 | (uint)random.Next(int.MaxValue));
            addresses.Add(IpAddress.V6((network & ~mask) | (drawn & mask)));
        }
        return [.. addresses];
    }

    private static void AssertSound(BpfInstruction[] program, int limit)
    {
        Assert.InRange(program.Length, 1, limit);
        for (var at = 0; at < program.Length; at++)
        {
            var farthest = program[at].Code == BpfInstruction.Jump
                ? program[at].Operand
                : Math.Max(program[at].IfTrue, program[at].IfFalse);
            Assert.True(program[at].Code == BpfInstruction.Return || at + 1 + farthest < program.Length);
        }
    }
}
