using System;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Bgp.Session;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What a Service that is advertised by BGP says about it, as the speaker of iris1 writes it.</summary>
public sealed class ServiceAdvertisedTests
{
    private const string Home = "metallb-system";
    private const string Refused = "connection refused";
    private const string OfRack1 = ""","nodeSelectors":[{"matchLabels":{"rack":"1"} }]""";
    private const string OfRack2 = ""","nodeSelectors":[{"matchLabels":{"rack":"2"} }]""";

    // The first of the two to speak for it is iris1.
    private static readonly string First = SpeakerWorld.DutyOf("iris1");

    private readonly SpeakerWorld _world = new();

    public ServiceAdvertisedTests()
    {
        _world.ClusterNode("iris1", ",\"rack\":\"1\"").ClusterNode("iris2", ",\"rack\":\"2\"");
        Put(KubeResource.BgpAdvertisements, "routes", "{}");
    }

    [Fact]
    public void The_peers_whose_sessions_are_up_are_named_and_those_that_are_down_with_the_reason()
    {
        Peer("router");
        Peer("other", "192.0.2.2");
        StartRouted(First);
        Report(("router", BgpSessionState.Established, "an earlier one broke"), ("other", BgpSessionState.Active, Refused));
        Assert.Equal(
            "True Announced: advertised by BGP from node iris1 to router, but not to other (connection refused)", _world.Said(First));
        Report(("router", BgpSessionState.Established, null), ("other", BgpSessionState.Established, null));
        Assert.Equal("True Announced: advertised by BGP from node iris1 to other, router", _world.Said(First));
    }

    [Fact]
    public void When_no_session_is_up_the_only_node_with_peers_says_why()
    {
        Peer("router", more: OfRack1);
        StartRouted(First);
        Report(("router", BgpSessionState.Active, Refused));
        Assert.Equal("False NoPeerUp: no BGP session of node iris1 is up: router (connection refused)", _world.Said(First));
        Report(("router", BgpSessionState.Established, Refused));
        Assert.Equal("True Announced: advertised by BGP from node iris1 to router", _world.Said(First));
        Report(("router", BgpSessionState.Idle, "the peer says: Cease"));
        Assert.Equal("False NoPeerUp: no BGP session of node iris1 is up: router (the peer says: Cease)", _world.Said(First));
    }

    [Fact]
    public void Of_several_nodes_the_first_says_that_no_session_is_up_when_nobody_vouched_for_five_seconds()
    {
        Peer("router");
        StartRouted(First);
        Report(("router", BgpSessionState.Active, Refused));
        Assert.Equal("", _world.Said(First));
        _world.Pass(4);
        Assert.Equal(
            "False NoPeerUp: none of nodes iris1, iris2 has a BGP session that is up; on node iris1: router (connection refused)",
            _world.Said(First));
    }

    [Fact]
    public void What_another_node_vouches_for_is_left_to_it_and_what_it_denies_is_put_right()
    {
        Peer("router");
        StartRouted(First);
        Say("True", "Announced", "advertised by BGP from node iris2 to router");
        Report(("router", BgpSessionState.Established, null));
        _world.Pass(60);
        Assert.Equal("True Announced: advertised by BGP from node iris2 to router", _world.Said(First));
        Assert.Equal(0, _world.ServiceWrites);
        Say("False", "NoPeerUp", "none of nodes iris1, iris2 has a BGP session that is up; on node iris2: router (no route)");
        _world.Pass(1);
        Assert.Equal("True Announced: advertised by BGP from node iris1 to router", _world.Said(First));
    }

    [Fact]
    public void A_node_that_vouched_leaves_the_word_to_others_when_it_loses_its_sessions_and_takes_it_when_the_other_is_gone()
    {
        Peer("router");
        StartRouted(First);
        Report(("router", BgpSessionState.Established, null));
        Report(("router", BgpSessionState.Active, Refused));
        Assert.Equal(
            "True Announced: advertised by BGP; node iris1, which said so, does it no more: none of nodes iris1, iris2 has a BGP session " +
            "that is up; on node iris1: router (connection refused)", _world.Said(First));
        Say("True", "Announced", "advertised by BGP from node iris2 to router");
        Report(("router", BgpSessionState.Established, null));
        _world.Pass(60);
        Assert.Equal("True Announced: advertised by BGP from node iris2 to router", _world.Said(First));
        _world.ClusterNode("iris2", ",\"rack\":\"2\"", ready: "False").Pass(2);
        Assert.Equal("True Announced: advertised by BGP from node iris1 to router", _world.Said(First));
    }

    [Fact]
    public void Peers_on_other_nodes_only_are_left_to_their_speakers()
    {
        Peer("far", more: OfRack2);
        StartRouted(First);
        _world.Pass(60);
        Assert.Equal(0, _world.ServiceWrites);
        _world.ClusterNode("iris2", ",\"rack\":\"3\"").Pass(3);
        Assert.Equal(
            "False NoEligibleNode: no node may advertise it by BGP: iris1 (no BGPPeer for it that the advertisement reaches and that " +
            "carries the address), iris2 (no BGPPeer for it that the advertisement reaches and that carries the address)",
            _world.Said(First));
    }

    [Fact]
    public void Without_a_BGPPeer_that_is_to_be_told_it_is_said_that_there_is_none()
    {
        StartRouted(First);
        _world.Pass(3);
        const string said = "False NoPeer: BGPAdvertisement routes selects it, and there is no BGPPeer that it is to be advertised to";
        Assert.StartsWith(said, _world.Said(First), StringComparison.Ordinal);
        Peer("router");
        Put(KubeResource.BgpAdvertisements, "routes", """{"peers":["ruoter"]}""");
        _world.Pass(3);
        Assert.StartsWith(said, _world.Said(First), StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_does_not_carry_the_family_does_not_count()
    {
        Peer("router", "fd00::1");
        StartRouted(First);
        Report(("router", BgpSessionState.Established, null));
        _world.Pass(3);
        Assert.StartsWith(
            "False NoEligibleNode: no node may advertise it by BGP: iris1 (no BGPPeer", _world.Said(First), StringComparison.Ordinal);
    }

    [Fact]
    public void Advertisements_that_contradict_each_other_are_told()
    {
        Peer("router", more: OfRack1);
        Put(KubeResource.BgpAdvertisements, "one", """{"localPref":1,"serviceSelectors":[{}]}""");
        Put(KubeResource.BgpAdvertisements, "routes", """{"localPref":2,"serviceSelectors":[{}]}""");
        StartRouted(First);
        _world.Pass(3);
        Assert.StartsWith(
            "False NotAdvertised: node iris1 does not advertise it by BGP: BGPAdvertisements one and routes ask for different local",
            _world.Said(First), StringComparison.Ordinal);
    }

    [Fact]
    public void Service_selectors_that_do_not_match_are_told()
    {
        Peer("router");
        Put(KubeResource.BgpAdvertisements, "routes", """{"serviceSelectors":[{"matchLabels":{"expose":"true"} }]}""");
        StartRouted(First);
        _world.Pass(3);
        Assert.Equal(
            "False ServiceNotSelected: IPAddressPool pool is advertised only for the Services that the serviceSelectors of " +
            "BGPAdvertisement routes select, and this one's labels do not match", _world.Said(First));
    }

    [Fact]
    public void Of_a_Service_in_both_protocols_the_announcing_node_tells_both_and_one_is_enough()
    {
        Peer("router");
        _world.Service("web", SpeakerWorld.Ours).Start();
        Report(("router", BgpSessionState.Established, null));
        const string layer2 = "True Announced: announced by layer 2 from node iris1 on all interfaces; ";
        Assert.Equal(layer2 + "advertised by BGP from node iris1 to router", _world.Said("web"));
        Report(("router", BgpSessionState.Active, Refused));
        Assert.Equal(
            layer2 + "not advertised by BGP: none of nodes iris1, iris2 has a BGP session that is up; on node iris1: router " +
            "(connection refused)", _world.Said("web"));
        Put(KubeResource.BgpPeers, "router", Spec("192.0.2.1", OfRack2));
        _world.Pass(2);
        Assert.Equal(layer2 + "to be advertised by BGP from node iris2", _world.Said("web"));
    }

    [Fact]
    public void What_another_node_announces_by_layer_2_is_left_to_it_whatever_is_advertised()
    {
        Peer("router");
        _world.Service("web", SpeakerWorld.Hers).Start();
        Report(("router", BgpSessionState.Established, null));
        _world.Pass(60);
        Assert.Equal(0, _world.ServiceWrites);
    }

    [Fact]
    public void A_Service_that_cannot_be_announced_by_layer_2_is_announced_when_it_is_advertised()
    {
        Peer("router", more: OfRack1);
        _world.Advertisement("all", """{"nodeSelectors":[{"matchLabels":{"rack":"9"} }]}""").Service(First, SpeakerWorld.Ours).Start();
        Report(("router", BgpSessionState.Established, null));
        Assert.StartsWith(
            "True Announced: advertised by BGP from node iris1 to router; not announced by layer 2: no node may announce: iris1 (no",
            _world.Said(First), StringComparison.Ordinal);
        Report(("router", BgpSessionState.Active, Refused));
        Assert.StartsWith("False NoEligibleNode: no node may announce: iris1 (no", _world.Said(First), StringComparison.Ordinal);
        Assert.EndsWith(
            "; not advertised by BGP: no BGP session of node iris1 is up: router (connection refused)", _world.Said(First),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Reasons_that_change_all_the_time_are_written_every_ten_seconds_at_most()
    {
        Peer("router", more: OfRack1);
        StartRouted(First);
        for (var second = 0; second < 40; second++)
            Report(("router", BgpSessionState.Active, $"reason {second}"));
        Assert.InRange(_world.ServiceWrites, 2, 12);
        _world.Pass(12);
        Assert.EndsWith("router (reason 39)", _world.Said(First), StringComparison.Ordinal);
    }

    private void StartRouted(string service) =>
        _world.Delete(KubeResource.L2Advertisements, "all").Service(service, SpeakerWorld.Ours).Start();

    private void Report(params (string Peer, BgpSessionState State, string? Error)[] sessions)
    {
        var views = sessions.Select(item => new BgpSessionView(item.Peer, item.State, _world.Harness.Now, item.Error, 0, null));
        _world.Harness.Tell(new NodeInput.BgpReported(new([.. views])));
        _world.Pass(2);
    }

    private void Say(string status, string reason, string message)
    {
        var service = _world.Api.Find(KubeResource.Services, "shop", First)!.DeepClone();
        service["status"]!["conditions"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
        {
            ["type"] = "ferrolb.io/Announced",
            ["status"] = status,
            ["reason"] = reason,
            ["message"] = message,
            ["lastTransitionTime"] = "2030-01-01T00:00:00Z",
        });
        _world.Api.Put(KubeResource.Services, service.ToJsonString());
        _world.Settle();
    }

    private void Peer(string name, string address = "192.0.2.1", string more = "") =>
        Put(KubeResource.BgpPeers, name, Spec(address, more));

    private static string Spec(string address, string more) =>
        $$"""{"myASN":64500,"peerASN":64501,"peerAddress":"{{address}}"{{more}} }""";

    private void Put(KubeResource resource, string name, string spec)
    {
        _world.Api.Put(resource, $$"""{"metadata":{"name":"{{name}}","namespace":"{{Home}}"},"spec":{{spec}} }""");
        _world.Settle();
    }
}
