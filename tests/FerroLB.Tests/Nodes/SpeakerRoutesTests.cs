using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What a speaker's control loop orders of its BGP loop.</summary>
public sealed class SpeakerRoutesTests
{
    private const string Home = "metallb-system";
    private const string Web = SpeakerWorld.Ours;
    private readonly SpeakerWorld _world = new();

    [Fact]
    public void Without_a_peer_for_this_node_no_BGP_loop_is_ever_told_anything()
    {
        Put(KubeResource.BgpAdvertisements, "all", "{}");
        _world.Service("web", Web).Start();
        Put(KubeResource.BgpPeers, "far", Peer(""","nodeSelectors":[{"matchLabels":{"rack":"2"} }]"""));
        _world.Links("eth0", "eth1").Service("more", SpeakerWorld.Hers);
        _world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.Empty(_world.Harness.BgpCommands);
    }

    [Fact]
    public void Sessions_are_told_of_no_address_that_is_still_checked_for_duplicates()
    {
        LinkAddress[] addresses = [new(IpAddress.Parse("192.0.2.2"), 24), new(IpAddress.Parse("fe80::1"), 64) { IsTentative = true }];
        _world.Service("web", Web).Start();
        _world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged(
            [new(1, "eth0", new(0x020000000001)) { IsUp = true, Addresses = addresses }])));
        Put(KubeResource.BgpPeers, "router", Peer(""));
        var links = _world.Harness.BgpCommands.OfType<BgpCommand.UseLinks>().Last().Links;
        Assert.Equal([addresses[0]], Assert.Single(links).Addresses);
    }

    [Fact]
    public void Routes_are_ordered_before_the_session_that_tells_them()
    {
        _world.Service("web", Web).Service("more", SpeakerWorld.Hers).Start();
        Put(KubeResource.BgpAdvertisements, "all", """{"communities":["64500:7"]}""");
        Put(KubeResource.BgpPeers, "router", Peer(""));
        Assert.Equal(
            ["UseLinks", "AdvertiseServices", "HoldSessions"], _world.Harness.BgpCommands.Select(command => command.GetType().Name));
        var peer = Assert.Single(Held());
        Assert.Equal(("router", "192.0.2.1 port 179"), (peer.Peer.Name, peer.Peer.Target));
        Assert.Equal("10.20.30.2/32", Routes("web"));
        Assert.Equal("10.20.30.1/32", Routes("more"));
        Assert.Equal(1, _world.Harness.Metrics[$"metallb_speaker_announced,service=shop/web,protocol=bgp,node=iris1,ip={Web}"]);
        Assert.Contains(_world.Harness.Logs, line => line.Message == "this node advertises the Service by BGP");
        Assert.Contains("nodeAssigned: announcing from node \"iris1\" with protocol \"bgp\"", _world.Events("web"));
    }

    [Fact]
    public void A_Service_that_goes_or_may_not_be_served_here_asks_for_no_route_and_others_are_not_mentioned()
    {
        _world.Service("web", Web).Service("more", SpeakerWorld.Hers).Start();
        Put(KubeResource.BgpAdvertisements, "all", "{}");
        Put(KubeResource.BgpPeers, "router", Peer(""));
        _world.Service("web", Web, ""","externalTrafficPolicy":"Local" """, "", "iris2");
        Assert.Equal("", Routes("web"));
        _world.Endpoints("web", "iris1");
        Assert.Equal("10.20.30.2/32", Routes("web"));
        _world.Delete(KubeResource.Services, "web");
        Assert.Equal("", Routes("web"));
        Assert.Equal(1, _world.Harness.BgpCommands.OfType<BgpCommand.AdvertiseServices>().Count(Mentions("more")));
        Assert.Single(_world.Harness.BgpCommands.OfType<BgpCommand.HoldSessions>());
        Assert.DoesNotContain(_world.Harness.Metrics.Keys, series => series.Contains("shop/web,protocol=bgp", StringComparison.Ordinal));
    }

    [Fact]
    public void A_peer_is_held_while_the_nodes_labels_match_its_selectors_and_its_profile_goes_with_it()
    {
        _world.Service("web", Web).Start();
        Put(KubeResource.BgpAdvertisements, "all", "{}");
        Put(KubeResource.BfdProfiles, "fast", """{"receiveInterval":50}""");
        Put(KubeResource.BgpPeers, "router", Peer(""","bfdProfile":"fast","nodeSelectors":[{"matchLabels":{"rack":"2"} }]"""));
        Assert.Empty(_world.Harness.BgpCommands);
        _world.ClusterNode("iris1", ",\"rack\":\"2\"");
        Assert.Equal(50, Assert.Single(Held()).Bfd!.ReceiveIntervalMilliseconds);
        Assert.Equal("10.20.30.2/32", Routes("web"));
        _world.ClusterNode("iris1");
        Assert.Empty(Held());
        Assert.Equal("", Routes("web"));
    }

    [Fact]
    public void The_end_of_the_process_is_told_to_the_BGP_loop()
    {
        _world.Service("web", Web).Start();
        Put(KubeResource.BgpAdvertisements, "all", "{}");
        Put(KubeResource.BgpPeers, "router", Peer(""));
        _world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.IsType<BgpCommand.ShutDown>(_world.Harness.BgpCommands[^1]);
    }

    [Fact]
    public void The_sessions_are_told_in_the_SpeakerState()
    {
        _world.Start();
        _world.Harness.Tell(new NodeInput.BgpReported(new(
            [new("router", BgpSessionState.Established, _world.Harness.Now, "the connection broke", 3, BfdState.Up)])));
        _world.Pass(3);
        var session = _world.Api.Find(KubeResource.SpeakerStates, Home, "iris1")?["status"]?["sessions"]?[0];
        Assert.Equal(
            ("router", "Established", "3", "Up"),
            ($"{session?["peer"]}", $"{session?["state"]}", $"{session?["prefixesSent"]}", $"{session?["bfdState"]}"));
    }

    [Fact]
    public void The_peers_of_a_Service_stand_in_a_ServiceBGPStatus_as_long_as_it_is_advertised()
    {
        _world.Service("web", Web).Start();
        Assert.DoesNotContain(_world.Api.Requests, request => request.Resource == KubeResource.ServiceBgpStatuses);
        Put(KubeResource.BgpAdvertisements, "all", "{}");
        Put(KubeResource.BgpPeers, "router", Peer(""));
        var status = Assert.Single(_world.Api.All(KubeResource.ServiceBgpStatuses));
        Assert.StartsWith("bgp-", status["metadata"]!["name"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(
            """{"metallb.io/node":"iris1","metallb.io/service-name":"web","metallb.io/service-namespace":"shop"}""",
            status["metadata"]!["labels"]!.ToJsonString());
        Assert.Equal(
            """{"node":"iris1","serviceName":"web","serviceNamespace":"shop","peers":["router"]}""", status["status"]!.ToJsonString());
        Put(KubeResource.BgpPeers, "again", """{"myASN":64500,"peerASN":64501,"peerAddress":"192.0.2.2"}""");
        status = Assert.Single(_world.Api.All(KubeResource.ServiceBgpStatuses));
        Assert.Equal("""["again","router"]""", status["status"]!["peers"]!.ToJsonString());
        _world.Endpoints("web", "!iris1", "!iris2");
        Assert.Empty(_world.Api.All(KubeResource.ServiceBgpStatuses));
    }

    [Fact]
    public void A_Service_that_is_left_to_BGP_says_to_whom_it_is_advertised_and_why_not()
    {
        var name = SpeakerWorld.DutyOf("iris1");
        _world.Delete(KubeResource.L2Advertisements, "all").Service(name, Web).Start().Pass(3);
        Assert.StartsWith("False NoMatchingAdvertisement", _world.Said(name), StringComparison.Ordinal);
        Put(KubeResource.BgpAdvertisements, "all", "{}");
        Put(KubeResource.BgpPeers, "router", Peer(""));
        _world.Harness.Tell(new NodeInput.BgpReported(new(
            [new("router", BgpSessionState.Established, _world.Harness.Now, null, 1, null)])));
        _world.Pass(3);
        Assert.Equal("True Announced: advertised by BGP from node iris1 to router", _world.Said(name));
        _world.Endpoints(name, "!iris1", "!iris2").Pass(3);
        Assert.Equal("False NoReadyEndpoints: no endpoint of the Service is ready or serving", _world.Said(name));
    }

    private static string Peer(string more) => $$"""{"myASN":64500,"peerASN":64501,"peerAddress":"192.0.2.1"{{more}} }""";

    private static Func<BgpCommand.AdvertiseServices, bool> Mentions(string service) =>
        command => command.Services.Any(item => item.Service.Name == service);

    private ImmutableArray<BgpPeerWish> Held() =>
        _world.Harness.BgpCommands.OfType<BgpCommand.HoldSessions>().Last().Peers;

    private string Routes(string service) => string.Join(' ', _world.Harness.BgpCommands.OfType<BgpCommand.AdvertiseServices>()
        .Last(Mentions(service)).Services.Single(item => item.Service.Name == service).Routes.Select(route => route.Prefix));

    private void Put(KubeResource resource, string name, string spec)
    {
        _world.Api.Put(resource, $$"""{"metadata":{"name":"{{name}}","namespace":"{{Home}}"},"spec":{{spec}} }""");
        _world.Settle();
    }
}
