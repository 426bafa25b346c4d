using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What a controller tells about the kinds that it hands out no addresses by, when no webhook kept the faults out.</summary>
public sealed class ControllerConfigTests
{
    private const string PeerSpec = """ "myASN":64500,"peerASN":64501,"peerAddress":"192.0.2.1" """;
    private readonly ControllerWorld _world = new();

    public static TheoryData<string, string, string, string> Faults => new()
    {
        { "BGPPeer", "{}", """{"myASN":0,"peerASN":1,"peerAddress":"192.0.2.1"}""", "spec.myASN \"0\" is not between 1 and 4294967295" },
        { "BGPPeer", "{}", $$"""{{{PeerSpec}},"bfdProfile":"none"}""", "spec.bfdProfile \"none\" names no valid BFDProfile" },
        { "BGPPeer", "{}", """{"myASN":"x"}""", "spec.myASN must be a whole number, found a string" },
        {
            "BGPPeer", """{"ferrolb.io/passive":"maybe"}""", $$"""{{{PeerSpec}}}""",
            "metadata.annotations[ferrolb.io/passive] \"maybe\" is neither"
        },
        { "BGPAdvertisement", "{}", """{"aggregationLength":33}""", "spec.aggregationLength \"33\" is not between 1 and 32" },
        { "BGPAdvertisement", "{}", """{"communities":["gold"]}""", "spec.communities[0] \"gold\" is neither a community nor an alias" },
        { "BGPAdvertisement", "{}", """{"aggregationLength":8}""", "\"8\" is shorter than the prefix length 24 of \"192.0.2.0/24\"" },
        { "BFDProfile", "{}", """{"detectMultiplier":1}""", "spec.detectMultiplier \"1\" is not between 2 and 255" },
        { "Community", "{}", """{"communities":[{"name":"a","value":"x"}]}""", "spec.communities[0].value \"x\" is not a community" },
        { "L2Advertisement", "{}", """{"ipAddressPools":["a","a"]}""", "spec.ipAddressPools[1] \"a\" is listed twice" },
        { "IPAddressPool", "{}", """{"addresses":["192.0.2.4/32"]}""", "overlaps pool \"a\"" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_object_is_named_in_the_ConfigurationState_and_in_an_event_about_it(
        string kind, string annotations, string spec, string text)
    {
        _world.Pool("a", "192.0.2.0/24").Service("web").Start();
        Assert.Equal("True Reconciled ", Condition());
        Put(kind, "odd", spec, annotations);
        Assert.StartsWith($"False ConfigurationError configuration error: {kind} metallb-system/odd: ", Condition());
        Assert.Contains(text, Condition());
        var about = _world.Api.Requests.Where(request => request.Verb == KubeVerb.Create && request.Resource == KubeResource.Events)
            .Select(request => JsonNode.Parse(request.Body.Span)!).Single(value => value["involvedObject"]!["name"]!.ToString() == "odd");
        Assert.Equal("InvalidConfiguration", about["reason"]!.ToString());
        Assert.Equal(kind, about["involvedObject"]!["kind"]!.ToString());
        Assert.Equal(ResourceOf(kind).ApiVersion, about["involvedObject"]!["apiVersion"]!.ToString());
        Assert.Contains(text, about["message"]!.ToString());
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
        Assert.Equal("192.0.2.0", _world.Addresses("web"));

        _world.Api.Delete(ResourceOf(kind), ControllerWorld.System, "odd");
        _world.Harness.Settle();
        Assert.Equal("True Reconciled ", Condition());
        Assert.Equal(0, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
    }

    [Fact]
    public void A_missing_profile_and_a_missing_alias_heal_when_they_come()
    {
        _world.Start();
        Put("BGPPeer", "tor", $$"""{{{PeerSpec}},"bfdProfile":"fast"}""");
        Put("BGPAdvertisement", "ad", """{"communities":["gold"]}""");
        Assert.Contains("BGPPeer metallb-system/tor: spec.bfdProfile \"fast\"", Condition());
        Assert.Contains(" BGPAdvertisement metallb-system/ad: spec.communities[0] \"gold\"", Condition());
        Put("BFDProfile", "fast", "{}");
        Put("Community", "names", """{"communities":[{"name":"gold","value":"64500:1"}]}""");
        Assert.Equal("True Reconciled ", Condition());
    }

    [Fact]
    public void Labels_of_nodes_decide_whether_two_peers_meet()
    {
        _world.Api.Put(KubeResource.Nodes, """{"metadata":{"name":"n1","labels":{"rack":"a"}}}""");
        _world.Api.Put(KubeResource.Nodes, """{"metadata":{"name":"n2","labels":{"rack":"b"}}}""");
        Put("BGPPeer", "left", PeerOn("""{"matchLabels":{"rack":"a"}}"""));
        Put("BGPPeer", "right", PeerOn("""{"matchLabels":{"rack":"b"}}"""));
        _world.Start();
        Assert.Equal("True Reconciled ", Condition());
        _world.Api.Put(KubeResource.Nodes, """{"metadata":{"name":"n2","labels":{"rack":"a"}}}""");
        _world.Harness.Settle();
        Assert.Equal("True Reconciled ", Condition());
        _world.Api.Put(KubeResource.Nodes, """{"metadata":{"name":"n2","labels":{"rack":"b"}}}""");
        Put("BGPPeer", "right", PeerOn("""{"matchExpressions":[{"key":"rack","operator":"Exists"}]}"""));
        Assert.Contains("is the same peer (192.0.2.1 port 179) as in BGPPeer \"left\" on node \"n1\"", Condition());
    }

    [Fact]
    public void Text_for_FRR_is_reported_and_disturbs_nothing()
    {
        _world.Pool("a", "192.0.2.0/24").Service("web").Start();
        _world.Api.Put(
            KubeResource.ConfigMaps, """{"metadata":{"name":"bgpextras","namespace":"metallb-system"},"data":{"extras":"router bgp 1"}}""");
        _world.Harness.Settle();
        Assert.Contains("ConfigMap metallb-system/bgpextras: data.extras holds configuration for FRR", Condition());
        Assert.DoesNotContain("router bgp", Condition());
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
        Assert.Equal(["InvalidConfiguration"], _world.Events("bgpextras"));
    }

    [Theory]
    [InlineData("bgppeers")]
    [InlineData("nodes")]
    public void Kinds_that_cannot_be_read_delay_no_address_and_no_verdict_is_given_without_them(string plural)
    {
        _world.Api.Fault = request => request.Resource.Plural == plural ? new KubeResponse(request.Id, 403, default) : null;
        _world.Pool("a", "192.0.2.0/24").Service("web").Start();
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
        Assert.Equal(" ", Condition());
        _world.Api.Fault = null;
        _world.Harness.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("True Reconciled ", Condition());
    }

    [Fact]
    public void An_idle_controller_asks_for_nothing_but_one_watch_per_kind()
    {
        _world.Pool("a", "192.0.2.0/24").Service("web").Start();
        var before = _world.Api.Requests.Count;
        _world.Harness.Pass(TimeSpan.FromMinutes(4));
        Assert.Equal(before, _world.Api.Requests.Count);
        Assert.Equal(11, _world.Api.OpenWatches);
    }

    [Fact]
    public void A_heartbeat_of_a_node_and_a_change_about_BGP_make_no_Service_be_looked_at_again()
    {
        _world.Api.Put(KubeResource.Nodes, """{"metadata":{"name":"n1","labels":{"rack":"a"}}}""");
        _world.Pool("a", "192.0.2.0/24").Service("web").Start();
        var updates = _world.Harness.Metrics["metallb_k8s_client_updates_total"];
        _world.Api.Put(
            KubeResource.Nodes,
            """{"metadata":{"name":"n1","labels":{"rack":"a"}},"status":{"conditions":[{"type":"Ready","status":"True"}]}}""");
        Put("BGPPeer", "tor", $$"""{{{PeerSpec}}}""");
        Assert.Equal(updates, _world.Harness.Metrics["metallb_k8s_client_updates_total"]);
    }

    private static string PeerOn(string selector) => $$"""{{{PeerSpec}},"nodeSelectors":[{{selector}}]}""";

    private static KubeResource ResourceOf(string kind) => kind switch
    {
        "BGPPeer" => KubeResource.BgpPeers,
        "BGPAdvertisement" => KubeResource.BgpAdvertisements,
        "BFDProfile" => KubeResource.BfdProfiles,
        "Community" => KubeResource.Communities,
        "L2Advertisement" => KubeResource.L2Advertisements,
        _ => KubeResource.IpAddressPools,
    };

    private void Put(string kind, string name, string spec, string annotations = "{}")
    {
        _world.Api.Put(
            ResourceOf(kind),
            $$"""{"metadata":{"name":"{{name}}","namespace":"metallb-system","annotations":{{annotations}}},"spec":{{spec}}}""");
        if (_world.Node.Snapshot.IsSynced)
            _world.Harness.Settle();
    }

    private string Condition()
    {
        var conditions = _world.Api.Find(KubeResource.ConfigurationStates, ControllerWorld.System, "controller")?["status"]?["conditions"];
        var condition = conditions?.AsArray().FirstOrDefault(item => item!["type"]!.ToString() == "poolReconcilerValid");
        return condition is null ? " " : $"{condition["status"]} {condition["reason"]} {condition["message"]}";
    }
}
