using System;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using Xunit;

namespace FerroLB.Tests.Bgp.Session;

public sealed class BgpBackOffTests
{
    [Fact]
    public void A_peer_that_repeats_an_error_is_held_back_longer_and_longer()
    {
        var world = new BgpSessionWorld().Start();
        var held = Enumerable.Range(0, 10).Select(_ => HeldAfter(world, () =>
        {
            world.Connect();
            world.Say(BgpSessionWorld.PeerOpen(asn: 1));
        }));
        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 120, 120, 120], held);
    }

    [Fact]
    public void Being_established_alone_forgives_nothing()
    {
        var world = new BgpSessionWorld().Start();
        var held = Enumerable.Range(0, 5).Select(_ => HeldAfter(world, () =>
        {
            world.Establish();
            world.RunAlive(TimeSpan.FromSeconds(100));
            world.Say(BgpNotification.Update(BgpUpdateSubcode.MalformedAttributeList));
        }));
        Assert.Equal([1, 2, 4, 8, 16], held);
    }

    [Fact]
    public void Two_hold_times_of_stability_forgive_everything()
    {
        var world = new BgpSessionWorld().Start();
        var held = Enumerable.Range(0, 3).Select(_ => HeldAfter(world, () =>
        {
            world.Establish();
            world.RunAlive(TimeSpan.FromSeconds(181));
            world.Say(BgpNotification.Update(BgpUpdateSubcode.MalformedAttributeList));
        }));
        Assert.Equal([1, 1, 1], held);
    }

    [Fact]
    public void A_peer_that_hangs_up_as_soon_as_it_is_there_is_held_back_as_well()
    {
        var world = new BgpSessionWorld().Start();
        var held = Enumerable.Range(0, 4).Select(_ => HeldAfter(world, () =>
        {
            world.Establish();
            world.Handle(new BgpSessionInput.StreamClosed(world.Stream));
        }));
        Assert.Equal([1, 2, 4, 8], held);
    }

    [Fact]
    public void While_a_session_is_held_back_the_peer_cannot_connect_either()
    {
        var world = new BgpSessionWorld().Start().Connect();
        world.Say(BgpSessionWorld.PeerOpen(asn: 1));
        world.Forget();
        world.Accept();
        Assert.Equal([world.Stream], world.Closed);
        Assert.Empty(world.Sent);
    }

    [Fact]
    public void A_passive_session_is_held_back_and_then_waits_again()
    {
        var world = new BgpSessionWorld(BgpSessionWorld.Config with { IsPassive = true }).Start().Accept();
        world.Say(BgpSessionWorld.PeerOpen(asn: 1));
        Assert.Equal(BgpSessionState.Idle, world.State);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(BgpSessionState.Active, world.State);
        Assert.Empty(world.Attempts);
        world.Establish();
    }

    [Fact]
    public void Another_configuration_is_tried_at_once()
    {
        var world = new BgpSessionWorld().Start().Connect();
        world.Say(BgpSessionWorld.PeerOpen(asn: 1));
        world.Handle(new BgpSessionInput.ConfigChanged(BgpSessionWorld.Config with { PeerAsn = 1 }));
        Assert.Equal(BgpSessionState.Connect, world.State);
    }

    private static double HeldAfter(BgpSessionWorld world, Action err)
    {
        err();
        Assert.Equal(BgpSessionState.Idle, world.State);
        var since = world.Now;
        while (world.State == BgpSessionState.Idle)
            world.Run(world.Machine.NextDeadline!.Value - world.Now);
        return (world.Now - since).TotalSeconds;
    }
}
