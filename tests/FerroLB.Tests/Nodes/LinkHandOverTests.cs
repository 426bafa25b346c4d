using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What the control loop wishes when addresses move, and what it is told.</summary>
public sealed class LinkHandOverTests
{
    private const string Moving = "192.0.2.10";
    private static readonly MacAddress Stranger = LinkWorld.Mac("02:00:00:00:aa:01");

    private readonly LinkWorld _world = new LinkWorld().Links(LinkWorld.Link(2, "eth0")).Announce("web", Moving).Pass(60).Forget();

    [Fact]
    public void An_address_that_another_node_announces_is_answered_for_until_that_node_is_heard()
    {
        Move("web", Moving);
        Assert.Empty(_world.Node.Snapshot.Addresses);
        Assert.True(Answers());
        _world.Receive(2, Claim());
        Assert.False(Answers());
        Assert.Contains(_world.Logs, line => line.Message.EndsWith("its new owner was heard", System.StringComparison.Ordinal));
        Assert.Contains(_world.Metrics, change => change.Operation == MetricOperation.Remove);
    }

    [Fact]
    public void What_the_Service_has_no_more_is_silent_at_once_even_during_a_hand_over()
    {
        Move("web", Moving);
        _world.Retract("web");
        Assert.False(Answers());
        Move("web", Moving);
        Assert.False(Answers());
    }

    [Fact]
    public void An_address_that_another_Service_still_holds_here_is_not_yielded()
    {
        _world.Announce("other", Moving);
        Move("web", Moving);
        _world.Pass(5).Receive(2, Claim());
        Assert.True(Answers());
    }

    [Fact]
    public void A_move_back_keeps_the_address()
    {
        Move("web", Moving);
        _world.Pass(0.5).Announce("web", Moving).Pass(5);
        Assert.True(Answers());
        Assert.Equal([Moving], _world.Node.Snapshot.Addresses.Keys.Select(address => address.ToString()));
    }

    [Fact]
    public void One_of_two_addresses_can_move()
    {
        _world.Announce("web", $"{Moving},192.0.2.11").Pass(10).Forget();
        _world.Feed(LinkInput.CommandReceived(new LinkCommand.AnnounceService(
            new("default", "web"), [new(IpAddress.Parse("192.0.2.11"), null)]) { Elsewhere = [IpAddress.Parse(Moving)] }));
        Assert.True(Answers());
        _world.Pass(1);
        Assert.False(Answers());
        Assert.NotEmpty(_world.Forget().Receive(2, LinkWorld.Request("192.0.2.11")).Answering);
    }

    [Fact]
    public void Silence_is_told_when_the_last_address_was_handed_over()
    {
        _world.Announce("deleted", "192.0.2.11");
        Move("web", Moving);
        _world.Retract("deleted").Feed(LinkInput.CommandReceived(new LinkCommand.TellWhenSilent()));
        Assert.Empty(_world.Reports.OfType<LinkReport.Silent>());
        _world.Receive(2, Claim());
        Assert.Single(_world.Reports.OfType<LinkReport.Silent>());
    }

    [Fact]
    public void A_node_that_announces_nothing_is_silent_at_once() =>
        Assert.Single(_world.Retract("web").Feed(LinkInput.CommandReceived(new LinkCommand.TellWhenSilent())).Reports);

    [Fact]
    public void A_conflict_is_logged_counted_reported_and_shown_until_it_is_over()
    {
        _world.Receive(2, Claim()).Pass(2).Receive(2, Claim());
        var conflict = new AddressConflict(IpAddress.Parse(Moving), "eth0", Stranger);
        Assert.Equal([conflict], Assert.Single(_world.Reports.OfType<LinkReport.ConflictsChanged>()).Conflicts);
        Assert.Equal([conflict], _world.Node.Snapshot.Conflicts);
        Assert.Single(_world.Logs, line => line.Level == LogLevel.Warn);
        Assert.Contains(_world.Metrics, change =>
            change is { Operation: MetricOperation.Add, Name: "ferrolb_layer2_conflicts_total", Value: 1 });

        _world.Forget().Pass(300);
        Assert.Empty(Assert.Single(_world.Reports.OfType<LinkReport.ConflictsChanged>()).Conflicts);
        Assert.Empty(_world.Node.Snapshot.Conflicts);
    }

    [Fact]
    public void What_an_excluded_interface_of_this_node_sends_is_no_strangers_claim()
    {
        Assert.True(InterfaceExclusions.TryCreate(["^veth.*"], out var exclusions, out _));
        var world = new LinkWorld(new() { Exclusions = exclusions });
        world.Links(LinkWorld.Link(2, "eth0"), LinkWorld.Link(3, "veth1") with { Mac = Stranger }).Announce("web", Moving).Pass(10);
        world.Receive(2, Claim()).Pass(2).Receive(2, Claim());
        Assert.Empty(world.Node.Snapshot.Conflicts);
        world.Links(LinkWorld.Link(2, "eth0")).Receive(2, Claim()).Pass(2).Receive(2, Claim());
        Assert.Single(world.Node.Snapshot.Conflicts);
    }

    private static byte[] Claim()
    {
        var frame = new byte[EthernetHeader.MinimumFrameBytes];
        var ip = IpAddress.Parse(Moving);
        new ArpPacket(ArpOperation.Request, Stranger, ip, MacAddress.Zero, ip).WriteFrame(frame, MacAddress.Broadcast);
        return frame;
    }

    private void Move(string service, string address) => _world.Feed(LinkInput.CommandReceived(
        new LinkCommand.AnnounceService(new("default", service), []) { Elsewhere = [IpAddress.Parse(address)] }));

    private bool Answers()
    {
        var before = _world.Answering.Count();
        return _world.Receive(2, LinkWorld.Request(Moving)).Answering.Count() > before;
    }
}
