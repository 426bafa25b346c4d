using System;
using System.Linq;
using FerroLB.Protocols.Bfd;
using Xunit;

namespace FerroLB.Tests.Bfd;

public sealed class BfdStateTests
{
    // The state machine of RFC 5880, 6.2: rows are our state, columns what the peer says.
    [Theory]
    [InlineData(BfdState.Down, BfdState.AdminDown, BfdState.Down)]
    [InlineData(BfdState.Down, BfdState.Down, BfdState.Init)]
    [InlineData(BfdState.Down, BfdState.Init, BfdState.Up)]
    [InlineData(BfdState.Down, BfdState.Up, BfdState.Down)]
    [InlineData(BfdState.Init, BfdState.AdminDown, BfdState.Down)]
    [InlineData(BfdState.Init, BfdState.Down, BfdState.Init)]
    [InlineData(BfdState.Init, BfdState.Init, BfdState.Up)]
    [InlineData(BfdState.Init, BfdState.Up, BfdState.Up)]
    [InlineData(BfdState.Up, BfdState.AdminDown, BfdState.Down)]
    [InlineData(BfdState.Up, BfdState.Down, BfdState.Down)]
    [InlineData(BfdState.Up, BfdState.Init, BfdState.Up)]
    [InlineData(BfdState.Up, BfdState.Up, BfdState.Up)]
    [InlineData(BfdState.AdminDown, BfdState.AdminDown, BfdState.AdminDown)]
    [InlineData(BfdState.AdminDown, BfdState.Init, BfdState.AdminDown)]
    [InlineData(BfdState.AdminDown, BfdState.Up, BfdState.AdminDown)]
    public void What_the_peer_says_moves_the_state_as_the_standard_says(BfdState ours, BfdState heard, BfdState expected)
    {
        var world = In(ours);
        world.Receive(world.PeerSays(heard));
        Assert.Equal(expected, world.Engine.Sessions.Count == 0 ? BfdState.AdminDown : world.Session.State);
        if (ours is BfdState.Init or BfdState.Up && expected == BfdState.Down)
            Assert.Equal(BfdDiagnostic.NeighborSignaledSessionDown, world.LastSent.Diagnostic);
    }

    [Theory]
    [InlineData(BfdState.Init)]
    [InlineData(BfdState.Up)]
    public void Silence_for_the_detection_time_takes_the_session_down(BfdState ours)
    {
        var world = In(ours);
        world.Run(TimeSpan.FromMilliseconds(899));
        Assert.Equal(ours, world.Session.State);
        world.Forget();
        world.Run(TimeSpan.FromMilliseconds(2));
        Assert.Equal((BfdState.Down, BfdDiagnostic.ControlDetectionTimeExpired), (world.Session.State, world.Session.Diagnostic));
        var (_, change) = Assert.Single(world.Changes);
        Assert.Equal((ours, BfdState.Down, ours == BfdState.Up), (change.From, change.To, change.IsFailure));
        // At once, and without a discriminator of a peer that may have restarted.
        Assert.Equal((BfdState.Down, 0u), (world.LastSent.State, world.LastSent.YourDiscriminator));
    }

    [Fact]
    public void A_peer_that_is_held_down_by_its_operator_is_no_failure_of_the_path()
    {
        var world = BfdWorld.Up();
        world.Receive(world.PeerSays(BfdState.AdminDown) with { Diagnostic = BfdDiagnostic.AdministrativelyDown });
        var change = Assert.Single(world.Changes).Change;
        Assert.Equal((BfdState.Up, BfdState.Down, false), (change.From, change.To, change.IsFailure));
        Assert.Equal((BfdState.AdminDown, BfdDiagnostic.AdministrativelyDown), (change.RemoteState, change.RemoteDiagnostic));
    }

    [Fact]
    public void A_session_that_nobody_wants_says_so_until_the_peer_has_heard_it()
    {
        var world = BfdWorld.Up();
        world.Handle(BfdInput.SessionUnwanted(BfdWorld.SingleHop));
        Assert.Equal((BfdState.AdminDown, BfdDiagnostic.AdministrativelyDown), (world.LastSent.State, world.LastSent.Diagnostic));
        world.Run(TimeSpan.FromMilliseconds(1_001));
        Assert.Equal(2, world.Sent.Count);
        world.Receive(world.PeerSays(BfdState.Down));
        Assert.Empty(world.Engine.Sessions);
        Assert.Equal(BfdOutputKind.CloseSocket, Assert.Single(world.SocketOrders).Kind);
        Assert.Null(world.Engine.NextDeadline);
    }

    [Fact]
    public void A_peer_that_never_hears_the_farewell_does_not_keep_the_session()
    {
        var world = BfdWorld.Up();
        world.Handle(BfdInput.ShutdownRequested());
        world.RunWithPeer(TimeSpan.FromMilliseconds(2_500), world.PeerSays(BfdState.Up));
        Assert.Equal(BfdState.AdminDown, world.Session.State);
        world.Run(TimeSpan.FromSeconds(1));
        Assert.Empty(world.Engine.Sessions);
        Assert.All(world.Sent, sent => Assert.Equal(BfdState.AdminDown, sent.Packet.State));
    }

    [Fact]
    public void A_session_wanted_again_during_its_farewell_comes_back_under_its_number()
    {
        var world = BfdWorld.Up();
        var discriminator = world.Session.LocalDiscriminator;
        world.Handle(BfdInput.SessionUnwanted(BfdWorld.SingleHop));
        world.Want(BfdWorld.SingleHop, new());
        Assert.Equal((BfdState.Down, discriminator), (world.Session.State, world.Session.LocalDiscriminator));
        world.Receive(world.PeerSays(BfdState.Down));
        world.Receive(world.PeerSays(BfdState.Init));
        Assert.Equal(BfdState.Up, world.Session.State);
    }

    [Fact]
    public void A_session_with_a_peer_that_was_never_heard_ends_at_once()
    {
        var world = BfdWorld.With(BfdWorld.SingleHop);
        world.Handle(BfdInput.SessionUnwanted(BfdWorld.SingleHop));
        Assert.Empty(world.Engine.Sessions);
    }

    [Fact]
    public void What_was_counted_tells_ups_and_downs()
    {
        var world = BfdWorld.Up();
        world.Receive(world.PeerSays(BfdState.Down));
        world.Receive(world.PeerSays(BfdState.Down));
        world.Receive(world.PeerSays(BfdState.Up));
        var counters = world.Session.Counters;
        Assert.Equal((2, 1, 6), (counters.UpEvents, counters.DownEvents, counters.ControlIn));
    }

    [Fact]
    public void Sessions_beyond_the_bound_are_refused_in_words()
    {
        var world = new BfdWorld();
        for (var i = 0u; i <= BfdEngineMachine.MostSessions; i++)
            world.Want(new(true, FerroLB.Protocols.Primitives.IpAddress.V4(i + 1)), new BfdSessionConfig { PassiveMode = true });
        Assert.Equal(BfdEngineMachine.MostSessions, world.Engine.Sessions.Count);
        Assert.Equal(BfdState.AdminDown, world.Changes.Last().Change.To);
    }

    private static BfdWorld In(BfdState state)
    {
        if (state == BfdState.Up)
            return BfdWorld.Up();
        var world = BfdWorld.With(BfdWorld.SingleHop);
        if (state == BfdState.Init)
            world.Receive(world.PeerSays(BfdState.Down));
        if (state != BfdState.AdminDown)
            return world;
        world.Receive(world.PeerSays(BfdState.Down));
        world.Handle(BfdInput.SessionUnwanted(BfdWorld.SingleHop));
        return world;
    }
}
