using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Arp;

public sealed class ArpAnswerTests
{
    public static IEnumerable<TheoryDataRow<string>> Vectors => ArpVectors.Names.Select(name => new TheoryDataRow<string>(name));

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Frame_gets_its_verdict_and_is_counted_under_it(string name)
    {
        var (frame, verdict) = ArpVectors.Read(name);
        var world = World();

        Assert.Equal(verdict, world.Receive(ArpWorld.Eth0, frame));
        Assert.Equal(verdict == ArpDropReason.None ? 1 : 0, world.Sent.Count);
        Assert.Equal(Counted(verdict), world.Machine.Drops);
    }

    [Fact]
    public void Vectors_cover_every_verdict_on_a_known_interface()
    {
        var covered = ArpVectors.Names.Select(name => ArpVectors.Read(name).Verdict).ToHashSet();

        Assert.Equal(Enum.GetValues<ArpDropReason>().Where(reason => reason != ArpDropReason.UnknownLink), covered.Order());
    }

    [Fact]
    public void Frame_on_an_interface_that_is_not_used_is_dropped()
    {
        var world = World();

        Assert.Equal(ArpDropReason.UnknownLink, world.Receive(new(9, "eth9", default, true), ArpVectors.Frame("request-broadcast")));
        Assert.Equal(Counted(ArpDropReason.UnknownLink), world.Machine.Drops);
        Assert.Empty(world.Sent);
    }

    [Theory]
    [InlineData("request-broadcast", "192.0.2.1")]
    [InlineData("request-unicast", "192.0.2.1")]
    [InlineData("request-probe", "0.0.0.0")]
    [InlineData("request-forwarded", "192.0.2.1")]
    [InlineData("request-priority-tagged", "192.0.2.1")]
    public void Answer_goes_to_the_arp_sender_and_names_the_interfaces_mac(string name, string asker)
    {
        var world = World();
        world.Receive(ArpWorld.Eth0, ArpVectors.Frame(name));

        var sent = Assert.Single(world.Sent);
        Assert.Equal(ArpWorld.Eth0.Index, sent.LinkIndex);
        Assert.Equal(new EthernetHeader(new(0x0200000000c1), ArpWorld.Eth0.Mac, EtherType.Arp), sent.Header);
        Assert.Equal(
            new ArpPacket(
                ArpOperation.Reply, ArpWorld.Eth0.Mac, IpAddress.Parse("192.0.2.10"), new(0x0200000000c1), IpAddress.Parse(asker)),
            sent.Packet);
    }

    [Fact]
    public void Each_interface_answers_with_its_own_mac()
    {
        var world = World();
        world.Receive(ArpWorld.Eth1, ArpVectors.Frame("request-on-other-interface"));

        var sent = Assert.Single(world.Sent);
        Assert.Equal((ArpWorld.Eth1.Index, ArpWorld.Eth1.Mac), (sent.LinkIndex, sent.Packet.SenderMac));
    }

    [Fact]
    public void Interface_set_that_changes_moves_the_answers_at_once()
    {
        var world = World();
        world.Announce("192.0.2.10", "eth1").Forget();

        Assert.Equal(ArpDropReason.InterfaceMismatch, world.Receive(ArpWorld.Eth0, ArpVectors.Frame("request-broadcast")));
        Assert.Equal(ArpDropReason.None, world.Receive(ArpWorld.Eth1, ArpVectors.Frame("request-broadcast")));

        world.Announce("192.0.2.10", "eth0", "no-such-interface").Forget();

        Assert.Equal(ArpDropReason.None, world.Receive(ArpWorld.Eth0, ArpVectors.Frame("request-broadcast")));
        Assert.Equal(ArpDropReason.InterfaceMismatch, world.Receive(ArpWorld.Eth1, ArpVectors.Frame("request-broadcast")));
    }

    [Fact]
    public void Retracted_address_is_silent()
    {
        var world = World().Retract("192.0.2.10").Forget();

        Assert.Equal(ArpDropReason.AnnounceIp, world.Receive(ArpWorld.Eth0, ArpVectors.Frame("request-broadcast")));
        Assert.Empty(world.PassTo(100_000).Sent.Where(sent => sent.Packet.TargetAddress == IpAddress.Parse("192.0.2.10")));
    }

    [Fact]
    public void Renamed_interface_gains_and_loses_addresses_by_its_name()
    {
        var world = World().Links(ArpWorld.Eth0, ArpWorld.Eth1 with { Name = "lan1" });

        Assert.Equal(ArpDropReason.InterfaceMismatch, world.Receive(ArpWorld.Eth1, ArpVectors.Frame("request-on-other-interface")));
        world.Links(ArpWorld.Eth0 with { Name = "eth1" });
        Assert.Equal(ArpDropReason.None, world.Receive(ArpWorld.Eth0, ArpVectors.Frame("request-on-other-interface")));
    }

    [Fact]
    public void Counts_are_taken_once_per_address_and_start_again()
    {
        var world = World().PassTo(100);
        while (world.Machine.TryTakeCounts(out _))
        {
        }
        world.Receive(ArpWorld.Eth0, ArpVectors.Frame("request-broadcast"));
        world.Receive(ArpWorld.Eth0, ArpVectors.Frame("request-unicast"));
        world.Receive(ArpWorld.Eth0, ArpVectors.Frame("request-on-other-interface"));

        Assert.True(world.Machine.HasCounts);
        Assert.True(world.Machine.TryTakeCounts(out var counts));
        Assert.Equal(new AnnouncementCounts(IpAddress.Parse("192.0.2.10"), 2, 2, 0), counts);
        Assert.False(world.Machine.TryTakeCounts(out _));
        Assert.False(world.Machine.HasCounts);
    }

    [Fact]
    public void Frames_that_nobody_takes_push_out_the_oldest_and_are_counted()
    {
        var machine = new ArpAnnouncerMachine(TimeSpan.Zero, new SeededRandom(1));
        machine.Handle(AnnouncerInput.LinksChanged([ArpWorld.Eth0 with { HasCarrier = false }]), Instant.Zero);
        machine.Handle(AnnouncerInput.AddressAnnounced(IpAddress.Parse("192.0.2.10"), null), Instant.Zero);
        var frame = ArpVectors.Frame("request-broadcast");
        for (var i = 0; i < 300; i++)
            machine.Handle(AnnouncerInput.FrameReceived(2, frame), Instant.Zero);

        Assert.Equal(44, machine.Drops.QueueFull);
        Assert.True(machine.TryTake(out var filter) && filter.Kind == AnnouncerOutputKind.SetFilter);
        var taken = 0;
        while (machine.TryTake(out _))
            taken++;
        Assert.Equal(256, taken);
    }

    [Fact]
    public void Answering_allocates_nothing()
    {
        var world = World();
        var frame = ArpVectors.Frame("request-broadcast");
        var foreign = ArpVectors.Frame("request-not-announced");
        Storm(world.Machine, frame, foreign, 1000);

        var answered = 0;
        Assert.Equal(0, AllocationMeter.LeastBytes(() => answered = Storm(world.Machine, frame, foreign, 1000)));
        Assert.Equal(1000, answered);
    }

    private static int Storm(ArpAnnouncerMachine machine, byte[] frame, byte[] foreign, int count)
    {
        var answered = 0;
        for (var i = 0; i < count; i++)
        {
            machine.Handle(AnnouncerInput.FrameReceived(2, frame), Instant.Zero);
            machine.Handle(AnnouncerInput.FrameReceived(2, foreign), Instant.Zero);
            while (machine.TryTake(out _))
                answered++;
            Assert.True(machine.NextDeadline is not null);
        }
        return answered;
    }

    private static ArpWorld World() => new ArpWorld()
        .Links(ArpWorld.Eth0, ArpWorld.Eth1)
        .Announce("192.0.2.10")
        .Announce("192.0.2.20", "eth1")
        .Forget();

    private static ArpDropCounts Counted(ArpDropReason reason)
    {
        long Count(ArpDropReason other) => reason == other ? 1 : 0;
        return new(
            Count(ArpDropReason.UnknownLink),
            Count(ArpDropReason.Malformed),
            Count(ArpDropReason.NotArp),
            Count(ArpDropReason.VlanTag),
            Count(ArpDropReason.ArpReply),
            Count(ArpDropReason.EthernetDestination),
            Count(ArpDropReason.AnnounceIp),
            Count(ArpDropReason.InterfaceMismatch),
            0);
    }
}
