using System;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>Moves and ends: who is yielded to, and when the process may go.</summary>
public sealed class SpeakerHandOverTests
{
    private const string Excluded = ",\"node.kubernetes.io/exclude-from-external-load-balancers\":\"\"";
    private static readonly MembershipOptions Membership = new("component=speaker", AddressOf(1));

    [Fact]
    public void An_address_that_another_living_node_wins_is_yielded()
    {
        var world = new SpeakerWorld();
        world.Service("web", SpeakerWorld.Ours).Start();
        world.ClusterNode("iris1", Excluded);
        var command = Assert.IsType<LinkCommand.AnnounceService>(world.Harness.Commands.Last());
        Assert.Empty(command.Wishes);
        Assert.Equal([SpeakerWorld.Ours], command.Elsewhere.Select(address => address.ToString()));
        Assert.DoesNotContain(world.Harness.Metrics.Keys, key => key.StartsWith("metallb_speaker_announced", StringComparison.Ordinal));
    }

    [Fact]
    public void An_address_that_nobody_else_announces_is_silent_at_once()
    {
        var world = new SpeakerWorld();
        world.Service("a", SpeakerWorld.Ours).Service("b", SpeakerWorld.Ours).Service("c", SpeakerWorld.Ours).Start();
        world.Delete(KubeResource.Services, "a");
        Assert.IsType<LinkCommand.RetractService>(world.Harness.Commands.Last());
        world.Endpoints("b", "!iris1", "!iris2");
        Assert.IsType<LinkCommand.RetractService>(world.Harness.Commands.Last());
        world.Delete(KubeResource.L2Advertisements, "all");
        Assert.IsType<LinkCommand.RetractService>(world.Harness.Commands.Last());
        Assert.Equal(3, world.Harness.Commands.OfType<LinkCommand.RetractService>().Count());
    }

    [Fact]
    public void A_speaker_that_ends_tells_the_others_first_then_yields_and_goes_when_it_is_silent()
    {
        var world = Meet("iris1", "iris2");
        world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.IsType<NodeOutput.LeaveMembers>(world.Harness.MemberOrders.Last());
        var yielded = Assert.IsType<LinkCommand.AnnounceService>(world.Harness.Commands[^2]);
        Assert.Equal([SpeakerWorld.Ours], yielded.Elsewhere.Select(address => address.ToString()));
        Assert.IsType<LinkCommand.TellWhenSilent>(world.Harness.Commands[^1]);
        world.Harness.Pass(TimeSpan.FromMilliseconds(900));
        Assert.False(world.Harness.IsShutDown);
        world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.Silent()));
        Assert.True(world.Harness.IsShutDown);
    }

    [Fact]
    public void A_link_loop_that_does_not_answer_is_not_waited_for_for_ever()
    {
        var world = Meet("iris1", "iris2");
        world.Harness.Tell(new NodeInput.ShutdownRequested());
        world.Harness.Pass(TimeSpan.FromMilliseconds(1500));
        Assert.True(world.Harness.IsShutDown);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_only_speaker_and_one_that_knows_no_others_end_at_once(bool hasMembership)
    {
        var world = hasMembership ? Meet("iris1") : new SpeakerWorld();
        world.Service("web", SpeakerWorld.Ours);
        if (!hasMembership)
            world.Start();
        Assert.Equal(SpeakerWorld.Ours, world.Announced("web"));
        world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.IsType<LinkCommand.RetractService>(world.Harness.Commands.Last());
        Assert.True(world.Harness.IsShutDown);
    }

    [Fact]
    public void A_speaker_hands_over_also_while_the_API_server_is_away()
    {
        var world = Meet("iris1", "iris2");
        world.Api.Fault = request => new(request.Id, 0, default, null, "connection refused");
        world.Api.CloseWatches();
        world.Harness.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(SpeakerWorld.Ours, world.Announced("web"));
        world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.Single(Assert.IsType<LinkCommand.AnnounceService>(world.Harness.Commands[^2]).Elsewhere);
    }

    [Fact]
    public void A_starting_speaker_joins_the_others_only_when_it_can_announce_what_they_hand_over()
    {
        var world = new SpeakerWorld(membership: Membership);
        Pod(world, 1);
        Pod(world, 2);
        world.Api.Fault = request => request.Resource == KubeResource.EndpointSlices ? new(request.Id, 503, default) : null;
        world.Service("web", SpeakerWorld.Ours).Start();
        world.Harness.Pass(TimeSpan.FromSeconds(10));
        Assert.Empty(world.Harness.MemberOrders.OfType<NodeOutput.JoinMembers>());
        world.Api.Fault = null;
        world.Harness.Pass(TimeSpan.FromSeconds(40));
        Assert.NotEmpty(world.Harness.MemberOrders.OfType<NodeOutput.JoinMembers>());
    }

    [Fact]
    public void A_conflict_is_an_event_on_each_Service_with_the_address_once()
    {
        var world = new SpeakerWorld();
        world.Service("web", SpeakerWorld.Ours).Service("hers", SpeakerWorld.Hers).Start();
        AddressConflict[] conflicts = [new(IpAddress.Parse(SpeakerWorld.Ours), "eth0", new(0x02000000aa01))];
        world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.ConflictsChanged(conflicts)));
        world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.ConflictsChanged([.. conflicts])));
        var told = Assert.Single(world.Events("web"), line => line.StartsWith("addressConflict: ", StringComparison.Ordinal));
        Assert.All(
            (string[])[SpeakerWorld.Ours, "02:00:00:00:aa:01", "eth0", "iris1"],
            word => Assert.Contains(word, told, StringComparison.Ordinal));
        Assert.Empty(world.Events("hers"));
        Assert.Equal(conflicts, world.Node.Snapshot.Conflicts);
        world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.ConflictsChanged([])));
        Assert.Empty(world.Node.Snapshot.Conflicts);
    }

    private static GossipAddress AddressOf(int host) => new(IpAddress.V4(0x0A000000u + (uint)host), 7946);

    private static void Pod(SpeakerWorld world, int host) => world.Api.Put(KubeResource.Pods, $$"""
        {"metadata":{"name":"speaker-{{host}}","namespace":"metallb-system","labels":{"component":"speaker"} },
         "status":{"podIP":"10.0.0.{{host}}"} }
        """);

    private static SpeakerWorld Meet(params string[] nodes)
    {
        var world = new SpeakerWorld(membership: Membership);
        for (var host = 1; host <= nodes.Length; host++)
            Pod(world, host);
        world.Service("web", SpeakerWorld.Ours).Start();
        var members = nodes.Select((name, i) =>
            new GossipMember(name, AddressOf(i + 1), GossipMemberState.Alive, 1, [], GossipVersions.Default));
        world.Harness.Tell(new NodeInput.MembersReported(new([.. members], 0, 0, default)));
        Assert.Equal(SpeakerWorld.Ours, world.Announced("web"));
        return world;
    }
}
