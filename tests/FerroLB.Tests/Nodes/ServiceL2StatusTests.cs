using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using Xunit;

namespace FerroLB.Tests.Nodes;

public sealed class ServiceL2StatusTests
{
    private const string System = "metallb-system";

    private readonly SpeakerWorld _world = new();

    [Fact]
    public void The_announcing_node_says_so_with_labels_that_find_it()
    {
        _world.Service("web", SpeakerWorld.Ours).Start();
        var status = Single();
        Assert.StartsWith("l2-", status["metadata"]!["name"]!.ToString());
        Assert.Equal(
            """{"metallb.io/node":"iris1","metallb.io/service-name":"web","metallb.io/service-namespace":"shop"}""",
            status["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal("""{"node":"iris1","serviceName":"web","serviceNamespace":"shop"}""", status["status"]!.ToJsonString());
    }

    [Fact]
    public void A_node_that_announces_nothing_writes_nothing()
    {
        _world.Service("web", SpeakerWorld.Hers).Start();
        Assert.Empty(All());
    }

    [Theory]
    [InlineData(SpeakerWorld.Hers + " fd00::1", false)]
    [InlineData("fd00::1 " + SpeakerWorld.Hers, true)]
    public void Of_two_nodes_that_announce_an_address_each_only_that_of_the_first_address_says_so(string addresses, bool says)
    {
        _world.Pool("six", "fd00::/120").Service("web", addresses).Start();
        Assert.Equal("fd00::1", _world.Announced("web"));
        Assert.Equal(says, All().Length > 0);
    }

    [Fact]
    public void Interfaces_are_named_when_the_advertisement_names_them_and_follow_its_changes()
    {
        _world.Service("web", SpeakerWorld.Ours).Start("eth0", "eth1");
        _world.Advertisement("all", """{"interfaces":["eth1","eth0"]}""");
        Assert.Equal("""[{"name":"eth0"},{"name":"eth1"}]""", Single()["status"]!["interfaces"]!.ToJsonString());
        _world.Advertisement("all", "{}");
        Assert.Null(Single()["status"]!["interfaces"]);
    }

    [Fact]
    public void It_goes_when_nothing_is_announced_any_more()
    {
        _world.Service("web", SpeakerWorld.Ours).Start();
        Assert.Single(All());
        _world.Endpoints("web", "!iris1", "!iris2");
        Assert.Empty(All());
    }

    [Fact]
    public void The_winner_deletes_what_the_others_left_and_what_is_too_many()
    {
        Put("l2-hers", "iris2", "web");
        Put("l2-mine", "iris1", "web");
        Put("l2-more", "iris1", "web");
        _world.Service("web", SpeakerWorld.Ours).Start();
        var status = Single();
        Assert.Equal("l2-mine", status["metadata"]!["name"]!.ToString());
        Assert.Equal("iris1", status["status"]!["node"]!.ToString());
    }

    [Fact]
    public void The_loser_deletes_its_own_and_leaves_the_others_alone()
    {
        Put("l2-hers", "iris2", "web");
        Put("l2-mine", "iris1", "web");
        Put("l2-else", "iris2", "unknown");
        _world.Service("web", SpeakerWorld.Hers).Start();
        Assert.Equal(["l2-else", "l2-hers"], All().Select(status => status["metadata"]!["name"]!.ToString()).Order());
    }

    [Fact]
    public void What_is_edited_by_hand_is_put_right_and_what_is_deleted_is_made_again()
    {
        _world.Service("web", SpeakerWorld.Ours).Start();
        var name = Single()["metadata"]!["name"]!.ToString();
        Put(name, "iris1", "web", """,{"name":"eth9"}""");
        Assert.Null(Single()["status"]!["interfaces"]);

        _world.Api.Delete(KubeResource.ServiceL2Statuses, System, name);
        _world.Settle();
        Assert.NotEqual(name, Single()["metadata"]!["name"]!.ToString());
        Assert.Equal("web", Single()["status"]!["serviceName"]!.ToString());
    }

    [Fact]
    public void Nothing_is_written_twice_while_the_watch_is_late()
    {
        _world.Service("web", SpeakerWorld.Ours);
        _world.Api.Fault = request =>
        {
            _world.Api.DeliversEvents &= request.Verb != KubeVerb.Create;
            return null;
        };
        _world.Start();
        var writes = _world.Api.Requests.Count(request =>
            request.Resource == KubeResource.ServiceL2Statuses && request.Verb is KubeVerb.Create or KubeVerb.Patch);
        Assert.Equal(2, writes);
    }

    [Fact]
    public void What_a_dead_node_left_behind_goes_when_nobody_announces_the_Service_or_it_is_gone()
    {
        var duty = SpeakerWorld.DutyOf("iris1");
        Put("l2-hers", "iris2", duty);
        Put("l2-gone", "iris2", "gone");
        _world.Service(duty, SpeakerWorld.Hers, endpoints: ["!iris2"]).Start();
        Assert.Equal(2, All().Length);
        _world.ClusterNode("iris2", ready: "Unknown");
        Assert.Empty(All());
        Put("l2-late", "iris2", duty);
        Assert.Empty(All());
    }

    [Fact]
    public void What_a_living_node_says_of_itself_stays_and_keeps_others_from_denying_it()
    {
        var duty = SpeakerWorld.DutyOf("iris1");
        Put("l2-hers", "iris2", duty);
        _world.Service(duty, SpeakerWorld.Hers, endpoints: ["!iris2"]).Start().Pass(60);
        Assert.Single(All());
        Assert.Equal("", _world.Said(duty));
        _world.Api.Delete(KubeResource.ServiceL2Statuses, System, "l2-hers");
        _world.Settle().Pass(1);
        Assert.StartsWith("False NoReadyEndpoints", _world.Said(duty));
    }

    [Fact]
    public void An_object_of_an_earlier_pod_is_taken_over_and_new_ones_belong_to_the_pod()
    {
        var world = new SpeakerWorld(podName: "speaker-2");
        Put("l2-mine", "iris1", "web", world: world);
        world.Api.Put(KubeResource.Pods, $$"""{"metadata":{"name":"speaker-2","namespace":"{{System}}"} }""");
        world.Service("web", SpeakerWorld.Ours).Service("other", "10.20.30.5").Start();
        var all = world.Api.All(KubeResource.ServiceL2Statuses).ToList();
        Assert.Contains("l2-mine", all.Select(status => status["metadata"]!["name"]!.ToString()));
        Assert.All(all, status => Assert.Equal("speaker-2", status["metadata"]!["ownerReferences"]![0]!["name"]!.ToString()));
    }

    [Fact]
    public void A_pod_that_cannot_be_read_is_no_reason_to_say_nothing()
    {
        var world = new SpeakerWorld(podName: "speaker-2");
        world.Service("web", SpeakerWorld.Ours).Start();
        Assert.Null(Assert.Single(world.Api.All(KubeResource.ServiceL2Statuses))["metadata"]!["ownerReferences"]);
        Assert.Equal(1, world.Harness.CountLogs("cannot read the own pod; what the speaker writes has no owner"));
    }

    [Fact]
    public void A_restart_with_more_Services_than_one_step_decides_touches_nothing()
    {
        _world.Pool("large", "10.21.0.0/16");
        for (var i = 0; i < 700; i++)
            _world.Service($"web-{i}", $"10.21.{i / 250}.{i % 250}", endpoints: ["iris1"]);
        _world.Start().Pass(10);
        var requests = _world.Api.Requests.Count;
        var again = new NodeHarness(new SpeakerNode(new("iris1", System), 99), _world.Api);
        again.Start().Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged([new(1, "eth0", new(0x020000000001)) { IsUp = true }])));
        Assert.DoesNotContain(_world.Api.Requests.Skip(requests), request => request.Verb is KubeVerb.Patch or KubeVerb.Delete);
    }

    [Theory]
    [InlineData("True")]
    [InlineData("Unknown")]
    public void Two_nodes_that_both_announce_do_not_delete_each_others_objects_without_end(string rivalIsReady)
    {
        _world.Service("web", SpeakerWorld.Ours).Start().ClusterNode("iris2", ready: rivalIsReady);
        var before = _world.Api.Requests.Count;
        for (var i = 0; i < 3600; i++)
        {
            if (!All().Any(status => status["status"]!["node"]!.ToString() == "iris2"))
                Put($"l2-hers-{i}", "iris2", "web");
            _world.Pass(1);
        }
        Assert.InRange(_world.Api.Requests.Skip(before).Count(request => request.Verb == KubeVerb.Delete), 5, 60);
        _world.Pass(130);
        Assert.Equal("iris1", Single()["status"]!["node"]!.ToString());
    }

    [Fact]
    public void A_cluster_without_the_kind_is_served_as_well()
    {
        _world.Api.Fault = request => request.Resource == KubeResource.ServiceL2Statuses ? new(request.Id, 404, default) : null;
        _world.Service("web", SpeakerWorld.Ours).Start();
        Assert.Equal(SpeakerWorld.Ours, _world.Announced("web"));
    }

    private JsonObject[] All() => [.. _world.Api.All(KubeResource.ServiceL2Statuses)];

    private JsonObject Single() => Assert.Single(All());

    private void Put(string name, string node, string service, string moreInterfaces = "", SpeakerWorld? world = null)
    {
        var interfaces = moreInterfaces.Length == 0 ? "" : $$""" ,"interfaces":[{{moreInterfaces[1..]}}] """;
        (world ?? _world).Api.Put(KubeResource.ServiceL2Statuses, $$"""
            {"metadata":{"name":"{{name}}","namespace":"{{System}}","labels":{"metallb.io/node":"{{node}}",
             "metallb.io/service-name":"{{service}}","metallb.io/service-namespace":"shop"} },
             "status":{"node":"{{node}}","serviceName":"{{service}}","serviceNamespace":"shop"{{interfaces}}} }
            """);
        _world.Settle();
    }
}
