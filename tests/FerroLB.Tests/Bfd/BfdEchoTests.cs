using System;
using System.Linq;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bfd;

public sealed class BfdEchoTests
{
    private static readonly BfdSessionConfig Echoing = new() { EchoMode = true, EchoInterval = TimeSpan.FromMilliseconds(40) };

    [Fact]
    public void Echo_packets_leave_at_the_slower_of_both_intervals_while_the_session_is_up()
    {
        var world = BfdWorld.Up(Echoing, peer: Returning);
        world.RunWithPeer(TimeSpan.FromSeconds(10), Returning(world.PeerSays(BfdState.Up)));
        Assert.InRange(world.EchoesSent.Count, 160, 230);
        Assert.All(world.EchoesSent, sent => Assert.Equal(255, sent.TimeToLive));
        var gaps = world.EchoesSent.Zip(world.EchoesSent.Skip(1), (earlier, later) => (later.At - earlier.At).TotalMilliseconds);
        Assert.All(gaps, gap => Assert.InRange(gap, 45, 60));
        world.Receive(Returning(world.PeerSays(BfdState.Down)));
        world.Forget();
        world.Run(TimeSpan.FromMilliseconds(500));
        Assert.Empty(world.EchoesSent);
    }

    [Fact]
    public void Echoes_that_stop_coming_back_take_the_session_down()
    {
        var world = BfdWorld.Up(Echoing, peer: Returning);
        world.Run(TimeSpan.FromMilliseconds(100));
        Assert.False(world.Session.IsEchoActive);
        world.Receive(world.EchoesSent[^1].Payload, BfdChannel.Echo, timeToLive: 254);
        Assert.True(world.Session.IsEchoActive);
        world.RunWithPeer(TimeSpan.FromMilliseconds(100), Returning(world.PeerSays(BfdState.Up)));
        Assert.Equal(BfdState.Up, world.Session.State);
        world.Receive(Returning(world.PeerSays(BfdState.Up)));
        world.Run(TimeSpan.FromMilliseconds(81));
        Assert.Equal((BfdState.Down, BfdDiagnostic.EchoFunctionFailed), (world.Session.State, world.Session.Diagnostic));
        Assert.Equal(1, world.Session.Counters.EchoIn);
        Assert.True(Assert.Single(world.Changes).Change.IsFailure);
    }

    [Fact]
    public void A_peer_that_never_returns_an_echo_is_not_doubted()
    {
        var world = BfdWorld.Up(Echoing, peer: Returning);
        world.RunWithPeer(TimeSpan.FromSeconds(10), Returning(world.PeerSays(BfdState.Up)));
        Assert.Equal((BfdState.Up, false), (world.Session.State, world.Session.IsEchoActive));
    }

    [Fact]
    public void A_peer_that_stops_taking_echoes_gets_none_and_is_not_watched_by_them()
    {
        var world = BfdWorld.Up(Echoing, peer: Returning);
        world.Run(TimeSpan.FromMilliseconds(100));
        world.Receive(world.EchoesSent[^1].Payload, BfdChannel.Echo, timeToLive: 254);
        world.Receive(world.PeerSays(BfdState.Up));
        world.Forget();
        world.RunWithPeer(TimeSpan.FromSeconds(1), world.PeerSays(BfdState.Up));
        Assert.Empty(world.EchoesSent);
        Assert.Equal(BfdState.Up, world.Session.State);
    }

    [Fact]
    public void No_echo_is_sent_over_several_hops_or_when_the_profile_has_none()
    {
        foreach (var world in new[] { BfdWorld.Up(Echoing, BfdWorld.MultiHop, Returning), BfdWorld.Up(new(), peer: Returning) })
        {
            world.RunWithPeer(TimeSpan.FromSeconds(1), Returning(world.PeerSays(BfdState.Up)));
            Assert.Empty(world.EchoesSent);
        }
    }

    [Fact]
    public void A_peers_echo_goes_back_to_it_unchanged_with_one_hop_less()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop);
        Assert.Equal(BfdDropReason.None, world.Receive([1, 2, 3, 4, 5], BfdChannel.Echo));
        var (_, payload, timeToLive) = Assert.Single(world.EchoesSent);
        Assert.Equal([1, 2, 3, 4, 5], payload);
        Assert.Equal(254, timeToLive);
    }

    [Theory]
    [InlineData("192.0.2.9", 255, 5)]
    [InlineData("192.0.2.2", 254, 5)]
    [InlineData("192.0.2.2", 254, 24)]
    [InlineData("192.0.2.2", 255, 129)]
    [InlineData("192.0.2.2", 255, 0)]
    public void An_echo_of_a_stranger_or_of_no_use_is_dropped_and_counted(string from, int timeToLive, int bytes)
    {
        var world = BfdWorld.Up(Echoing, peer: Returning);
        Assert.Equal(BfdDropReason.Echo, world.Receive(new byte[bytes], BfdChannel.Echo, timeToLive, IpAddress.Parse(from)));
        Assert.Empty(world.EchoesSent);
        Assert.Equal(1, world.Engine.Drops.Echo);
    }

    [Fact]
    public void An_echo_with_a_guessed_key_is_not_ours()
    {
        var world = BfdWorld.Up(Echoing, peer: Returning);
        world.Run(TimeSpan.FromMilliseconds(10));
        var forged = world.EchoesSent[0].Payload;
        forged[12] ^= 1;
        Assert.Equal(BfdDropReason.Echo, world.Receive(forged, BfdChannel.Echo, timeToLive: 254));
    }

    private static BfdPacket Returning(BfdPacket packet) => packet with { RequiredMinEchoRxMicroseconds = 60_000 };
}
