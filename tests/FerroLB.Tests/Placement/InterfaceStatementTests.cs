using System;
using System.Linq;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Placement;

public sealed class InterfaceStatementTests
{
    private static readonly byte[] OneInterface =
    [
        .. "FLB"u8, 1, 1, 0, 21, 0, 4, .. "eth0"u8, 1, 2, 24, 10, 1, 2, 0x80 | 64, 0xFD, 0, 0, 0, 0, 0, 0, 7,
    ];

    [Fact]
    public void A_node_with_one_interface_and_two_subnets_needs_28_octets()
    {
        var stated = Of(Interface("eth0", "fd00:0:0:7::/64", "10.1.2.0/24"));
        Assert.Equal(OneInterface, InterfaceStatement.Encode(stated));
        Assert.Equal(stated, InterfaceStatement.Decode(OneInterface));
    }

    [Fact]
    public void What_is_stated_is_read_whatever_the_order()
    {
        var stated = Of(
            Interface("vlan.7", "10.0.0.0/8", "10.0.0.0/31", "0.0.0.0/0", "::/0", "fd00::/127") with { SpeaksIpv6 = false },
            Interface("bond0"), Interface("Ünterface"));
        Assert.Equal(["bond0", "vlan.7", "Ünterface"], stated.Interfaces.Select(item => item.Name));
        Assert.Equal(stated, InterfaceStatement.Decode(InterfaceStatement.Encode(stated)));
    }

    [Fact]
    public void Nothing_and_everything_are_told_apart()
    {
        foreach (var stated in new[] { StatedInterfaces.Nothing, StatedInterfaces.Everything })
            Assert.Equal(stated, InterfaceStatement.Decode(InterfaceStatement.Encode(stated)));
        Assert.NotEqual(StatedInterfaces.Nothing, StatedInterfaces.Everything);
    }

    [Fact]
    public void Up_to_512_octets_are_stated_and_more_are_too_many_to_say()
    {
        var most = 0;
        for (var count = 1; count < 100; count++)
        {
            var stated = Of([.. Enumerable.Range(0, count).Select(i => Interface($"eth{i:D3}", $"10.{i}.0.0/16"))]);
            var octets = InterfaceStatement.Encode(stated);
            Assert.InRange(octets.Length, 1, InterfaceStatement.MostBytes);
            if (InterfaceStatement.Decode(octets)!.IsEverything)
                continue;
            Assert.Equal(stated, InterfaceStatement.Decode(octets));
            most = count;
        }
        Assert.Equal((512 - 8) / 12, most);
        Assert.True(InterfaceStatement.Decode(InterfaceStatement.Encode(Of(Interface(new string('x', 256)))))!.IsEverything);
    }

    [Fact]
    public void Other_metadata_state_nothing()
    {
        Assert.Null(InterfaceStatement.Decode([]));
        Assert.Null(InterfaceStatement.Decode("role=speaker"u8));
        Assert.Null(InterfaceStatement.Decode([.. "FLB"u8, 2, .. OneInterface[4..]]));
        Assert.Null(InterfaceStatement.Decode([.. "FLB"u8, 1]));
        Assert.Null(InterfaceStatement.Decode([.. "FLB"u8, 1, 9, 0, 1, 5]));
    }

    [Fact]
    public void Blocks_of_later_versions_are_skipped() =>
        Assert.Equal(
            InterfaceStatement.Decode(OneInterface),
            InterfaceStatement.Decode([.. "FLB"u8, 1, 9, 0, 2, 5, 5, .. OneInterface[4..], 200, 0, 0]));

    [Fact]
    public void Octets_cut_anywhere_state_nothing()
    {
        for (var length = 0; length < OneInterface.Length; length++)
            Assert.Null(InterfaceStatement.Decode(OneInterface.AsSpan(0, length)));
    }

    [Theory]
    [InlineData(15, 33)]
    [InlineData(8, 2)]
    [InlineData(14, 3)]
    public void Octets_that_make_no_sense_state_nothing(int at, byte value)
    {
        byte[] octets = [.. OneInterface];
        octets[at] = value;
        Assert.Null(InterfaceStatement.Decode(octets));
    }

    [Fact]
    public void An_interface_stated_twice_states_nothing()
    {
        byte[] once = [3, .. "eth"u8, 0, 0];
        Assert.NotNull(InterfaceStatement.Decode([.. "FLB"u8, 1, 1, 0, 7, 0, .. once]));
        Assert.Null(InterfaceStatement.Decode([.. "FLB"u8, 1, 1, 0, 13, 0, .. once, .. once]));
    }

    [Fact]
    public void Random_octets_never_throw_and_what_is_read_can_be_written()
    {
        var random = new SeededRandom(11);
        for (var i = 0; i < 20_000; i++)
        {
            byte[] octets = [.. OneInterface];
            for (var changes = 1 + random.Next(4); changes > 0; changes--)
                octets[4 + random.Next(octets.Length - 4)] = (byte)random.Next(256);
            if (InterfaceStatement.Decode(octets) is { } stated)
                Assert.Equal(stated, InterfaceStatement.Decode(InterfaceStatement.Encode(stated)));
        }
    }

    internal static StatedInterfaces Of(params StatedInterface[] interfaces) => StatedInterfaces.Of(interfaces);

    internal static StatedInterface Interface(string name, params string[] subnets) =>
        new(name, true, [.. subnets.Select(IpPrefix.Parse).Order()]);
}
