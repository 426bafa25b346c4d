using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>
/// What a speaker says about the configuration as it concerns its node. Scenarios C-01 and on are those of MetalLB's e2e suite.
/// </summary>
public sealed class SpeakerConfigurationStateTests
{
    private const string Home = "metallb-system";
    private const string BasicAuth = "kubernetes.io/basic-auth";
    private SpeakerWorld _world = new();

    [Fact]
    public void A_speaker_without_anything_to_object_to_says_Valid_under_its_own_name_and_labels()
    {
        _world.Start();
        Assert.Equal(
            """{"metallb.io/component-type":"speaker","metallb.io/node-name":"iris1"}""", Object["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal("Valid", Result());
        Assert.Equal("True Reconciled ", Condition());
        Assert.Null(Object["status"]!["errorSummary"]);
    }

    [Fact]
    public void C_01_a_Secret_of_the_wrong_type_is_told_by_the_node_of_the_peer_alone_until_it_is_right()
    {
        Peer("one", "iris1", ",\"passwordSecret\":{\"name\":\"key\"}");
        Secret("key", "Opaque");
        _world.Start();
        Assert.Equal("Invalid", Result());
        Assert.Contains(
            "BGPPeer metallb-system/one: spec.passwordSecret.name \"key\" names a Secret of type \"Opaque\"", Condition(),
            StringComparison.Ordinal);
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);

        _world = new("iris2");
        Peer("one", "iris1", ",\"passwordSecret\":{\"name\":\"key\"}");
        Secret("key", "Opaque");
        _world.Start();
        Assert.Equal("Valid", Result("speaker-iris2"));

        _world = new();
        Peer("one", "iris1", ",\"passwordSecret\":{\"name\":\"key\"}");
        Secret("key", "Opaque");
        _world.Start();
        _world.Api.Delete(KubeResource.Secrets, Home, "key");
        _world.Harness.Settle();
        Assert.Contains("names no Secret", Condition(), StringComparison.Ordinal);
        Secret("key", BasicAuth);
        Assert.Equal("Valid", Result());
        Assert.Equal(0, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
    }

    [Fact]
    public void C_02_a_BFD_profile_that_is_missing_is_told_until_it_is_there()
    {
        Peer("one", "", ",\"bfdProfile\":\"fast\"");
        _world.Start();
        Assert.Contains("BGPPeer metallb-system/one: spec.bfdProfile \"fast\"", Condition(), StringComparison.Ordinal);
        Put(KubeResource.BfdProfiles, "fast", "{}");
        Assert.Equal("Valid", Result());
    }

    [Fact]
    public void C_03_a_reference_that_breaks_at_run_time_is_told()
    {
        Put(KubeResource.BfdProfiles, "fast", "{}");
        Peer("one", "", ",\"bfdProfile\":\"fast\"");
        _world.Start();
        Assert.Equal("Valid", Result());
        _world.Api.Delete(KubeResource.BfdProfiles, Home, "fast");
        _world.Harness.Settle();
        Assert.Equal("Invalid", Result());
    }

    [Fact]
    public void C_04_an_alias_that_no_Community_defines_is_told_until_one_does()
    {
        Put(KubeResource.BgpAdvertisements, "adv", """{"communities":["vpn"]}""");
        _world.Start();
        Assert.Contains("BGPAdvertisement metallb-system/adv", Condition(), StringComparison.Ordinal);
        Put(KubeResource.Communities, "names", """{"communities":[{"name":"vpn","value":"64500:1"}]}""");
        Assert.Equal("Valid", Result());
    }

    [Fact]
    public void C_05_of_two_broken_peers_both_are_told_and_the_rest_when_one_is_gone()
    {
        Peer("one", "", ",\"bfdProfile\":\"fast\"");
        Peer("two", "", ",\"passwordSecret\":{\"name\":\"key\"}", "192.0.2.2");
        Secret("key", "Opaque");
        _world.Start();
        Assert.Contains("metallb-system/one", Condition(), StringComparison.Ordinal);
        Assert.Contains("metallb-system/two", Condition(), StringComparison.Ordinal);
        _world.Delete(KubeResource.BgpPeers, "one");
        Assert.DoesNotContain("metallb-system/one", Condition(), StringComparison.Ordinal);
        Assert.Contains("metallb-system/two", Condition(), StringComparison.Ordinal);
        _world.Delete(KubeResource.BgpPeers, "two");
        Assert.Equal("Valid", Result());
    }

    [Fact]
    public void C_06_a_peer_with_a_Secret_that_fits_is_valid_and_the_password_shows_nowhere()
    {
        Peer("one", "", ",\"passwordSecret\":{\"name\":\"key\"}");
        Secret("key", BasicAuth);
        _world.Start();
        Assert.Equal("Valid", Result());
        Assert.DoesNotContain(_world.Harness.Logs, line => line.ToString().Contains("c2VjcmV0", StringComparison.Ordinal) ||
            line.ToString().Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void C_07_two_peers_of_one_address_are_told_when_both_come_to_this_node()
    {
        Peer("one", "iris1");
        Peer("two", "iris2");
        _world.Start();
        Assert.Equal("Valid", Result());
        Put(KubeResource.BgpPeers, "two", PeerSpec("192.0.2.1", """,{"matchLabels":{"rack":"7"}}""", "iris2", ""));
        _world.ClusterNode("iris1", ",\"rack\":\"7\"");
        Assert.Contains("BGPPeer metallb-system/two", Condition(), StringComparison.Ordinal);
        Assert.Contains("is the same peer", Condition(), StringComparison.Ordinal);
        _world.ClusterNode("iris1");
        Assert.Equal("Valid", Result());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void C_08_and_C_10_an_object_that_is_deleted_is_made_again_with_the_same_verdict(bool isValid)
    {
        Peer("one", "", isValid ? "" : ",\"bfdProfile\":\"fast\"");
        _world.Start();
        var said = Condition();
        _world.Api.Delete(KubeResource.ConfigurationStates, Home, "speaker-iris1");
        _world.Harness.Settle();
        Assert.Equal(isValid ? "Valid" : "Invalid", Result());
        Assert.Equal(said, Condition());
    }

    [Fact]
    public void C_09_a_broken_peer_of_another_node_is_no_fault_here()
    {
        Peer("good", "iris1");
        Peer("bad", "iris2", ",\"bfdProfile\":\"fast\"", "192.0.2.2");
        Put(KubeResource.BgpAdvertisements, "bad", """{"communities":["vpn"],"nodeSelectors":[{"matchLabels":{"x":"y"}}]}""");
        _world.Start();
        Assert.Equal("Valid", Result());
    }

    [Fact]
    public void Node_selectors_that_are_invalid_are_told_by_every_node()
    {
        Put(KubeResource.BgpPeers, "odd", PeerSpec("192.0.2.1", """,{"matchExpressions":[{"key":"a","operator":"Near"}]}""", "iris2", ""));
        _world.Start();
        Assert.Contains("BGPPeer metallb-system/odd: spec.nodeSelectors[1]", Condition(), StringComparison.Ordinal);
    }

    [Fact]
    public void Layer_2_advertisements_and_pools_are_judged_by_every_node()
    {
        _world.Pool("odd", "192.0.2.300/32");
        _world.Advertisement("other", """{"ipAddressPools":["a","a"],"nodeSelectors":[{"matchLabels":{"x":"y"}}]}""");
        _world.Start();
        Assert.Contains("IPAddressPool metallb-system/odd", Condition(), StringComparison.Ordinal);
        Assert.Contains("L2Advertisement metallb-system/other", Condition(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_object_belongs_to_the_pod_of_the_speaker()
    {
        _world = new(podName: "speaker-x");
        _world.Api.Put(KubeResource.Pods, $$"""{"metadata":{"name":"speaker-x","namespace":"{{Home}}"} }""");
        _world.Start();
        Assert.Equal("speaker-x", Object["metadata"]!["ownerReferences"]![0]!["name"]!.ToString());
    }

    [Fact]
    public void Kinds_that_cannot_be_read_leave_the_result_Unknown_and_layer_2_as_it_is()
    {
        _world.Api.Fault = request => request.Resource == KubeResource.Secrets ? new(request.Id, 403, default) : null;
        _world.Service("web", SpeakerWorld.Ours).Start().Pass(60);
        Assert.Equal("Unknown", Result());
        Assert.Equal(SpeakerWorld.Ours, _world.Announced("web"));
    }

    [Fact]
    public void A_change_that_concerns_BGP_alone_decides_nothing_anew_on_the_LAN()
    {
        _world.Service("web", SpeakerWorld.Ours).Start();
        var decisions = _world.Harness.Metrics["metallb_k8s_client_updates_total"];
        Peer("one", "");
        Assert.Equal(decisions, _world.Harness.Metrics["metallb_k8s_client_updates_total"]);
    }

    private JsonObject Object => _world.Api.Find(KubeResource.ConfigurationStates, Home, "speaker-iris1")!;

    private string Result(string name = "speaker-iris1") =>
        _world.Api.Find(KubeResource.ConfigurationStates, Home, name)!["status"]!["result"]!.ToString();

    private string Condition()
    {
        var condition = Object["status"]!["conditions"]!.AsArray().Single(item => item!["type"]!.ToString() == "configReconcilerValid")!;
        return $"{condition["status"]} {condition["reason"]} {condition["message"]}";
    }

    private void Peer(string name, string node, string more = "", string address = "192.0.2.1") =>
        Put(KubeResource.BgpPeers, name, PeerSpec(address, "", node, more));

    private static string PeerSpec(string address, string moreSelectors, string node, string more)
    {
        var selectors = node.Length == 0
            ? ""
            : $$""" ,"nodeSelectors":[{"matchLabels":{"kubernetes.io/hostname":"{{node}}"} }{{moreSelectors}}] """;
        return $$"""{"myASN":64500,"peerASN":64501,"peerAddress":"{{address}}"{{selectors}}{{more}} }""";
    }

    private void Secret(string name, string type)
    {
        _world.Api.Put(
            KubeResource.Secrets,
            $$"""{"metadata":{"name":"{{name}}","namespace":"{{Home}}"},"type":"{{type}}","data":{"password":"c2VjcmV0"} }""");
        _world.Settle();
    }

    private void Put(KubeResource resource, string name, string spec)
    {
        _world.Api.Put(resource, $$"""{"metadata":{"name":"{{name}}","namespace":"{{Home}}"},"spec":{{spec}} }""");
        _world.Settle();
    }
}
