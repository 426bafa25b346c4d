using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

public sealed class SpeakerMembershipTests
{
    private static readonly MembershipOptions Options = new("component=speaker", AddressOf(1));

    private readonly SpeakerWorld _world = new(membership: Options);

    [Fact]
    public void A_starting_speaker_announces_nothing_until_it_met_another()
    {
        Pod("speaker-1", 1).Pod("speaker-2", 2);
        _world.Service("hers", SpeakerWorld.Hers).Service("ours", SpeakerWorld.Ours).Start();
        Assert.Equal([AddressOf(2)], Joins().Single());
        _world.Harness.Pass(TimeSpan.FromSeconds(2.9));
        Assert.Equal("", _world.Announced("ours") + _world.Announced("hers"));
        Members("iris1", "iris2");
        Assert.Equal((SpeakerWorld.Ours, ""), (_world.Announced("ours"), _world.Announced("hers")));
    }

    [Fact]
    public void A_speaker_that_is_the_only_one_in_the_API_does_not_wait()
    {
        Pod("speaker-1", 1);
        _world.Service("hers", SpeakerWorld.Hers).Start();
        Assert.Equal(SpeakerWorld.Hers, _world.Announced("hers"));
        Assert.Empty(Joins());
    }

    [Fact]
    public void A_speaker_that_meets_nobody_in_three_seconds_goes_on_alone()
    {
        Pod("speaker-1", 1).Pod("speaker-2", 2);
        _world.Service("hers", SpeakerWorld.Hers).Start();
        _world.Harness.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(SpeakerWorld.Hers, _world.Announced("hers"));
        Assert.Equal(1, _world.Harness.CountLogs("no other speaker was met in time; elections begin without"));
    }

    [Fact]
    public void Members_take_over_from_those_who_are_gone_and_give_back_to_those_who_come()
    {
        Pod("speaker-1", 1).Pod("speaker-2", 2);
        _world.Service("hers", SpeakerWorld.Hers).Start();
        Members("iris1", "iris2");
        Assert.Equal("", _world.Announced("hers"));
        Members("iris1", "iris2!");
        Assert.Equal(SpeakerWorld.Hers, _world.Announced("hers"));
        Members("iris1", "iris2");
        Assert.Equal("", _world.Announced("hers"));
    }

    [Fact]
    public void What_Kubernetes_thinks_of_a_node_does_not_matter_then()
    {
        Pod("speaker-1", 1).Pod("speaker-2", 2);
        _world.Service("hers", SpeakerWorld.Hers).Start();
        Members("iris1", "iris2");
        _world.ClusterNode("iris2", ready: "Unknown");
        Assert.Equal("", _world.Announced("hers"));
        _world.ClusterNode("iris1", ready: "False");
        Members("iris1");
        Assert.Equal(SpeakerWorld.Hers, _world.Announced("hers"));
    }

    [Fact]
    public void The_pods_are_listed_by_their_labels_at_the_start_and_every_five_minutes()
    {
        Pod("speaker-1", 1);
        _world.Start();
        _world.Harness.Pass(TimeSpan.FromMinutes(11));
        var lists = _world.Api.Requests.Where(request => request.Resource == KubeResource.Pods).ToArray();
        Assert.Equal(3, lists.Length);
        Assert.All(lists, list => Assert.Equal(
            (KubeVerb.List, "component=speaker", "metallb-system"), (list.Verb, list.LabelSelector, list.Namespace)));
    }

    [Fact]
    public void A_speaker_whose_interfaces_are_not_told_yet_has_nothing_due_for_its_membership()
    {
        var speaker = new SpeakerNode(new SpeakerOptions("iris1", "metallb-system") { Membership = Options }, 1);
        var now = Instant.FromSeconds(1_000);
        speaker.Handle(new NodeInput.ClockRead(default), now);
        Assert.True(speaker.NextDeadline is null || speaker.NextDeadline > now);
    }

    [Fact]
    public void Many_pods_are_listed_page_by_page()
    {
        for (var i = 2; i < 700; i++)
            Pod($"speaker-{i}", i);
        _world.Start();
        Assert.Equal(698, Joins().Single().Length);
    }

    [Fact]
    public void Those_who_are_no_members_are_tried_every_minute()
    {
        Pod("speaker-1", 1).Pod("speaker-2", 2).Pod("speaker-3", 3).Pod("speaker-4", 0);
        _world.Start();
        Assert.Equal([AddressOf(2), AddressOf(3)], Joins().Single());
        Members("iris1", "iris2");
        _world.Harness.Pass(TimeSpan.FromSeconds(130));
        Assert.Equal(3, Joins().Length);
        Assert.All(Joins()[1..], join => Assert.Equal([AddressOf(3)], join));
    }

    [Fact]
    public void A_node_that_is_heard_but_given_up_is_tried_at_once_and_then_more_and_more_slowly()
    {
        Pod("speaker-1", 1).Pod("speaker-2", 2);
        _world.Start();
        Members("iris1", "iris2");
        _world.Harness.Pass(TimeSpan.FromSeconds(20));
        Hear(HeartbeatVerdict.Heard);
        Assert.Single(Joins());
        Members("iris1", "iris2!");
        Assert.Equal([AddressOf(2)], Joins().Skip(1).Single());
        _world.Harness.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(3, Joins().Length);
        _world.Harness.Pass(TimeSpan.FromSeconds(29));
        Assert.Equal(6, Joins().Length);
        Members("iris1", "iris2");
        _world.Harness.Pass(TimeSpan.FromMinutes(3));
        Assert.Equal(6, Joins().Length);
    }

    [Fact]
    public void A_node_that_was_given_up_and_is_silent_is_not_tried_before_its_minute()
    {
        Pod("speaker-1", 1).Pod("speaker-2", 2);
        _world.Start();
        Members("iris1", "iris2");
        _world.Harness.Pass(TimeSpan.FromSeconds(1));
        Hear(HeartbeatVerdict.Silent);
        Members("iris1", "iris2!");
        _world.Harness.Pass(TimeSpan.FromSeconds(50));
        Assert.Single(Joins());
        Hear(HeartbeatVerdict.Heard);
        Assert.Equal(2, Joins().Length);
    }

    [Fact]
    public void A_change_of_the_own_node_is_a_reason_to_try_again()
    {
        Pod("speaker-1", 1).Pod("speaker-2", 2).Pod("speaker-3", 3);
        _world.Start();
        Members("iris1", "iris2");
        _world.ClusterNode("iris2", networkUnavailable: true);
        Assert.Single(Joins());
        _world.ClusterNode("iris1", networkUnavailable: true);
        Assert.Equal(2, Joins().Length);
    }

    [Fact]
    public void A_list_that_fails_is_tried_again_and_stops_nothing()
    {
        _world.Api.Fault = request => request.Resource == KubeResource.Pods
            ? new(request.Id, 403, """{"kind":"Status","code":403}"""u8.ToArray())
            : null;
        _world.Service("hers", SpeakerWorld.Hers).Start();
        _world.Harness.Pass(TimeSpan.FromSeconds(4));
        Assert.Equal(5, _world.Harness.CountLogs("the pods of the speakers could not be listed"));
        Assert.Equal(SpeakerWorld.Hers, _world.Announced("hers"));
        _world.Api.Fault = null;
        Pod("speaker-2", 2);
        _world.Harness.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal([AddressOf(2)], Joins().Single());
    }

    [Fact]
    public void A_speaker_that_ends_says_so_to_the_others()
    {
        _world.Start();
        _world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.IsType<NodeOutput.LeaveMembers>(_world.Harness.MemberOrders.Last());
    }

    [Fact]
    public void Without_membership_no_pod_is_listed_and_pictures_mean_nothing()
    {
        var world = new SpeakerWorld();
        world.Service("hers", SpeakerWorld.Hers).Start();
        world.Harness.Tell(new NodeInput.MembersReported(new([], 0, 0, default)));
        world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.Equal("", world.Announced("hers"));
        Assert.DoesNotContain(world.Api.Requests, request => request.Resource == KubeResource.Pods);
        Assert.Empty(world.Harness.MemberOrders);
    }

    private static GossipAddress AddressOf(int number) => new(IpAddress.V4(0x0A630000u + (uint)number), 7946);

    private ImmutableArray<GossipAddress>[] Joins() =>
        [.. _world.Harness.MemberOrders.OfType<NodeOutput.JoinMembers>().Select(join => join.Addresses)];

    // Number 0 stands for a pod without an address yet.
    private SpeakerMembershipTests Pod(string name, int number)
    {
        var ip = number == 0 ? "" : $"\"podIP\":\"{AddressOf(number).Ip}\",";
        _world.Api.Put(
            KubeResource.Pods,
            $$"""{"metadata":{"name":"{{name}}","namespace":"metallb-system"},"status":{ {{ip}}"phase":"Running"} }""");
        return this;
    }

    private void Hear(HeartbeatVerdict verdict) => _world.Harness.Tell(
        new NodeInput.LinkReported(new LinkReport.PeersChanged([new HeartbeatPeerState("iris2", 5, verdict)], 0)));

    // Names with an exclamation mark have failed.
    private void Members(params string[] names) => _world.Harness.Tell(new NodeInput.MembersReported(new(
        [.. names.Select(name => new GossipMember(
            name.TrimEnd('!'),
            AddressOf(name[4] - '0'),
            name.EndsWith('!') ? GossipMemberState.Dead : GossipMemberState.Alive,
            1,
            [],
            GossipVersions.Default))],
        0,
        0,
        default)));
}
