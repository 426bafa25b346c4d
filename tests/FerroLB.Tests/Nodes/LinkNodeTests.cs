using System;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

public sealed class LinkNodeTests
{
    private const string Shared = "192.0.2.10";
    private static readonly LinkState Eth0 = LinkWorld.Link(2, "eth0");
    private static readonly LinkState Eth1 = LinkWorld.Link(3, "eth1");

    [Fact]
    public void Request_for_an_announced_address_is_answered_with_the_interfaces_mac()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", "192.0.2.10").Forget();

        world.Receive(2, LinkWorld.Request("192.0.2.10"));

        var (link, packet) = Assert.Single(world.Frames);
        Assert.Equal(2, link);
        Assert.Equal(
            new(ArpOperation.Reply, Eth0.Mac, IpAddress.Parse("192.0.2.10"), LinkWorld.ClientMac, LinkWorld.ClientAddress), packet);
    }

    [Fact]
    public void Shared_address_is_answered_until_its_last_service_goes()
    {
        var world = new LinkWorld().Links(Eth0).Announce("one", "192.0.2.10").Announce("two", "192.0.2.10");
        Assert.Equal(2, world.Node.Snapshot.Addresses[IpAddress.Parse("192.0.2.10")].Holders.Count);

        Assert.Single(world.Retract("one").Forget().Receive(2, LinkWorld.Request("192.0.2.10")).Frames);
        Assert.Empty(world.Retract("two").Forget().Receive(2, LinkWorld.Request("192.0.2.10")).Frames);
        Assert.Empty(world.Node.Snapshot.Addresses);
    }

    [Fact]
    public void Second_holder_of_an_address_causes_no_second_burst()
    {
        var world = new LinkWorld().Links(Eth0).Announce("one", "192.0.2.10").Pass(10).Forget();

        Assert.Empty(world.Announce("two", "192.0.2.10").Pass(5).Frames);
    }

    [Fact]
    public void Address_leaves_a_service_when_the_command_no_longer_names_it()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", "192.0.2.10,192.0.2.11").Announce("web", "192.0.2.11").Forget();

        Assert.Empty(world.Receive(2, LinkWorld.Request("192.0.2.10")).Frames);
        Assert.Single(world.Receive(2, LinkWorld.Request("192.0.2.11")).Frames);
    }

    [Fact]
    public void Filter_follows_the_announced_set_with_one_sorted_order_per_link()
    {
        var world = new LinkWorld().Links(Eth0, Eth1);
        Assert.Equal([(2, ""), (3, "")], world.Filters);

        world.Forget().Announce("web", "192.0.2.11,192.0.2.10", "eth0");
        Assert.Equal([(2, "192.0.2.10,192.0.2.11")], world.Filters);

        world.Forget().Links(Eth0 with { IsUp = false }, Eth1);
        Assert.Equal([(2, null)], world.Filters);
    }

    [Fact]
    public void Services_that_share_an_address_announce_it_on_the_interfaces_of_both()
    {
        var world = new LinkWorld().Links(Eth0, Eth1).Announce("one", Shared, "eth1").Announce("two", Shared, "eth0");
        Assert.Equal(["eth0", "eth1"], world.Node.Snapshot.Addresses[IpAddress.Parse(Shared)].Interfaces);
        Assert.Equal([2, 3], world.Forget().Receive(2, LinkWorld.Request(Shared)).Receive(3, LinkWorld.Request(Shared)).Answering);

        world.Retract("one").Forget();
        Assert.Equal([2], world.Receive(2, LinkWorld.Request(Shared)).Receive(3, LinkWorld.Request(Shared)).Answering);

        world.Announce("three", Shared).Forget();
        Assert.Null(world.Node.Snapshot.Addresses[IpAddress.Parse(Shared)].Interfaces);
        Assert.Equal([2, 3], world.Receive(2, LinkWorld.Request(Shared)).Receive(3, LinkWorld.Request(Shared)).Answering);
    }

    [Fact]
    public void Repeated_command_does_nothing()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", "192.0.2.10,192.0.2.11", "eth0").Pass(10).Forget();
        var before = world.Node.Snapshot;

        Assert.Empty(world.Announce("web", "192.0.2.11,192.0.2.10", "eth0").Outputs);
        Assert.Same(before, world.Node.Snapshot);
    }

    [Fact]
    public void Empty_announcement_and_unknown_retraction_are_harmless()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", Shared);
        world.Feed(LinkInput.CommandReceived(new LinkCommand.AnnounceService(new("default", "web"), [])));
        Assert.Empty(world.Node.Snapshot.Addresses);

        Assert.Empty(world.Forget().Retract("web").Retract("never-seen").Outputs);
    }

    [Fact]
    public void Ipv6_addresses_are_owned_but_not_announced_by_arp()
    {
        var world = new LinkWorld().Links(Eth0).Forget().Announce("web", "2001:db8::1");

        Assert.Equal([IpAddress.Parse("2001:db8::1")], world.Node.Snapshot.Addresses.Keys);
        Assert.Empty(world.Frames);
        Assert.Empty(world.Filters);
    }

    [Fact]
    public void Address_that_no_interface_can_carry_is_warned_about()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", Shared, "eth7");

        var warning = Assert.Single(world.Logs, line => line.Level == LogLevel.Warn);
        Assert.Equal([new("ip", Shared), new("interfaces", "eth7")], warning.Fields);
    }

    [Fact]
    public void Counters_are_reported_at_once_and_then_at_most_once_per_second()
    {
        var world = new LinkWorld(new() { GratuitousInterval = TimeSpan.Zero }).Links(Eth0).Announce("web", Shared);
        Assert.Equal([Count("gratuitous_sent", 2)], Changes(world));

        world.Forget().Receive(2, LinkWorld.Request(Shared)).Receive(2, LinkWorld.Request(Shared));
        Assert.Empty(Changes(world));
        Assert.Equal(world.Now + TimeSpan.FromSeconds(1), world.Node.NextDeadline);

        Assert.Equal([Count("requests_received", 2), Count("responses_sent", 2)], Changes(world.Pass(1)));
        Assert.Equal([Count("gratuitous_sent", 8)], Sum(world.Forget().Pass(10)));
        Assert.Null(world.Node.NextDeadline);
    }

    [Fact]
    public void Counters_go_when_the_address_goes()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", Shared).Receive(2, LinkWorld.Request(Shared)).Forget().Retract("web");

        Assert.Equal([Gone("requests_received"), Gone("responses_sent"), Gone("gratuitous_sent")], Changes(world));
        Assert.Empty(Changes(world.Forget().Pass(100)));
        Assert.Null(world.Node.NextDeadline);
    }

    [Fact]
    public void Idle_node_has_no_deadline()
    {
        Assert.Null(new LinkWorld().Node.NextDeadline);
        Assert.Null(new LinkWorld().Links(Eth0, Eth1).Node.NextDeadline);
        Assert.Null(new LinkWorld().Announce("web", Shared).Node.NextDeadline);
    }

    [Fact]
    public void Frames_are_logged_on_request_only()
    {
        var frame = LinkWorld.Request(Shared);
        Assert.Empty(new LinkWorld().Links(Eth0).Announce("web", Shared).Forget().Receive(2, frame).Logs);

        var world = new LinkWorld(new() { LogsFrames = true }).Links(Eth0, Eth1).Announce("web", Shared, "eth0").Forget();
        world.Receive(2, frame).Receive(3, frame).Receive(2, LinkWorld.Request("192.0.2.99")).Receive(2, []);

        Assert.Equal("got ARP request for service IP, sending response", world.Logs.First().Message);
        Assert.All(world.Logs, line => Assert.Equal(LogLevel.Debug, line.Level));
        Assert.Equal(
            ["", "interface mismatch", "announce IP", "malformed"],
            world.Logs.Select(line => line.Fields.Single(field => field.Name == "reason").Value));
    }

    [Fact]
    public void Log_lines_that_nobody_takes_are_bounded_and_their_loss_is_told()
    {
        var node = new LinkNode(new() { LogsFrames = true }, 1);
        for (var i = 0; i < 2000; i++)
            node.Handle(LinkInput.FrameReceived(1, ReadOnlyMemory<byte>.Empty), Instant.Zero);

        var lines = 0;
        LinkOutput last = default;
        while (node.TryTake(out var output))
            (last, lines) = (output, lines + 1);
        Assert.Equal(1025, lines);
        Assert.Equal([new("count", "976")], last.Log!.Fields);
    }

    [Fact]
    public void Snapshot_stays_the_same_object_until_something_changes()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", Shared);
        var before = world.Node.Snapshot;

        world.Receive(2, LinkWorld.Request(Shared));
        Assert.Same(before, world.Node.Snapshot);

        world.Receive(2, LinkWorld.Request("192.0.2.99"));
        Assert.Equal(1, world.Node.Snapshot.ArpDrops.AnnounceIp);
        Assert.Equal(0, before.ArpDrops.AnnounceIp);
        Assert.Equal(before.Links, world.Node.Snapshot.Links);
    }

    [Fact]
    public void Answering_allocates_nothing()
    {
        var world = new LinkWorld().Links(Eth0).Announce("web", Shared);
        var request = LinkWorld.Request(Shared);
        Storm(world, request, 1000);

        var answered = 0;
        Assert.Equal(0, AllocationMeter.LeastBytes(() => answered = Storm(world, request, 1000)));
        Assert.Equal(1000, answered);
    }

    private static (MetricOperation Operation, string Name, double Value, string Address)[] Changes(LinkWorld world) =>
        [.. world.Metrics.Select(change => (change.Operation, change.Name, change.Value, Assert.Single(change.Labels).Value))];

    private static (MetricOperation Operation, string Name, double Value, string Address)[] Sum(LinkWorld world) =>
        [.. Changes(world).GroupBy(change => (change.Operation, change.Name, change.Address))
            .Select(group => (group.Key.Operation, group.Key.Name, group.Sum(change => change.Value), group.Key.Address))];

    private static int Storm(LinkWorld world, byte[] request, int count)
    {
        var answered = 0;
        for (var i = 0; i < count; i++)
        {
            world.Node.Handle(LinkInput.FrameReceived(2, request), world.Now);
            while (world.Node.TryTake(out _))
                answered++;
            Assert.True(world.Node.NextDeadline is not null);
        }
        return answered;
    }

    private static (MetricOperation, string, double, string) Count(string name, double value) =>
        (MetricOperation.Add, "metallb_layer2_" + name, value, Shared);

    private static (MetricOperation, string, double, string) Gone(string name) =>
        (MetricOperation.Remove, "metallb_layer2_" + name, 0, Shared);
}
