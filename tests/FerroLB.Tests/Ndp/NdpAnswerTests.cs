using System.Linq;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Ndp;

public sealed class NdpAnswerTests
{
    private const string Announced = "2001:db8::10";
    private const string OnEth1 = "2001:db8::20";

    [Fact]
    public void A_solicitation_to_the_group_is_answered_solicited_and_without_override()
    {
        var world = World();
        Assert.Equal(NdpDropReason.None, world.Receive(NdpWorld.Eth0, NdpFrames.Solicitation(Announced)));

        var sent = Assert.Single(world.Sent);
        Assert.Equal(new EthernetHeader(NdpFrames.ClientMac, NdpWorld.Eth0.Mac, EtherType.IPv6), sent.Header);
        Assert.Equal(
            new NdpPacket(NdpType.Advertisement, NdpWorld.Eth0.LinkLocal, NdpFrames.Client, IpAddress.Parse(Announced))
            {
                Flags = NdpFlags.Solicited,
                LinkLayerAddress = NdpWorld.Eth0.Mac,
                HopLimit = 255,
            },
            sent.Packet);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_unicast_solicitation_is_answered_whether_or_not_it_names_its_sender(bool namesItself)
    {
        var world = World();
        var frame = NdpFrames.Solicitation(Announced, destination: Announced, destinationMac: NdpWorld.Eth0.Mac, namesItself: namesItself);
        Assert.Equal(NdpDropReason.None, world.Receive(NdpWorld.Eth0, frame));
        Assert.Equal((NdpFrames.ClientMac, NdpFrames.Client), (world.Sent[0].Header.Destination, world.Sent[0].Packet.Destination));
    }

    [Fact]
    public void A_probe_for_our_address_is_told_to_all_nodes_that_it_is_taken()
    {
        var world = World();
        Assert.Equal(NdpDropReason.None, world.Receive(NdpWorld.Eth0, NdpFrames.Solicitation(Announced, "::", namesItself: false)));

        var sent = Assert.Single(world.Sent);
        Assert.Equal("33:33:00:00:00:01", sent.Header.Destination.ToString());
        Assert.Equal("ff02::1", sent.Packet.Destination.ToString());
        Assert.Equal(NdpFlags.Override, sent.Packet.Flags);
    }

    [Fact]
    public void Each_interface_answers_from_its_own_link_local_address_and_MAC()
    {
        var world = World();
        world.Receive(NdpWorld.Eth1, NdpFrames.Solicitation(OnEth1));
        Assert.Equal(NdpWorld.Eth1.LinkLocal, world.Sent[0].Packet.Source);
        Assert.Equal(NdpWorld.Eth1.Mac, world.Sent[0].Packet.LinkLayerAddress);
    }

    [Fact]
    public void Everything_else_is_dropped_under_its_reason()
    {
        var mine = NdpWorld.Eth0.Mac;
        Drops(NdpDropReason.HopLimit, NdpFrames.Solicitation(Announced, hopLimit: 254));
        Drops(NdpDropReason.Advertisement, NdpFrames.CapturedAdvertisement);
        Drops(NdpDropReason.NoSourceLinkLayerAddress, NdpFrames.Solicitation(Announced, namesItself: false));
        Drops(NdpDropReason.Destination, NdpFrames.Solicitation(Announced, destination: Announced, destinationMac: new(0x0200000000ff)));
        Drops(NdpDropReason.Destination, NdpFrames.Solicitation(Announced, destination: "2001:db8::11", destinationMac: mine));
        Drops(NdpDropReason.AnnounceIp, NdpFrames.Solicitation("2001:db8::11"));
        Drops(NdpDropReason.InterfaceMismatch, NdpFrames.Solicitation(OnEth1));
        Drops(NdpDropReason.Malformed, NdpFrames.Solicitation("ff02::1"));
        Drops(NdpDropReason.Malformed, NdpFrames.Solicitation(Announced, "::"));
        Drops(NdpDropReason.Malformed, NdpFrames.Solicitation(Announced, "::", destination: "ff02::1", namesItself: false));
        Drops(NdpDropReason.Malformed, NdpFrames.Solicitation(Announced)[..60]);
        Drops(NdpDropReason.NotNdp, new byte[60]);
        var echo = NdpFrames.Frame(mine, NdpFrames.Client, IpAddress.Parse(Announced), [128, 0, 0, 0, 0, 1, 0, 1]);
        Drops(NdpDropReason.NotNdp, echo);
        var frame = NdpFrames.Solicitation(Announced);
        Drops(NdpDropReason.VlanTag, [.. frame[..12], 0x81, 0x00, 0x00, 0x07, .. frame[12..]]);
    }

    [Fact]
    public void A_frame_on_an_interface_that_is_not_used_is_dropped()
    {
        var world = World();
        Assert.Equal(NdpDropReason.UnknownLink, world.Receive(NdpWorld.Eth0 with { Index = 9 }, NdpFrames.Solicitation(Announced)));
        Assert.Equal(1, world.Machine.Drops.UnknownLink);
    }

    [Fact]
    public void Groups_are_joined_and_left_with_their_last_address()
    {
        var world = new NdpWorld().Links(NdpWorld.Eth0);
        world.Announce("2001:db8:1::10").Announce("2001:db8:2::10").Announce("2001:db8::ff");
        Assert.Equal(["join 2 ff02::1:ff00:10", "join 2 ff02::1:ff00:ff"], world.Orders.Where(order => order.StartsWith("join")));

        world.Forget().Retract("2001:db8:1::10");
        Assert.Equal(["2: 2001:db8::ff,2001:db8:2::10"], world.Orders);
        world.Forget().Retract("2001:db8:2::10");
        Assert.Equal(["2: 2001:db8::ff", "leave 2 ff02::1:ff00:10"], world.Orders);
        world.Forget().Links();
        Assert.Equal(["2: closed", "leave 2 ff02::1:ff00:ff"], world.Orders);
    }

    [Fact]
    public void An_interface_that_appears_joins_the_groups_and_is_told_at_once()
    {
        var world = new NdpWorld().Announce(Announced).Links(NdpWorld.Eth0);
        Assert.Equal(["2: 2001:db8::10", "join 2 ff02::1:ff00:10"], world.Orders);
        Assert.Equal([0L], world.Sent.Select(sent => sent.AtMilliseconds));
    }

    [Fact]
    public void A_burst_is_five_overriding_advertisements_to_all_nodes_and_then_one_per_interval()
    {
        var world = new NdpWorld().Links(NdpWorld.Eth0).Announce(Announced).PassTo(10_000);
        Assert.Equal([0L, 1100, 2200, 3300, 4400], world.Sent.Select(sent => sent.AtMilliseconds));
        Assert.All(world.Sent, sent => Assert.Equal(
            new NdpPacket(NdpType.Advertisement, NdpWorld.Eth0.LinkLocal, NdpGroup.AllNodes, IpAddress.Parse(Announced))
            {
                Flags = NdpFlags.Override,
                LinkLayerAddress = NdpWorld.Eth0.Mac,
                HopLimit = 255,
            },
            sent.Packet));
        world.Forget().PassTo(250_000);
        Assert.InRange(world.Sent.Count, 3, 5);
    }

    [Fact]
    public void Counts_are_one_frame_per_round()
    {
        var world = new NdpWorld().Links(NdpWorld.Eth0).Announce(Announced).PassTo(1_200);
        world.Receive(NdpWorld.Eth0, NdpFrames.Solicitation(Announced));
        Assert.True(world.Machine.TryTakeCounts(out var counts));
        Assert.Equal((1L, 1L, 2L), (counts.RequestsReceived, counts.ResponsesSent, counts.GratuitousSent));
    }

    [Fact]
    public void Answering_allocates_nothing()
    {
        var world = World();
        var frame = NdpFrames.Solicitation(Announced);
        world.Receive(NdpWorld.Eth0, frame);
        var machine = world.Machine;
        var input = Protocols.Announcing.AnnouncerInput.FrameReceived(NdpWorld.Eth0.Index, frame);
        var allocated = AllocationMeter.LeastBytes(() =>
        {
            machine.Handle(input, Instant.Zero);
            while (machine.TryTake(out _))
            {
            }
        });
        Assert.Equal(0, allocated);
    }

    private static void Drops(NdpDropReason reason, byte[] frame)
    {
        var world = World();
        Assert.Equal(reason, world.Receive(NdpWorld.Eth0, frame));
        Assert.Empty(world.Sent);
        var drops = world.Machine.Drops;
        long[] counts =
        [
            drops.UnknownLink, drops.Malformed, drops.NotNdp, drops.VlanTag, drops.HopLimit, drops.Advertisement,
            drops.NoSourceLinkLayerAddress, drops.Destination, drops.AnnounceIp, drops.InterfaceMismatch,
        ];
        Assert.Equal(1, counts[(int)reason - 1]);
        Assert.Equal(1, counts.Sum());
    }

    private static NdpWorld World() =>
        new NdpWorld().Links(NdpWorld.Eth0, NdpWorld.Eth1).Announce(Announced).Announce(OnEth1, "eth1").PassTo(50).Forget();
}
