using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bgp.Session;

public sealed class BgpSessionTimerTests
{
    [Fact]
    public void A_silent_peer_is_lost_after_the_hold_time_and_told_so()
    {
        var world = new BgpSessionWorld().Establish(BgpSessionWorld.PeerOpen(hold: 3));
        world.Run(TimeSpan.FromSeconds(2.9));
        Assert.Equal(BgpSessionState.Established, world.State);
        world.Run(TimeSpan.FromSeconds(0.2));
        Assert.Equal([BgpNotification.HoldTimerExpired], world.NotificationsSent);
        Assert.Equal("nothing was heard from the peer for the hold time", world.Of<BgpSessionOutput.SessionDown>().Single().Error.Text);
    }

    [Fact]
    public void Updates_are_signs_of_life_in_both_directions()
    {
        var world = new BgpSessionWorld().Establish(BgpSessionWorld.PeerOpen(hold: 9));
        world.Forget();
        for (var i = 0; i < 30; i++)
        {
            world.SayBytes(Update);
            world.Handle(new BgpSessionInput.MessagesWritten(Update));
            world.Run(TimeSpan.FromSeconds(2));
        }
        Assert.Equal(BgpSessionState.Established, world.State);
        Assert.DoesNotContain(BgpMessageType.KeepAlive, world.Sent.Select(sent => sent.Type));
    }

    [Fact]
    public void A_peer_that_accepts_and_says_nothing_is_given_up_after_a_minute()
    {
        var world = new BgpSessionWorld().Start().Connect();
        world.Run(TimeSpan.FromSeconds(61));
        Assert.Equal([BgpNotification.HoldTimerExpired], world.NotificationsSent);
        Assert.Equal("the peer accepted the connection and sent no OPEN", world.Error.Text);
    }

    [Fact]
    public void A_peer_that_never_reads_is_lost_after_the_send_hold_time_whatever_it_sends()
    {
        var world = new BgpSessionWorld().Establish();
        world.KernelTakes = false;
        world.Handle(new BgpSessionInput.MessagesWritten(Update));
        world.RunAlive(TimeSpan.FromMinutes(7.9));
        Assert.Equal(BgpSessionState.Established, world.State);
        // Keepalives that nobody takes do not pile up.
        Assert.True(world.Sent.Count < 10);
        world.RunAlive(TimeSpan.FromMinutes(0.2));
        Assert.Equal([BgpNotification.SendHoldTimerExpired], world.NotificationsSent);
    }

    [Fact]
    public void Attempts_to_connect_come_after_five_seconds_growing_to_sixty()
    {
        var gaps = GapsOfRefusedAttempts(BgpSessionWorld.Config, 60).SkipWhile(gap => gap < 1).Take(8).ToArray();
        double[] expected = [5, 10, 20, 40, 60, 60, 60, 60];
        Assert.All(gaps.Zip(expected), pair => Assert.InRange(pair.First, 0.75 * pair.Second, pair.Second));
        Assert.NotEqual(gaps[^1], gaps[^2]);
    }

    [Fact]
    public void In_the_first_ten_seconds_attempts_to_connect_come_several_times_a_second()
    {
        var gaps = GapsOfRefusedAttempts(BgpSessionWorld.Config, 60).TakeWhile(gap => gap < 1).ToArray();
        Assert.All(gaps, gap => Assert.InRange(gap, 0.29, 0.61));
        Assert.InRange(gaps.Sum(), 9, 10.61);
    }

    [Fact]
    public void Attempts_to_connect_come_in_the_time_that_is_configured()
    {
        var gaps = GapsOfRefusedAttempts(BgpSessionWorld.Config with { ConnectRetrySeconds = 7 }, 9);
        Assert.All(gaps, gap => Assert.InRange(gap, 0.75 * 7, 7));
    }

    [Fact]
    public void An_attempt_that_nobody_answers_is_given_up_after_ten_seconds()
    {
        var world = new BgpSessionWorld().Start();
        world.Run(TimeSpan.FromSeconds(10));
        Assert.Equal([world.Attempts.First().Stream], world.Of<BgpSessionOutput.CloseStream>().Select(close => close.Stream));
        Assert.Equal(BgpSessionState.Active, world.State);
        // And if it opens in this moment, it is closed: the order to give it up was on its way.
        world.Closed.Clear();
        world.Handle(new BgpSessionInput.StreamOpened(world.Attempts.First().Stream, BgpSessionWorld.Local));
        Assert.Single(world.Closed);
        world.Run(TimeSpan.FromSeconds(6));
        Assert.Equal(BgpSessionState.Connect, world.State);
    }

    [Fact]
    public void A_peer_that_restarts_is_found_within_a_second_of_its_port_being_open()
    {
        var world = new BgpSessionWorld().Establish();
        world.RunAlive(TimeSpan.FromMinutes(4));
        world.Handle(new BgpSessionInput.StreamClosed(world.Stream));
        var since = world.Now;
        var longest = TimeSpan.Zero;
        while (world.Now < since + TimeSpan.FromSeconds(55))
        {
            var before = world.Now;
            while (world.State != BgpSessionState.Connect)
                world.Run(TimeSpan.FromMilliseconds(10));
            longest = world.Now - before > longest ? world.Now - before : longest;
            world.Handle(new BgpSessionInput.StreamFailed(world.Attempts.Last().Stream, BgpStreamFailure.Refused, "no"));
        }
        Assert.InRange(longest.TotalSeconds, 0.1, 0.7);
    }

    private static byte[] Update { get; } = Convert.FromHexString(new string('F', 32) + "00170200000000");

    private static List<double> GapsOfRefusedAttempts(BgpSessionConfig config, int count)
    {
        var world = new BgpSessionWorld(config).Start();
        var at = new List<Instant>();
        for (var i = 0; i < count; i++)
        {
            while (world.State != BgpSessionState.Connect)
                world.Run(TimeSpan.FromMilliseconds(10));
            at.Add(world.Now);
            world.Handle(new BgpSessionInput.StreamFailed(world.Attempts.Last().Stream, BgpStreamFailure.Refused, "no"));
        }
        return [.. at.Zip(at.Skip(1), (earlier, later) => Math.Round((later - earlier).TotalSeconds, 2) - 0.01)];
    }
}
