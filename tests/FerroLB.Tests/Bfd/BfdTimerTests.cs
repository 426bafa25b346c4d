using System;
using System.Linq;
using FerroLB.Protocols.Bfd;
using Xunit;

namespace FerroLB.Tests.Bfd;

public sealed class BfdTimerTests
{
    private static readonly BfdSessionConfig Quick = new()
    {
        ReceiveInterval = TimeSpan.FromMilliseconds(20),
        TransmitInterval = TimeSpan.FromMilliseconds(10),
    };

    [Fact]
    public void The_defaults_are_those_of_the_profile()
    {
        var world = BfdWorld.Up();
        world.RunWithPeer(TimeSpan.FromSeconds(1), world.PeerSays(BfdState.Up));
        var sent = world.LastSent;
        Assert.Equal((300_000u, 300_000u, 50_000u), (
            sent.DesiredMinTxMicroseconds, sent.RequiredMinRxMicroseconds, sent.RequiredMinEchoRxMicroseconds));
        Assert.Equal((3, false, false), (sent.DetectMultiplier, sent.IsDemand, sent.IsControlPlaneIndependent));
    }

    [Theory]
    [InlineData(3, 0.75, 1.0)]
    [InlineData(1, 0.75, 0.9)]
    public void Ten_thousand_gaps_keep_within_the_jitter_of_the_standard(int multiplier, double least, double most)
    {
        var world = BfdWorld.Up(
            Quick with { DetectMultiplier = multiplier }, peer: packet => packet with { RequiredMinRxMicroseconds = 10_000 });
        world.RunWithPeer(TimeSpan.FromSeconds(95), world.PeerSays(BfdState.Up) with { RequiredMinRxMicroseconds = 10_000 });
        var gaps = world.Gaps();
        Assert.True(gaps.Length > 10_000);
        Assert.All(gaps, gap => Assert.InRange(gap.TotalMilliseconds, 10 * least, 10 * most));
        Assert.InRange(gaps.Min().TotalMilliseconds, 10 * least, 10 * least + 0.05);
        Assert.InRange(gaps.Max().TotalMilliseconds, 10 * most - 0.05, 10 * most);
    }

    [Fact]
    public void Until_it_is_up_a_session_sends_once_a_second()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop, Quick);
        Assert.Single(world.Sent);
        world.Run(TimeSpan.FromSeconds(100));
        Assert.InRange(world.Sent.Count, 100, 135);
        Assert.All(world.Sent, sent => Assert.Equal(1_000_000u, sent.Packet.DesiredMinTxMicroseconds));
        Assert.All(world.Sent, sent => Assert.Equal(20_000u, sent.Packet.RequiredMinRxMicroseconds));
    }

    [Fact]
    public void The_slower_of_our_wish_and_the_peers_ability_is_the_pace()
    {
        var world = BfdWorld.Up(Quick, peer: packet => packet with { RequiredMinRxMicroseconds = 200_000 });
        Assert.Equal(TimeSpan.FromMilliseconds(200), world.Session.TransmitInterval);
        world.Receive(world.PeerSays(BfdState.Up) with { RequiredMinRxMicroseconds = 5_000 });
        Assert.Equal(TimeSpan.FromMilliseconds(10), world.Session.TransmitInterval);
    }

    [Fact]
    public void The_detection_time_is_the_peers_multiplier_of_the_slower_of_its_wish_and_our_ability()
    {
        var world = BfdWorld.Up(Quick, peer: packet => packet with { DetectMultiplier = 5, DesiredMinTxMicroseconds = 12_000 });
        Assert.Equal(TimeSpan.FromMilliseconds(5 * 20), world.Session.DetectionTime);
        world.Receive(world.PeerSays(BfdState.Up) with { DetectMultiplier = 2, DesiredMinTxMicroseconds = 700_000 });
        Assert.Equal(TimeSpan.FromMilliseconds(2 * 700), world.Session.DetectionTime);
    }

    [Fact]
    public void Coming_up_is_a_poll_that_states_the_profile_and_lasts_until_it_is_answered()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop, Quick);
        world.Receive(world.PeerSays(BfdState.Down));
        Assert.False(world.LastSent.IsPoll);
        world.Receive(world.PeerSays(BfdState.Init));
        Assert.Equal((true, BfdState.Up, 10_000u), (world.LastSent.IsPoll, world.LastSent.State, world.LastSent.DesiredMinTxMicroseconds));
        world.RunWithPeer(TimeSpan.FromSeconds(2), world.PeerSays(BfdState.Up));
        Assert.True(world.LastSent.IsPoll);
        world.Receive(world.PeerSays(BfdState.Up) with { IsFinal = true });
        world.Forget();
        world.RunWithPeer(TimeSpan.FromSeconds(2), world.PeerSays(BfdState.Up));
        Assert.All(world.Sent, sent => Assert.False(sent.Packet.IsPoll));
    }

    [Fact]
    public void A_poll_is_answered_at_once_and_by_a_packet_that_is_not_a_poll_itself()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop);
        world.Receive(world.PeerSays(BfdState.Down));
        world.Receive(world.PeerSays(BfdState.Init));
        world.Forget();
        world.Receive(world.PeerSays(BfdState.Up) with { IsPoll = true });
        Assert.Equal((true, false), (Assert.Single(world.Sent).Packet.IsFinal, world.LastSent.IsPoll));
    }

    [Fact]
    public void Slower_intervals_are_stated_at_once_and_used_when_the_peer_knows()
    {
        var world = BfdWorld.Up(Quick, peer: packet => packet with { RequiredMinRxMicroseconds = 1_000, DesiredMinTxMicroseconds = 1_000 });
        var slow = Quick with { TransmitInterval = TimeSpan.FromMilliseconds(400), ReceiveInterval = TimeSpan.FromMilliseconds(500) };
        world.Want(BfdWorld.SingleHop, slow);
        var sent = Assert.Single(world.Sent).Packet;
        Assert.Equal((true, 400_000u, 500_000u), (sent.IsPoll, sent.DesiredMinTxMicroseconds, sent.RequiredMinRxMicroseconds));
        // The peer may still count on 10 ms; and it may send as slowly as 500 ms from now on.
        Assert.Equal(TimeSpan.FromMilliseconds(10), world.Session.TransmitInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), world.Session.DetectionTime);
        var answer = world.PeerSays(BfdState.Up) with { RequiredMinRxMicroseconds = 1_000, DesiredMinTxMicroseconds = 1_000 };
        world.Receive(answer with { IsFinal = true });
        Assert.Equal(TimeSpan.FromMilliseconds(400), world.Session.TransmitInterval);
    }

    [Fact]
    public void Quicker_intervals_are_sent_at_once_and_expected_when_the_peer_knows()
    {
        var world = BfdWorld.Up(peer: packet => packet with { RequiredMinRxMicroseconds = 1_000, DesiredMinTxMicroseconds = 1_000 });
        world.Want(BfdWorld.SingleHop, Quick);
        Assert.True(world.LastSent.IsPoll);
        Assert.Equal(TimeSpan.FromMilliseconds(10), world.Session.TransmitInterval);
        Assert.Equal(TimeSpan.FromMilliseconds(900), world.Session.DetectionTime);
        var answer = world.PeerSays(BfdState.Up) with { RequiredMinRxMicroseconds = 1_000, DesiredMinTxMicroseconds = 1_000 };
        world.Receive(answer with { IsFinal = true });
        Assert.Equal(TimeSpan.FromMilliseconds(60), world.Session.DetectionTime);
    }

    [Fact]
    public void A_change_during_a_poll_gets_a_poll_of_its_own_after_a_packet_that_is_none()
    {
        var world = BfdWorld.Up(Quick);
        world.Want(BfdWorld.SingleHop, Quick with { TransmitInterval = TimeSpan.FromMilliseconds(500) });
        world.Want(BfdWorld.SingleHop, Quick with { TransmitInterval = TimeSpan.FromMilliseconds(600) });
        world.Receive(world.PeerSays(BfdState.Up) with { IsFinal = true });
        // The peer is known to have the first change only.
        Assert.Equal(TimeSpan.FromMilliseconds(500), world.Session.TransmitInterval);
        world.Forget();
        world.RunWithPeer(TimeSpan.FromSeconds(2), world.PeerSays(BfdState.Up));
        Assert.False(world.Sent[0].Packet.IsPoll);
        Assert.All(world.Sent.Skip(1), sent => Assert.True(sent.Packet.IsPoll));
        world.Receive(world.PeerSays(BfdState.Up) with { IsFinal = true });
        Assert.Equal(TimeSpan.FromMilliseconds(600), world.Session.TransmitInterval);
    }

    [Fact]
    public void The_same_profile_again_changes_nothing()
    {
        var world = BfdWorld.Up();
        world.Want(BfdWorld.SingleHop, new());
        Assert.Empty(world.Sent);
    }

    [Fact]
    public void In_the_passive_role_nothing_is_said_until_the_peer_speaks_nor_after_it_fell_silent()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop, new BfdSessionConfig { PassiveMode = true });
        world.Run(TimeSpan.FromSeconds(30));
        Assert.Empty(world.Sent);
        world.Receive(world.PeerSays(BfdState.Down));
        Assert.Equal(BfdState.Init, Assert.Single(world.Sent).Packet.State);
        world.Run(TimeSpan.FromSeconds(30));
        Assert.Equal(BfdState.Down, world.Session.State);
        world.Forget();
        world.Run(TimeSpan.FromSeconds(30));
        Assert.Empty(world.Sent);
    }

    [Fact]
    public void A_peer_that_wants_no_periodic_packets_gets_none()
    {
        var world = BfdWorld.Up();
        world.RunWithPeer(TimeSpan.FromSeconds(5), world.PeerSays(BfdState.Up) with { RequiredMinRxMicroseconds = 0 });
        Assert.Empty(world.Sent);
        world.RunWithPeer(TimeSpan.FromSeconds(5), world.PeerSays(BfdState.Up) with { IsDemand = true });
        Assert.Empty(world.Sent);
        world.Receive(world.PeerSays(BfdState.Up) with { IsDemand = true, IsPoll = true });
        Assert.True(Assert.Single(world.Sent).Packet.IsFinal);
        world.Receive(world.PeerSays(BfdState.Up));
        world.RunWithPeer(TimeSpan.FromSeconds(1), world.PeerSays(BfdState.Up));
        Assert.True(world.Sent.Count > 2);
    }

    [Fact]
    public void A_session_over_several_hops_states_the_standard_echo_interval()
    {
        var echoing = new BfdSessionConfig { EchoMode = true, EchoInterval = TimeSpan.FromMilliseconds(80) };
        var world = BfdWorld.With(BfdWorld.MultiHop, echoing);
        Assert.Equal(50_000u, world.LastSent.RequiredMinEchoRxMicroseconds);
        var near = BfdWorld.With(BfdWorld.SingleHop, new BfdSessionConfig { EchoInterval = TimeSpan.FromMilliseconds(80) });
        Assert.Equal(80_000u, near.LastSent.RequiredMinEchoRxMicroseconds);
    }

    [Fact]
    public void Values_beyond_their_ranges_are_cut()
    {
        var config = new BfdSessionConfig
        {
            ReceiveInterval = TimeSpan.Zero, TransmitInterval = TimeSpan.FromHours(5), DetectMultiplier = 0,
            EchoInterval = TimeSpan.FromDays(-1), MinimumTtl = 900,
        };
        Assert.Equal((1, 60_000, 1, 1, 255), (
            config.ReceiveInterval.TotalMilliseconds, config.TransmitInterval.TotalMilliseconds, config.DetectMultiplier,
            config.EchoInterval.TotalMilliseconds, config.MinimumTtl));
    }
}
