using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What a speaker says of itself in its SpeakerState.</summary>
public sealed class SpeakerStateTests
{
    private const string Home = "metallb-system";
    private static readonly MembershipOptions Membership = new("app=metallb", new(IpAddress.Parse("192.0.2.1"), 7946));

    private SpeakerWorld _world = new();

    [Fact]
    public void The_announced_addresses_are_listed_each_once_and_in_order()
    {
        _world.Service("b", "10.20.30.5").Service("a", SpeakerWorld.Ours).Service("other", SpeakerWorld.Hers);
        _world.Service("shared", SpeakerWorld.Ours).Start();
        var mine = Enumerable.Range(1, 5).Select(i => $"10.20.30.{i}").Where(ip => _world.Node.Snapshot.Services.Values
            .Any(state => state.Announced.Any(address => address.ToString() == ip))).ToList();
        Assert.Contains(SpeakerWorld.Ours, mine);
        Assert.Equal(mine, Status["ownedAddresses"]!.AsArray().Select(ip => ip!.ToString()));
        Assert.Equal(mine.Count, Status["ownedAddressCount"]!.GetValue<int>());
        _world.Delete(KubeResource.Services, "a").Pass(1);
        Assert.Contains(SpeakerWorld.Ours, Status["ownedAddresses"]!.ToJsonString(), StringComparison.Ordinal);
        _world.Delete(KubeResource.Services, "shared").Pass(1);
        Assert.DoesNotContain(SpeakerWorld.Ours, Status["ownedAddresses"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("iris1", Status["node"]!.ToString());
    }

    [Fact]
    public void Of_very_many_addresses_the_first_thousand_are_listed_and_all_are_counted()
    {
        _world.Pool("large", "10.21.0.0/16");
        for (var i = 0; i < 2500; i++)
            _world.Service($"web-{i}", $"10.21.{i / 250}.{i % 250}", spec: ",\"externalTrafficPolicy\":\"Local\"", endpoints: ["iris1"]);
        _world.Start().Pass(5);
        Assert.Equal(2500, Status["ownedAddressCount"]!.GetValue<int>());
        Assert.Equal(1000, Status["ownedAddresses"]!.AsArray().Count);
        Assert.Equal("10.21.0.0", Status["ownedAddresses"]![0]!.ToString());
    }

    [Fact]
    public void Interfaces_are_told_with_the_reason_why_they_are_not_used()
    {
        _world.Start();
        _world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged(
        [
            new(3, "eth1", new(0x020000000003)) { IsBroadcast = true },
            new(2, "eth0", new(0x020000000002))
            {
                IsUp = true, IsBroadcast = true, Addresses = [new(IpAddress.Parse("fe80::2"), 64)],
            },
            new(4, "eth2", new(0x020000000004)) { IsUp = true, IsBroadcast = true },
            new(5, "port", new(0x020000000005)) { IsUp = true, IsBroadcast = true, IsEnslaved = true },
        ])));
        _world.Pass(1);
        string[] said =
        [
            """{"name":"eth0","usable":true,"usableForIPv6":true}""",
            """{"name":"eth1","usable":false,"usableForIPv6":false,"reason":"it is administratively down"}""",
            """{"name":"eth2","usable":true,"usableForIPv6":false,"reason":"it has no IPv6 link-local address for announcing IPv6"}""",
            """{"name":"port","usable":false,"usableForIPv6":false,"reason":"it belongs to a bond, a bridge or a VRF"}""",
        ];
        Assert.Equal(said, Status["interfaces"]!.AsArray().Select(item => item!.ToJsonString()));
    }

    [Fact]
    public void Members_are_told_and_a_suspicion_alone_is_not()
    {
        _world = new SpeakerWorld(membership: Membership);
        _world.Start();
        Meet(("iris1", GossipMemberState.Alive), ("iris2", GossipMemberState.Alive), ("iris3", GossipMemberState.Left));
        Assert.Equal(
            """[{"name":"iris1","state":"Alive"},{"name":"iris2","state":"Alive"},{"name":"iris3","state":"Left"}]""",
            Status["members"]!.ToJsonString());
        Assert.Equal(2, Status["livingMemberCount"]!.GetValue<int>());
        var writes = Writes;
        Meet(("iris1", GossipMemberState.Alive), ("iris2", GossipMemberState.Suspect), ("iris3", GossipMemberState.Left));
        Assert.Equal(writes, Writes);
        Meet(("iris1", GossipMemberState.Alive), ("iris2", GossipMemberState.Dead), ("iris3", GossipMemberState.Left));
        Assert.Equal("Failed", Status["members"]![1]!["state"]!.ToString());
        Assert.Equal(writes + 1, Writes);
    }

    [Fact]
    public void It_is_written_at_most_once_a_second_and_not_at_all_when_nothing_changes()
    {
        _world.Service("web", SpeakerWorld.Ours).Start().Pass(5);
        var writes = Writes;
        for (var i = 0; i < 100; i++)
            _world.Endpoints("web", i % 2 == 0 ? "!iris1" : "iris1").Pass(0.1);
        Assert.InRange(Writes - writes, 1, 11);
        _world.Pass(2);
        Assert.Equal(1, Status["ownedAddressCount"]!.GetValue<int>());
        writes = Writes;
        _world.Pass(3600);
        Assert.Equal(writes, Writes);
    }

    [Fact]
    public void What_is_edited_or_deleted_by_hand_comes_back()
    {
        _world.Service("web", SpeakerWorld.Ours).Start().Pass(5);
        var said = Status.ToJsonString();
        var edited = Object.DeepClone().AsObject();
        edited["status"] = new JsonObject { ["node"] = "elsewhere" };
        _world.Api.Put(KubeResource.SpeakerStates, edited.ToJsonString());
        _world.Settle().Pass(2);
        Assert.Equal("iris1", Status["node"]!.ToString());
        _world.Api.Delete(KubeResource.SpeakerStates, Home, "iris1");
        _world.Settle().Pass(2);
        Assert.Equal(said, Status.ToJsonString());
    }

    [Fact]
    public void It_belongs_to_the_pod_of_the_speaker_and_a_new_process_writes_nothing_that_is_right()
    {
        _world = new SpeakerWorld(podName: "speaker-x");
        _world.Api.Put(KubeResource.Pods, $$"""{"metadata":{"name":"speaker-x","namespace":"{{Home}}"} }""");
        _world.Service("web", SpeakerWorld.Ours).Start().Pass(5);
        Assert.Equal("speaker-x", Object["metadata"]!["ownerReferences"]![0]!["name"]!.ToString());
        var (writes, said) = (Writes, Status.ToJsonString());
        var again = new NodeHarness(new SpeakerNode(new("iris1", Home) { PodName = "speaker-x" }, 99), _world.Api);
        again.Start();
        again.Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged([new(1, "eth0", new(0x020000000001)) { IsUp = true }])));
        again.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(said, Status.ToJsonString());
        Assert.Equal(writes, Writes);
    }

    [Fact]
    public void A_cluster_without_the_kind_is_served_as_well()
    {
        _world.Api.Fault = request => request.Resource == KubeResource.SpeakerStates ? new(request.Id, 404, default) : null;
        _world.Service("web", SpeakerWorld.Ours).Start().Pass(60);
        Assert.Equal(SpeakerWorld.Ours, _world.Announced("web"));
        Assert.Equal(0, Writes);
    }

    private JsonObject Object => _world.Api.Find(KubeResource.SpeakerStates, Home, "iris1")!;

    private JsonObject Status => Object["status"]!.AsObject();

    private int Writes => _world.Api.Requests.Count(request =>
        request.Resource == KubeResource.SpeakerStates && request.Verb is KubeVerb.Create or KubeVerb.Patch);

    private void Meet(params (string Name, GossipMemberState State)[] members)
    {
        var picture = members.Select((member, i) => new GossipMember(
            member.Name, new(IpAddress.Parse($"192.0.2.{i + 1}"), 7946), member.State, 1, [], default)).ToList();
        _world.Harness.Tell(new NodeInput.MembersReported(new GossipSnapshot([.. picture], 0, 0, default)));
        _world.Pass(2);
    }
}
