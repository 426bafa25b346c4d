using System;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using Xunit;

namespace FerroLB.Tests.Bgp.Session;

public sealed class BgpSessionTests
{
    private static byte[] Update { get; } = Convert.FromHexString(new string('F', 32) + "00170200000000");

    [Fact]
    public void An_active_session_goes_through_the_states_in_their_order()
    {
        var world = new BgpSessionWorld().Establish();
        Assert.Equal(
            [BgpSessionState.Connect, BgpSessionState.OpenSent, BgpSessionState.OpenConfirm, BgpSessionState.Established],
            world.Of<BgpSessionOutput.TellState>().Select(told => told.To));
        Assert.Equal([BgpMessageType.Open, BgpMessageType.KeepAlive], world.TypesSent(world.Stream));
        var up = world.Of<BgpSessionOutput.SessionUp>().Single();
        Assert.Equal((BgpSessionWorld.Local, BgpSessionWorld.PeerAsn, false), (up.Local, up.Negotiated.PeerAsn, up.Negotiated.IsInternal));
        Assert.Equal(BgpSessionWorld.PeerIdentifier, world.Machine.Snapshot.PeerIdentifier);
    }

    [Fact]
    public void Messages_that_come_octet_by_octet_are_understood()
    {
        var world = new BgpSessionWorld().Start().Connect();
        world.Say(output =>
        {
            BgpMessageWriter.WriteOpen(output, BgpSessionWorld.PeerOpen());
            BgpMessageWriter.WriteKeepAlive(output);
        });
        Assert.Equal(BgpSessionState.Established, world.State);
        var slow = new BgpSessionWorld().Start().Connect();
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        BgpMessageWriter.WriteOpen(bytes, BgpSessionWorld.PeerOpen());
        BgpMessageWriter.WriteKeepAlive(bytes);
        foreach (var octet in bytes.WrittenSpan.ToArray())
            slow.SayBytes([octet]);
        Assert.Equal(BgpSessionState.Established, slow.State);
    }

    // The connection that was opened by the side with the higher identifier survives; then the higher AS.
    [Theory]
    [InlineData(0x0A000002, 65002, false)]
    [InlineData(0x0A000000, 65002, true)]
    [InlineData(0x0A000001, 65002, false)]
    [InlineData(0x0A000001, 64999, true)]
    public void Of_two_connections_one_survives(uint peerIdentifier, uint peerAsn, bool oursSurvives)
    {
        foreach (var oursFirst in new[] { true, false })
        {
            var world = new BgpSessionWorld(BgpSessionWorld.Config with { PeerAsn = peerAsn }).Start();
            world.Connect();
            var ours = world.Stream;
            world.Accept();
            var theirs = world.Stream;
            var open = BgpSessionWorld.PeerOpen(peerAsn, 90, peerIdentifier);
            foreach (var stream in oursFirst ? new[] { ours, theirs } : [theirs, ours])
                Say(world, stream, open);
            Assert.Equal([oursSurvives ? theirs : ours], world.Closed);
            Assert.Equal([BgpNotification.Cease(BgpCeaseSubcode.ConnectionCollisionResolution)], world.NotificationsSent);
            world.Handle(new BgpSessionInput.StreamBytes(oursSurvives ? ours : theirs, KeepAlive()));
            Assert.Equal(BgpSessionState.Established, world.State);
            Assert.Single(world.Of<BgpSessionOutput.SessionUp>());
        }
    }

    [Fact]
    public void A_connection_beside_an_established_one_is_refused_and_the_old_one_is_tested()
    {
        var world = new BgpSessionWorld().Establish();
        var old = world.Stream;
        world.Forget();
        world.Accept();
        Assert.Equal([BgpMessageType.Notification], world.TypesSent(world.Stream));
        Assert.Equal([BgpMessageType.KeepAlive], world.TypesSent(old));
        Assert.Equal([world.Stream], world.Closed);
        Assert.Equal(BgpSessionState.Established, world.State);
    }

    [Fact]
    public void The_end_of_one_of_two_connections_leaves_the_other()
    {
        var world = new BgpSessionWorld().Start().Connect();
        var ours = world.Stream;
        world.Accept();
        world.Handle(new BgpSessionInput.StreamClosed(ours));
        Assert.Equal(BgpSessionState.OpenSent, world.State);
        world.Confirm();
        world.SayKeepAlive();
        Assert.Equal(BgpSessionState.Established, world.State);
    }

    [Theory]
    [InlineData(BgpStopReason.AdministrativeShutdown, BgpCeaseSubcode.AdministrativeShutdown, "maintenance until noon")]
    [InlineData(BgpStopReason.PeerDeconfigured, BgpCeaseSubcode.PeerDeconfigured, null)]
    [InlineData(BgpStopReason.Restart, BgpCeaseSubcode.AdministrativeShutdown, "maintenance until noon")]
    public void A_session_that_is_stopped_says_why(BgpStopReason reason, BgpCeaseSubcode subcode, string? text)
    {
        var world = new BgpSessionWorld().Establish();
        world.Handle(new BgpSessionInput.StopRequested(reason, "maintenance until noon"));
        var notification = Assert.Single(world.NotificationsSent);
        Assert.True(notification.IsCease(subcode));
        Assert.Equal(text, notification.Text);
        Assert.Equal((BgpSessionState.Idle, null), (world.State, world.Machine.NextDeadline));
        Assert.Single(world.Of<BgpSessionOutput.SessionDown>());
    }

    [Fact]
    public void A_restart_says_nothing_to_a_peer_that_keeps_our_routes()
    {
        var restart = new BgpCapability.GracefulRestart(false, false, 120, []);
        var world = new BgpSessionWorld(BgpSessionWorld.Config with { GracefulRestart = true })
            .Establish(BgpSessionWorld.PeerOpen(more: restart));
        world.Handle(new BgpSessionInput.StopRequested(BgpStopReason.Restart));
        Assert.Empty(world.NotificationsSent);
        Assert.Equal([world.Stream], world.Closed);
    }

    [Fact]
    public void A_lost_path_ends_the_session_and_its_return_connects_at_once()
    {
        var world = new BgpSessionWorld().Establish();
        world.Handle(new BgpSessionInput.BfdWentDown());
        Assert.True(Assert.Single(world.NotificationsSent).IsCease(BgpCeaseSubcode.BfdDown));
        Assert.Equal((BgpSessionState.Idle, BgpErrorCause.BfdDown), (world.State, world.Error.Cause));
        world.Handle(new BgpSessionInput.BfdCameUp());
        Assert.Equal(BgpSessionState.Connect, world.State);
        // Without the path's return it is tried again a second later, for BFD may be what is broken.
        world.Connect().Confirm();
        world.Handle(new BgpSessionInput.BfdWentDown());
        world.Run(TimeSpan.FromSeconds(2));
        Assert.Equal(BgpSessionState.Connect, world.State);
    }

    [Fact]
    public void The_return_of_the_path_does_not_excuse_an_error()
    {
        var world = new BgpSessionWorld().Start().Connect();
        world.Say(BgpSessionWorld.PeerOpen(asn: 1));
        world.Handle(new BgpSessionInput.BfdCameUp());
        Assert.Equal(BgpSessionState.Idle, world.State);
    }

    [Fact]
    public void The_return_of_the_path_replaces_an_attempt_that_hangs()
    {
        var world = new BgpSessionWorld().Start();
        var hanging = world.Attempts.Single().Stream;
        world.Handle(new BgpSessionInput.BfdCameUp());
        Assert.Equal([hanging], world.Closed);
        Assert.Equal(2, world.Attempts.Count());
    }

    [Fact]
    public void New_timers_wait_for_the_next_session_and_anything_else_begins_one()
    {
        var world = new BgpSessionWorld().Establish();
        world.Handle(new BgpSessionInput.ConfigChanged(BgpSessionWorld.Config with { HoldTimeSeconds = 30, ConnectRetrySeconds = 3 }));
        Assert.Equal(BgpSessionState.Established, world.State);
        world.Handle(new BgpSessionInput.ConfigChanged(
            BgpSessionWorld.Config with { HoldTimeSeconds = 30, ConnectRetrySeconds = 3, KeyHandle = "k2" }));
        Assert.True(Assert.Single(world.NotificationsSent).IsCease(BgpCeaseSubcode.OtherConfigurationChange));
        Assert.Equal((BgpSessionState.Connect, "k2"), (world.State, world.Attempts.Last().Options.KeyHandle));
        world.Connect();
        Assert.True(BgpOpen.TryRead(world.Sent[^1].Body, out var open, out _));
        Assert.Equal(30, open!.HoldTimeSeconds);
    }

    [Fact]
    public void Messages_wait_while_the_kernel_is_full_and_room_is_told()
    {
        var world = new BgpSessionWorld().Establish();
        Assert.Equal(BgpSessionMachine.MostWaitingBytes, world.Machine.FreeWriteBytes);
        world.KernelTakes = false;
        var many = Enumerable.Repeat(Update, 1_000).SelectMany(update => update).ToArray();
        while (world.Machine.FreeWriteBytes >= many.Length)
            world.Handle(new BgpSessionInput.MessagesWritten(many));
        Assert.Equal(1_000, world.Sent.Count(sent => sent.Type == BgpMessageType.Update));
        Assert.False(world.Machine.HasWrittenAll);
        Assert.Empty(world.Of<BgpSessionOutput.ReadyToWrite>());
        world.Handle(new BgpSessionInput.StreamWritable(world.Stream));
        Assert.Single(world.Of<BgpSessionOutput.ReadyToWrite>());
        Assert.Equal(BgpSessionMachine.MostWaitingBytes, world.Machine.FreeWriteBytes);
        Assert.Equal(world.Machine.Snapshot.Counters.UpdatesSent, world.Sent.Count(sent => sent.Type == BgpMessageType.Update));
        world.Handle(new BgpSessionInput.StreamWritable(world.Stream));
        Assert.True(world.Machine.HasWrittenAll);
    }

    [Fact]
    public void A_writer_that_does_not_stop_ends_the_session_instead_of_the_process()
    {
        var world = new BgpSessionWorld().Establish();
        world.KernelTakes = false;
        var many = Enumerable.Repeat(Update, 5_000).SelectMany(update => update).ToArray();
        for (var i = 0; i < 6; i++)
            world.Handle(new BgpSessionInput.MessagesWritten(many));
        Assert.Equal(BgpErrorCause.NotificationSent, world.Error.Cause);
        Assert.True(world.Error.Notification!.IsCease(BgpCeaseSubcode.OutOfResources));
    }

    [Fact]
    public void Routes_of_the_peer_are_checked_and_not_kept()
    {
        var world = new BgpSessionWorld().Establish();
        for (var i = 0; i < 1_000; i++)
            world.SayBytes(Update);
        // A path of one AS 0: the route counts as withdrawn and the session stays (RFC 7606, RFC 7607).
        world.SayBytes(Convert.FromHexString(
            new string('F', 32) + "002F0200000014" + "40010100" + "400206" + "020100000000" + "400304C0000202" + "18CB0071"));
        Assert.Equal(BgpSessionState.Established, world.State);
        var counters = world.Machine.Snapshot.Counters;
        Assert.Equal((1_001, 1), (counters.UpdatesReceived, counters.FaultyUpdates));
    }

    [Fact]
    public void A_request_for_routes_is_passed_on_when_it_is_for_a_family_of_the_session()
    {
        var world = new BgpSessionWorld().Establish();
        world.SayRefresh(BgpFamily.IPv4Unicast);
        world.SayRefresh(BgpFamily.IPv6Unicast);
        world.SayRefresh(new(25, 70));
        Assert.Equal([BgpFamily.IPv4Unicast], world.Of<BgpSessionOutput.RefreshRequested>().Select(refresh => refresh.Family));
    }

    [Fact]
    public void An_operator_can_begin_the_session_anew()
    {
        var world = new BgpSessionWorld().Establish();
        world.Handle(new BgpSessionInput.ResetRequested("again"));
        var notification = Assert.Single(world.NotificationsSent);
        Assert.True(notification.IsCease(BgpCeaseSubcode.AdministrativeReset));
        Assert.Equal(("again", BgpSessionState.Connect), (notification.Text, world.State));
    }

    [Fact]
    public void A_session_begun_anew_is_tried_again_at_once_when_the_peer_still_has_the_old_one()
    {
        var world = new BgpSessionWorld().Establish();
        world.Handle(new BgpSessionInput.ResetRequested());
        for (var i = 2; i <= 5; i++)
        {
            world.Connect();
            world.Say(BgpNotification.Cease(BgpCeaseSubcode.ConnectionCollisionResolution));
            world.Run(TimeSpan.FromMilliseconds(600));
            Assert.Equal((i + 1, BgpSessionState.Connect), (world.Attempts.Count(), world.State));
        }
        world.Establish();
    }

    [Fact]
    public void Every_message_is_counted()
    {
        var world = new BgpSessionWorld().Establish();
        world.SayRefresh(BgpFamily.IPv4Unicast);
        world.SayBytes(Update);
        world.Handle(new BgpSessionInput.MessagesWritten((byte[])[.. Update, .. Update]));
        world.Handle(new BgpSessionInput.ResetRequested());
        var counters = world.Machine.Snapshot.Counters;
        Assert.Equal((1, 1, 2, 1, 1), (
            counters.OpensSent, counters.KeepAlivesSent, counters.UpdatesSent, counters.NotificationsSent, counters.Establishments));
        Assert.Equal((1, 1, 1, 1), (
            counters.OpensReceived, counters.KeepAlivesReceived, counters.UpdatesReceived, counters.RouteRefreshesReceived));
        Assert.Equal((5, 4), (counters.TotalSent, counters.TotalReceived));
    }

    private static void Say(BgpSessionWorld world, long stream, BgpOpen open)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        BgpMessageWriter.WriteOpen(bytes, open);
        world.Handle(new BgpSessionInput.StreamBytes(stream, bytes.WrittenMemory));
    }

    private static byte[] KeepAlive() => Convert.FromHexString(new string('F', 32) + "001304");
}
