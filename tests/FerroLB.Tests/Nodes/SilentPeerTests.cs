using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What heartbeats mean for the election, with and without membership.</summary>
public sealed class SilentPeerTests
{
    private static readonly MembershipOptions Options = new("component=speaker", AddressOf(1));

    [Fact]
    public void A_silent_owner_is_taken_over_from_at_once_and_suspected()
    {
        var world = Met();
        Assert.Equal("", world.Announced("hers"));
        Report(world, HeartbeatVerdict.Silent);
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
        var suspect = Assert.Single(world.Harness.MemberOrders.OfType<NodeOutput.SuspectMember>());
        Assert.Equal(("iris2", 1L), (suspect.Name, suspect.Accusation));
        Assert.Equal(1, world.Harness.CountLogs("this node took the Service over from a silent one"));
        Report(world, HeartbeatVerdict.Heard);
        Assert.Equal("", world.Announced("hers"));
    }

    [Fact]
    public void Without_membership_silence_counts_as_well()
    {
        var world = new SpeakerWorld();
        world.Service("hers", SpeakerWorld.Hers).Start();
        Report(world, HeartbeatVerdict.Silent);
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
        Assert.Empty(world.Harness.MemberOrders.OfType<NodeOutput.SuspectMember>());
        Report(world, HeartbeatVerdict.NotJudged, incarnation: 6);
        Assert.Equal("", world.Announced("hers"));
    }

    [Fact]
    public void Who_says_that_it_ends_is_not_waited_for_and_not_suspected()
    {
        var world = Met();
        Report(world, HeartbeatVerdict.Left);
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
        Assert.Empty(world.Harness.MemberOrders.OfType<NodeOutput.SuspectMember>());
    }

    [Fact]
    public void A_member_that_refutes_the_suspicion_is_alive_although_it_is_not_heard()
    {
        var world = Met();
        Report(world, HeartbeatVerdict.Silent);
        Members(world, GossipMemberState.Suspect);
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
        Members(world, GossipMemberState.Alive, answered: 1);
        Assert.Equal("", world.Announced("hers"));
        Assert.Equal(1, world.Harness.Logs.Count(log =>
            log.Message.StartsWith("a speaker whose heartbeats are not heard is alive", StringComparison.Ordinal)));
        Members(world, GossipMemberState.Dead);
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
    }

    [Fact]
    public void An_answer_to_an_earlier_accusation_means_nothing()
    {
        var world = Met();
        Report(world, HeartbeatVerdict.Silent);
        Report(world, HeartbeatVerdict.Heard);
        Report(world, HeartbeatVerdict.Silent);
        Members(world, GossipMemberState.Alive, answered: 1);
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
    }

    [Fact]
    public void Who_is_heard_again_in_the_same_life_is_alive_before_membership_knows_it()
    {
        var world = Met();
        Report(world, HeartbeatVerdict.Silent);
        Members(world, GossipMemberState.Dead);
        Report(world, HeartbeatVerdict.Heard);
        Assert.Equal("", world.Announced("hers"));
        world.Harness.Pass(TimeSpan.FromSeconds(11));
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
    }

    [Fact]
    public void A_new_life_is_alive_when_membership_says_so()
    {
        var world = Met();
        Report(world, HeartbeatVerdict.Silent);
        Members(world, GossipMemberState.Dead);
        Report(world, HeartbeatVerdict.Heard, incarnation: 6);
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
        Members(world, GossipMemberState.Alive);
        Assert.Equal("", world.Announced("hers"));
    }

    [Fact]
    public void Services_of_the_silent_node_come_before_all_others()
    {
        var world = Met();
        for (var i = 0; i < 700; i++)
            world.Service($"a{i}", $"10.20.31.{i % 250}");
        world.Node.Handle(new NodeInput.LinkReported(Picture(HeartbeatVerdict.Silent, 5)), world.Harness.Now);
        var first = new List<NodeOutput>();
        while (world.Node.TryTake(out var output))
            first.Add(output);
        Assert.Equal("hers", first.OfType<NodeOutput.CommandLink>().Select(output => output.Command)
            .OfType<LinkCommand.AnnounceService>().First().Service.Name);
    }

    [Fact]
    public void What_membership_finds_out_later_about_a_silent_node_decides_nothing_anew()
    {
        var world = Met();
        var meta = InterfaceStatement.Encode(StatedInterfaces.Nothing).ToArray();
        Members(world, GossipMemberState.Alive, meta: meta);
        Assert.Equal("", world.Announced("hers"));
        Report(world, HeartbeatVerdict.Silent);
        world.Harness.Pass(TimeSpan.FromSeconds(60));
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
        var decided = world.Harness.Metrics["metallb_k8s_client_updates_total"];
        Members(world, GossipMemberState.Suspect, meta: meta);
        Members(world, GossipMemberState.Dead, meta: meta);
        Assert.Equal(decided, world.Harness.Metrics["metallb_k8s_client_updates_total"]);
        Report(world, HeartbeatVerdict.Heard, incarnation: 6);
        Members(world, GossipMemberState.Alive, meta: meta);
        Assert.NotEqual(decided, world.Harness.Metrics["metallb_k8s_client_updates_total"]);
        Assert.Equal("", world.Announced("hers"));
    }

    [Fact]
    public void Ownership_is_confirmed_once_for_the_start_and_once_for_each_standstill()
    {
        var world = new SpeakerWorld(sendsHeartbeats: true);
        world.Service("ours", SpeakerWorld.Ours).Start();
        Assert.Equal([0], Confirmed(world));
        Assert.IsType<LinkCommand.AnnounceService>(world.Harness.Commands[0]);
        Report(world, HeartbeatVerdict.Heard, standstills: 1);
        Report(world, HeartbeatVerdict.Heard, standstills: 1);
        Assert.Equal([0, 1], Confirmed(world));
    }

    private static SpeakerWorld Met()
    {
        var world = new SpeakerWorld(membership: Options);
        world.Service("hers", SpeakerWorld.Hers).Start();
        Members(world, GossipMemberState.Alive);
        Report(world, HeartbeatVerdict.Heard);
        return world;
    }

    [Fact]
    public void A_node_that_was_dead_before_it_was_silent_and_returns_without_heartbeats_is_alive()
    {
        var world = Met();
        Members(world, GossipMemberState.Dead);
        Assert.Equal(SpeakerWorld.Hers, world.Announced("hers"));
        Report(world, HeartbeatVerdict.Silent);
        Members(world, GossipMemberState.Alive);
        Assert.Equal("", world.Announced("hers"));
    }

    private static int[] Confirmed(SpeakerWorld world) =>
        [.. world.Harness.Commands.OfType<LinkCommand.ConfirmOwnership>().Select(command => command.Standstill)];

    private static void Report(SpeakerWorld world, HeartbeatVerdict verdict, ulong incarnation = 5, int standstills = 0) =>
        world.Harness.Tell(new NodeInput.LinkReported(Picture(verdict, incarnation, standstills)));

    private static LinkReport.PeersChanged Picture(HeartbeatVerdict verdict, ulong incarnation, int standstills = 0) =>
        new([new HeartbeatPeerState("iris2", incarnation, verdict)], standstills);

    private static void Members(SpeakerWorld world, GossipMemberState state, long answered = 0, byte[]? meta = null) =>
        world.Harness.Tell(new NodeInput.MembersReported(new(
            [
                new GossipMember("iris1", AddressOf(1), GossipMemberState.Alive, 1, [], default),
                new GossipMember("iris2", AddressOf(2), state, 1, [.. meta ?? []], default) { AnsweredAccusation = answered },
            ],
            0, 0, default)));

    private static GossipAddress AddressOf(uint number) => new(IpAddress.V4(0xC0A80100 + number), 7946);
}
