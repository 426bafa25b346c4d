using System;
using System.Linq;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Arp;

public sealed class ArpGratuitousTests
{
    private static readonly long[] Burst = [0, 1100, 2200, 3300, 4400];

    [Fact]
    public void Round_is_a_broadcast_request_and_then_a_broadcast_reply()
    {
        var world = new ArpWorld().Links(ArpWorld.Eth0).Announce("192.0.2.10");

        var expected = new ArpPacket(
            ArpOperation.Request, ArpWorld.Eth0.Mac, IpAddress.Parse("192.0.2.10"), MacAddress.Broadcast, IpAddress.Parse("192.0.2.10"));
        Assert.Equal([expected, expected with { Operation = ArpOperation.Reply }], world.Sent.Select(sent => sent.Packet));
        Assert.All(
            world.Sent, sent => Assert.Equal(new(MacAddress.Broadcast, ArpWorld.Eth0.Mac, EtherType.Arp), sent.Header));
        Assert.True(world.Machine.TryTakeCounts(out var counts));
        Assert.Equal(2, counts.GratuitousSent);
    }

    [Fact]
    public void New_owner_sends_five_rounds_on_every_interface_of_the_set()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0, ArpWorld.Eth1).Announce("192.0.2.10").Announce("192.0.2.20", "eth1");
        world.PassTo(600_000);

        Assert.Equal(Burst, world.RoundsOn(ArpWorld.Eth0));
        Assert.Equal(Burst.SelectMany(at => new[] { at, at }), world.RoundsOn(ArpWorld.Eth1));
        Assert.Null(world.Machine.NextDeadline);
    }

    [Fact]
    public void Refresh_during_a_burst_extends_it_without_an_extra_round()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(3000).Refresh("192.0.2.10");

        Assert.Equal([.. Burst, 5500, 6600, 7700], world.PassTo(600_000).RoundsOn(ArpWorld.Eth0));
    }

    [Fact]
    public void Refresh_after_a_burst_starts_another_at_once()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(20_000).Forget().Refresh("192.0.2.10");

        Assert.Equal(Burst.Select(at => at + 20_000), world.PassTo(600_000).RoundsOn(ArpWorld.Eth0));
    }

    [Fact]
    public void Announcement_is_repeated_after_the_burst_once_per_interval()
    {
        var world = new ArpWorld().Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(4400).Forget().PassTo(300_000);

        var rounds = world.RoundsOn(ArpWorld.Eth0).ToArray();
        Assert.InRange(rounds[0], 4400 + 30_000, 4400 + 60_000);
        Assert.Equal(Enumerable.Range(0, rounds.Length).Select(i => rounds[0] + 60_000L * i), rounds);
        Assert.InRange(rounds[^1], 240_000, 300_000);
    }

    [Fact]
    public void Repetitions_of_many_addresses_spread_over_the_interval()
    {
        var world = new ArpWorld().Links(ArpWorld.Eth0);
        for (var i = 0; i < 60; i++)
            world.Announce($"192.0.2.{i}");

        var rounds = world.PassTo(4400).Forget().PassTo(64_400).RoundsOn(ArpWorld.Eth0).ToArray();
        Assert.Equal(60, rounds.Length);
        Assert.True(rounds.Distinct().Count() > 50);
    }

    [Fact]
    public void Retracted_address_ends_its_burst()
    {
        var world = new ArpWorld().Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(2000).Retract("192.0.2.10").PassTo(600_000);

        Assert.Equal([0, 1100], world.RoundsOn(ArpWorld.Eth0));
        Assert.Null(world.Machine.NextDeadline);
    }

    [Fact]
    public void Address_that_comes_back_is_announced_at_once()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(500).Retract("192.0.2.10").Announce("192.0.2.10");

        Assert.Equal([0, 500, 1600], world.PassTo(2000).RoundsOn(ArpWorld.Eth0));
    }

    [Fact]
    public void New_interface_gets_a_burst_and_the_others_none()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(10_000).Forget();
        world.Links(ArpWorld.Eth0, ArpWorld.Eth1).PassTo(600_000);

        Assert.Empty(world.RoundsOn(ArpWorld.Eth0));
        Assert.Equal(Burst.Select(at => at + 10_000), world.RoundsOn(ArpWorld.Eth1));
    }

    [Fact]
    public void Interface_added_to_the_set_gets_a_burst_and_the_others_none()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0, ArpWorld.Eth1).Announce("192.0.2.10", "eth0").PassTo(10_000).Forget();
        world.Announce("192.0.2.10", "eth0", "eth1").PassTo(600_000);

        Assert.Empty(world.RoundsOn(ArpWorld.Eth0));
        Assert.Equal(Burst.Select(at => at + 10_000), world.RoundsOn(ArpWorld.Eth1));
    }

    [Fact]
    public void Changed_mac_is_announced_at_once_even_within_a_burst()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(500);
        world.Links(ArpWorld.Eth0 with { Mac = new(0x0200000000ee) }).PassTo(600_000);

        Assert.Equal([0, 500, 1600, 2700, 3800, 4900], world.RoundsOn(ArpWorld.Eth0));
        Assert.All(world.Sent.Skip(2), sent => Assert.Equal(new MacAddress(0x0200000000ee), sent.Packet.SenderMac));
        Assert.All(world.Sent.Skip(2), sent => Assert.Equal(new MacAddress(0x0200000000ee), sent.Header.Source));
    }

    [Fact]
    public void Nothing_is_sent_unasked_without_carrier_and_a_burst_when_it_comes_back()
    {
        var dark = ArpWorld.Eth0 with { HasCarrier = false };
        var world = new ArpWorld(0).Links(dark).Announce("192.0.2.10").PassTo(1000);
        Assert.Empty(world.Sent);
        Assert.Null(world.Machine.NextDeadline);

        world.Links(ArpWorld.Eth0).PassTo(1500).Links(dark).PassTo(1600).Links(ArpWorld.Eth0).PassTo(600_000);
        Assert.Equal([1000, 2100, 3200, 4300, 5400, 6500], world.RoundsOn(ArpWorld.Eth0));
        Assert.Equal(ArpDropReason.None, world.Links(dark).Receive(dark, ArpVectors.Frame("request-broadcast")));
    }

    [Fact]
    public void Repeated_news_of_the_same_interfaces_and_announcements_change_nothing()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(10_000).Forget();
        world.Links(ArpWorld.Eth0).Announce("192.0.2.10").PassTo(600_000);

        Assert.Empty(world.Sent);
        Assert.Empty(world.Filters);
    }

    [Fact]
    public void Thousand_addresses_are_all_announced_although_the_queue_is_shorter()
    {
        var machine = new ArpAnnouncerMachine(TimeSpan.Zero, new SeededRandom(1));
        for (var i = 0; i < 1000; i++)
            machine.Handle(AnnouncerInput.AddressAnnounced(IpAddress.V4(0x0A000000u + (uint)i), null), Instant.Zero);
        machine.Handle(AnnouncerInput.LinksChanged([ArpWorld.Eth0]), Instant.Zero);

        var frames = 0;
        for (var call = 0; call < 10; call++)
        {
            while (machine.TryTake(out var output))
                frames += output.Kind == AnnouncerOutputKind.SendFrame ? 1 : 0;
            machine.Advance(Instant.Zero);
        }
        Assert.Equal(2000, frames);
        Assert.Equal(0, machine.Drops.QueueFull);
        Assert.Equal(Instant.FromMilliseconds(1100), machine.NextDeadline);
    }

    [Fact]
    public void Late_advance_sends_one_round_and_does_not_catch_up()
    {
        var world = new ArpWorld(0).Links(ArpWorld.Eth0).Announce("192.0.2.10").Forget();
        world.Machine.Advance(Instant.FromMilliseconds(4000));

        Assert.Equal(2, Enumerable.Range(0, 100).Count(_ => world.Machine.TryTake(out var _)));
        world.Machine.Advance(Instant.FromMilliseconds(4000));
        Assert.False(world.Machine.TryTake(out _));
    }
}
