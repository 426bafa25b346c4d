using System;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;
using FerroLB.Tests.Heartbeat;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>The heartbeats of a link loop, and what follows for its answers.</summary>
public sealed class LinkHeartbeatTests
{
    private const string Address = "192.0.2.10";
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly LinkWorld _world = new(new() { Heartbeats = new("iris1", 1000, Interval) });
    private ulong _sequence;

    [Fact]
    public void Heartbeats_leave_from_the_interfaces_on_which_addresses_are_owned()
    {
        _world.Links(LinkWorld.Link(1, "eth0"), LinkWorld.Link(2, "eth1")).Feed(Confirm(0)).Pass(1).Forget();
        _world.Pass(1);
        Assert.Empty(Sent());
        _world.Announce("a", Address, "eth1").Pass(0.95);
        Assert.Equal(Enumerable.Repeat(2, 10), Sent().Select(sent => sent.LinkIndex));
        _world.Forget().Announce("b", "192.0.2.11").Pass(0.95);
        Assert.Equal(10, Sent().Count(sent => sent.LinkIndex == 1));
        _world.Retract("b").Retract("a").Pass(1).Forget().Pass(1);
        Assert.Empty(Sent());
    }

    // Nodes finish their checks for duplicates one after the other, and must hear each other meanwhile.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void They_are_heard_on_every_usable_interface_and_sent_by_IPv6_where_there_is_a_link_local_address(bool isTentative)
    {
        var ipv6 = LinkWorld.Link(2, "eth1") with { Addresses = [new(IpAddress.Parse("fe80::1"), 64) { IsTentative = isTentative }] };
        _world.Links(LinkWorld.Link(1, "eth0"), ipv6, LinkWorld.Link(3, "eth2") with { IsUp = false });
        Assert.Equal(
            ["1 224.0.0.254", "2 224.0.0.254", "2 ff02::114"],
            _world.Outputs.Where(output => output.Kind == LinkOutputKind.HearHeartbeats)
                .Select(output => $"{output.LinkIndex} {output.Group}"));
        _world.Announce("a", Address).Pass(0.05);
        Assert.Equal(["1 224.0.0.254", "2 ff02::114"], Sent().Select(output => $"{output.LinkIndex} {output.Group}"));
        _world.Forget().Links(ipv6);
        var ignored = _world.Outputs.Single(output => output.Kind == LinkOutputKind.IgnoreHeartbeats);
        Assert.Equal("1 224.0.0.254", $"{ignored.LinkIndex} {ignored.Group}");
    }

    [Fact]
    public void A_peer_that_falls_silent_is_reported_and_logged()
    {
        _world.Links(LinkWorld.Link(1, "eth0")).Feed(Confirm(0));
        Hear("iris2");
        _world.Forget().Pass(1);
        var report = _world.Reports.OfType<LinkReport.PeersChanged>().Single();
        Assert.Equal(new HeartbeatPeerState("iris2", 5, HeartbeatVerdict.Silent), Assert.Single(report.Peers));
        Assert.Contains(_world.Logs, line => line.Message == "the heartbeats of a speaker stopped");
        Hear("iris2");
        Assert.Equal(HeartbeatVerdict.Heard, _world.Reports.OfType<LinkReport.PeersChanged>().Last().Peers.Single().Verdict);
    }

    [Fact]
    public void After_a_standstill_nothing_is_answered_or_announced_until_ownership_is_confirmed()
    {
        _world.Links(LinkWorld.Link(1, "eth0")).Announce("a", Address).Feed(Confirm(0)).Pass(10).Forget();
        _world.Skip(5).Receive(1, LinkWorld.Request(Address));
        Assert.Empty(_world.Frames);
        Assert.Equal((1, null), _world.Filters.Single());
        Assert.Equal(1, _world.Reports.OfType<LinkReport.PeersChanged>().Last().Standstills);
        _world.Announce("b", "192.0.2.11").Pass(1).Receive(1, LinkWorld.Request(Address));
        Assert.Empty(_world.Frames);
        _world.Retract("b").Feed(Confirm(1)).Receive(1, LinkWorld.Request(Address));
        Assert.Equal([1], _world.Answering);
        Assert.Equal((1, Address), _world.Filters.Last());
        Assert.Contains(_world.Frames, frame => frame.Packet.SenderAddress == frame.Packet.TargetAddress);
    }

    [Fact]
    public void A_pause_that_nobody_noticed_changes_nothing()
    {
        _world.Links(LinkWorld.Link(1, "eth0")).Announce("a", Address).Feed(Confirm(0)).Pass(10).Forget();
        _world.Skip(0.2).Receive(1, LinkWorld.Request(Address));
        Assert.Equal([1], _world.Answering);
    }

    [Fact]
    public void Who_is_not_heard_announces_its_addresses_again()
    {
        _world.Links(LinkWorld.Link(1, "eth0")).Announce("a", Address).Feed(Confirm(0)).Pass(10).Forget();
        Hear("iris2", (HeartbeatEntryKind.Silent, 1000, 0, "iris1"));
        Assert.Equal(2, _world.Frames.Count());
        _world.Forget();
        Hear("iris2", (HeartbeatEntryKind.Silent, 1000, 0, "iris1"));
        Assert.Empty(_world.Frames);
    }

    [Fact]
    public void What_was_sent_taken_and_refused_is_counted()
    {
        _world.Links(LinkWorld.Link(1, "eth0")).Announce("a", Address).Feed(Confirm(0)).Pass(6).Forget();
        Hear("iris2");
        _world.Feed(LinkInput.HeartbeatRefused(HeartbeatRefusal.Signature)).Pass(6);
        Assert.InRange(_world.Metrics.Where(change => change.Name == "ferrolb_heartbeats_sent_total").Sum(change => change.Value), 50, 200);
        Assert.Equal(1, _world.Metrics.Where(change => change.Name == "ferrolb_heartbeats_received_total").Sum(change => change.Value));
        var refused = _world.Metrics.Single(change => change.Name == "ferrolb_heartbeats_refused_total");
        Assert.Equal(("signature", 1.0), (refused.Labels[0].Value, refused.Value));
    }

    private static LinkInput Confirm(int standstill) => LinkInput.CommandReceived(new LinkCommand.ConfirmOwnership(standstill));

    private void Hear(string name, params (HeartbeatEntryKind Kind, ulong Incarnation, uint Age, string Name)[] entries) =>
        _world.Feed(LinkInput.HeartbeatReceived(
            1, HeartbeatPacketTests.Write(HeartbeatFlags.Owner, 5, ++_sequence, 100_000, name, entries)));

    private LinkOutput[] Sent() => [.. _world.Outputs.Where(output => output.Kind == LinkOutputKind.SendHeartbeat)];
}
