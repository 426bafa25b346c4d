using System.Linq;
using FerroLB.Protocols.Announcing;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Arp;

/// <summary>An address moves to another node: there must always be somebody who answers, and soon only one.</summary>
public sealed class ArpHandOverTests
{
    private const string Moving = "192.0.2.10";
    private static readonly MacAddress NewOwner = new(0x02000000aa01);
    private static readonly MacAddress Client = new(0x0200000000c1);

    private readonly ArpWorld _world = new ArpWorld().Links(ArpWorld.Eth0, ArpWorld.Eth1).Announce(Moving).PassTo(60_000).Forget();

    [Theory]
    [InlineData(ArpOperation.Request)]
    [InlineData(ArpOperation.Reply)]
    public void A_yielded_address_is_answered_until_the_new_owner_is_heard_on_each_interface(ArpOperation operation)
    {
        _world.Yield(Moving).PassTo(60_300);
        Assert.True(Answers(ArpWorld.Eth0));
        Assert.True(Answers(ArpWorld.Eth1));

        _world.Receive(ArpWorld.Eth0, Claim(operation));
        Assert.False(Answers(ArpWorld.Eth0));
        Assert.True(Answers(ArpWorld.Eth1));
        Assert.Empty(_world.TakeEvents());

        _world.Receive(ArpWorld.Eth1, Claim(operation));
        Assert.False(Answers(ArpWorld.Eth1));
        Assert.Equal([$"Released on 3 by {NewOwner}"], _world.TakeEvents());
        Assert.Null(_world.PassTo(120_000).Machine.NextDeadline);
    }

    [Fact]
    public void A_new_owner_that_is_not_heard_is_waited_for_a_second()
    {
        _world.Yield(Moving).PassTo(60_999);
        Assert.True(Answers(ArpWorld.Eth0));
        _world.Yield(Moving).PassTo(61_000);
        Assert.False(Answers(ArpWorld.Eth0));
        Assert.Equal(["Released"], _world.TakeEvents());
    }

    [Fact]
    public void Nothing_is_announced_unasked_or_defended_meanwhile()
    {
        _world.Announce("192.0.2.11").PassTo(60_100).Forget();
        _world.Yield("192.0.2.11").Refresh("192.0.2.11").Links(ArpWorld.Eth0 with { Mac = new(0x020000000077) });
        _world.Receive(ArpWorld.Eth0, Claim(ArpOperation.Reply, "192.0.2.11", Client));
        _world.PassTo(62_000);
        Assert.DoesNotContain(_world.Sent, sent => sent.Packet.SenderAddress == IpAddress.Parse("192.0.2.11"));
    }

    [Fact]
    public void A_new_owner_that_was_heard_before_this_node_knew_is_not_waited_for()
    {
        _world.Receive(ArpWorld.Eth0, Claim(ArpOperation.Request));
        _world.Receive(ArpWorld.Eth1, Claim(ArpOperation.Request));
        _world.PassTo(60_200).Forget().Yield(Moving);
        Assert.Equal([$"Released on 3 by {NewOwner}"], _world.TakeEvents());
        Assert.False(Answers(ArpWorld.Eth0));
        Assert.Empty(_world.PassTo(70_000).Sent);
    }

    [Fact]
    public void What_was_heard_before_this_nodes_own_last_word_does_not_count()
    {
        _world.Receive(ArpWorld.Eth0, Claim(ArpOperation.Request));
        _world.PassTo(60_500);
        Assert.NotEmpty(_world.RoundsOn(ArpWorld.Eth0));
        _world.Yield(Moving);
        Assert.True(Answers(ArpWorld.Eth0));
    }

    [Fact]
    public void A_word_to_this_node_alone_or_from_an_interface_of_its_own_ends_nothing()
    {
        _world.Yield(Moving);
        _world.Receive(ArpWorld.Eth0, Claim(ArpOperation.Reply, Moving, ArpWorld.Eth0.Mac));
        _world.Receive(ArpWorld.Eth0, Claim(ArpOperation.Reply, Moving, MacAddress.Broadcast, ArpWorld.Eth1.Mac));
        Assert.True(Answers(ArpWorld.Eth0));
    }

    [Fact]
    public void An_address_that_comes_back_meanwhile_is_kept_and_announced()
    {
        _world.Yield(Moving);
        _world.Receive(ArpWorld.Eth0, Claim(ArpOperation.Request));
        _world.PassTo(60_500).Forget().Announce(Moving).PassTo(70_000);
        Assert.True(Answers(ArpWorld.Eth0));
        Assert.True(Answers(ArpWorld.Eth1));
        Assert.Equal(5, _world.RoundsOn(ArpWorld.Eth0).Count());
        Assert.Equal(60_500, _world.RoundsOn(ArpWorld.Eth1).First());
        Assert.Empty(_world.TakeEvents());

        _world.Yield(Moving).PassTo(70_999);
        Assert.True(Answers(ArpWorld.Eth0));
        _world.PassTo(71_000);
        Assert.False(Answers(ArpWorld.Eth0));
    }

    [Fact]
    public void An_address_that_is_retracted_meanwhile_is_silent_at_once_and_says_nothing_more()
    {
        _world.Yield(Moving).Retract(Moving);
        Assert.False(Answers(ArpWorld.Eth0));
        _world.PassTo(65_000);
        Assert.Empty(_world.TakeEvents());
    }

    [Fact]
    public void Without_an_interface_there_is_nothing_to_wait_for()
    {
        _world.Links().Yield(Moving);
        Assert.Equal(["Released"], _world.TakeEvents());
    }

    internal static byte[] Claim(
        ArpOperation operation, string address = Moving, MacAddress? destination = null, MacAddress? sender = null)
    {
        var frame = new byte[EthernetHeader.MinimumFrameBytes];
        var ip = IpAddress.Parse(address);
        new ArpPacket(operation, sender ?? NewOwner, ip, MacAddress.Broadcast, ip).WriteFrame(frame, destination ?? MacAddress.Broadcast);
        return frame;
    }

    private bool Answers(AnnouncingLink link)
    {
        var frame = new byte[EthernetHeader.MinimumFrameBytes];
        new ArpPacket(ArpOperation.Request, Client, IpAddress.Parse("192.0.2.1"), MacAddress.Zero, IpAddress.Parse(Moving))
            .WriteFrame(frame, MacAddress.Broadcast);
        return _world.Receive(link, frame) == ArpDropReason.None;
    }
}
