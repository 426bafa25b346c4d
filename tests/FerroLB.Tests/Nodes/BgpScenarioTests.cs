using System;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Core.Placement;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>
/// The scenarios of MetalLB's e2e suite about BGP in which a router adds nothing: what a speaker orders to be advertised to its peers.
/// Those in which the router's view matters are played with real routers.
/// </summary>
public sealed class BgpScenarioTests
{
    private const string Home = "metallb-system";
    private const string Web = SpeakerWorld.Ours;
    private const string Other = SpeakerWorld.Hers;
    private readonly SpeakerWorld _world = new();

    [Fact]
    public void B_07_of_two_Services_that_share_an_address_the_route_stays_until_both_are_gone()
    {
        Start("{}");
        _world.Service("web", Web).Service("dns", Web);
        Assert.Equal("10.20.30.2/32", Routes());
        _world.Delete(KubeResource.Services, "web");
        Assert.Equal("10.20.30.2/32", Routes());
        _world.Delete(KubeResource.Services, "dns");
        Assert.Equal("", Routes());
    }

    [Fact]
    public void B_08_B_15_pools_in_either_notation_and_Services_that_come_one_by_one_leave_the_earlier_ones_as_they_are()
    {
        Start("{}");
        _world.Service("web", Web);
        Assert.Equal("10.20.30.2/32", Routes());
        _world.Pool("range", "10.20.40.10-10.20.40.20").Service("more", "10.20.40.11");
        Assert.Equal("10.20.30.2/32 10.20.40.11/32", Routes());
        _world.Pool("six", "fd00:20::/64").Service("dual", "10.20.30.9 fd00:20::9");
        Assert.Equal("10.20.30.2/32 10.20.30.9/32 10.20.40.11/32 fd00:20::9/128", Routes());
        Assert.Equal(1, _world.Harness.BgpCommands.OfType<BgpCommand.AdvertiseServices>()
            .Count(command => command.Services.Any(item => item.Service.Name == "web")));
    }

    [Fact]
    public void B_13_the_status_names_the_peers_and_only_those_that_are_there()
    {
        Start("{}");
        _world.Service("web", Web);
        Peer("second", "192.0.2.2");
        Assert.Equal("first second", Told());
        Put(KubeResource.BgpAdvertisements, "all", """{"peers":["first","second","dummy"]}""");
        Assert.Equal("first second", Told());
        Delete(KubeResource.BgpPeers, "first");
        Assert.Equal("second", Told());
        Put(KubeResource.BgpAdvertisements, "all", """{"nodeSelectors":[{"matchLabels":{"kubernetes.io/hostname":"iris2"} }]}""");
        Assert.Empty(_world.Api.All(KubeResource.ServiceBgpStatuses));
        Put(KubeResource.BgpAdvertisements, "all", "{}");
        Assert.Equal("second", Told());
        Delete(KubeResource.BgpPeers, "second");
        Assert.Empty(_world.Api.All(KubeResource.ServiceBgpStatuses));
        Peer("third", "192.0.2.3");
        Assert.Equal("third", Told());
        _world.Delete(KubeResource.Services, "web");
        Assert.Empty(_world.Api.All(KubeResource.ServiceBgpStatuses));
    }

    [Fact]
    public void B_16_B_54_peers_come_one_by_one_and_only_those_that_select_this_node_are_held()
    {
        Start("{}");
        Assert.Equal("first", Held());
        Peer("second", "192.0.2.2");
        Peer("elsewhere", "192.0.2.3", ""","nodeSelectors":[{"matchLabels":{"kubernetes.io/hostname":"iris2"} }]""");
        Peer(
            "here", "192.0.2.4",
            ""","nodeSelectors":[{"matchLabels":{"rack":"7"} },{"matchLabels":{"kubernetes.io/hostname":"iris1"} }]""");
        Assert.Equal("first here second", Held());
    }

    [Fact]
    public void B_83_a_peer_without_its_profile_makes_the_configuration_stale_until_the_profile_comes()
    {
        _world.Service("web", Web);
        Start("{}");
        Assert.Equal((0, 1), (Metric("config_stale_bool"), Metric("config_loaded_bool")));
        Assert.InRange(Metric("updates_total"), 1, double.MaxValue);
        Peer("second", "192.0.2.2", ",\"bfdProfile\":\"fast\"");
        Assert.Equal((1, "first"), (Metric("config_stale_bool"), Held()));
        Put(KubeResource.BfdProfiles, "fast", "{}");
        Assert.Equal((0, 1), (Metric("config_stale_bool"), Metric("config_loaded_bool")));
        Assert.Equal("first second", Held());
    }

    [Fact]
    public void B_23_what_a_profile_and_a_peer_say_reaches_the_loop_that_carries_it_out()
    {
        _world.Start();
        Put(
            KubeResource.BfdProfiles, "full",
            """
            {"receiveInterval":93,"transmitInterval":95,"echoInterval":97,"echoMode":true,"passiveMode":true,"minimumTtl":253}
            """);
        Peer("full", "192.0.2.9", ""","bfdProfile":"full","keepaliveTime":"13s","holdTime":"57s","connectTime":"5s" """);
        var wish = _world.Harness.BgpCommands.OfType<BgpCommand.HoldSessions>().Last().Peers.Single();
        Assert.Equal(
            (93, 95, 97, true, true, 253),
            (wish.Bfd!.ReceiveIntervalMilliseconds, wish.Bfd.TransmitIntervalMilliseconds, wish.Bfd.EchoIntervalMilliseconds,
                wish.Bfd.EchoMode, wish.Bfd.PassiveMode, wish.Bfd.MinimumTtl));
        Assert.Equal(
            (13, 57, 5, 179),
            ((int)wish.Peer.KeepaliveTime!.Value.TotalSeconds, (int)wish.Peer.HoldTime!.Value.TotalSeconds,
                (int)wish.Peer.ConnectTime!.Value.TotalSeconds, wish.Peer.Port));
    }

    [Fact]
    public void B_60_only_the_Service_that_matches_pool_and_selector_is_advertised()
    {
        _world.Pool("second", "10.20.40.0/24");
        Start("""{"ipAddressPools":["pool"],"serviceSelectors":[{"matchLabels":{"app":"web"} }]}""");
        _world.Service("right", Web, metadata: App("web"))
            .Service("wrong-label", Other, metadata: App("dns"))
            .Service("no-label", "10.20.30.7")
            .Service("wrong-pool", "10.20.40.7", metadata: App("web"));
        Assert.Equal("10.20.30.2/32", Routes());
    }

    [Fact]
    public void B_61_B_62_B_63_selectors_are_alternatives_and_their_changes_and_those_of_labels_swap_what_is_advertised()
    {
        Start("""{"serviceSelectors":[{"matchLabels":{"app":"front"} },{"matchLabels":{"app":"back"} }]}""");
        _world.Service("front", Web, metadata: App("front")).Service("back", Other, metadata: App("back"))
            .Service("third", "10.20.30.7", metadata: App("third"));
        Assert.Equal("10.20.30.1/32 10.20.30.2/32", Routes());
        Put(KubeResource.BgpAdvertisements, "all", """{"serviceSelectors":[{"matchLabels":{"app":"third"} }]}""");
        Assert.Equal("10.20.30.7/32", Routes());
        _world.Service("front", Web, metadata: App("third")).Service("third", "10.20.30.7", metadata: App("front"));
        Assert.Equal("10.20.30.2/32", Routes());
    }

    [Fact]
    public void B_64_a_selected_Service_has_its_own_route_beside_the_aggregate_of_all()
    {
        _world.Pool("six", "fd00:20::/64");
        Put(KubeResource.BgpAdvertisements, "some", """{"serviceSelectors":[{"matchLabels":{"app":"web"} }]}""");
        Start("""{"aggregationLength":24,"aggregationLengthV6":124}""");
        _world.Service("web", $"{Web} fd00:20::5", metadata: App("web")).Service("other", $"{Other} fd00:20::6");
        Assert.Equal("10.20.30.0/24 10.20.30.2/32 fd00:20::/124 fd00:20::5/128", Routes());
    }

    [Fact]
    public void B_65_B_66_a_Service_carries_the_communities_of_the_advertisements_that_select_it_and_no_others()
    {
        _world.Pool("second", "10.20.40.0/24");
        Put(
            KubeResource.BgpAdvertisements, "some",
            """{"ipAddressPools":["pool"],"communities":["1:1"],"serviceSelectors":[{"matchLabels":{"app":"web"} }]}""");
        Put(
            KubeResource.BgpAdvertisements, "second",
            """{"ipAddressPools":["second"],"communities":["3:3"],"serviceSelectors":[{"matchLabels":{"app":"dns"} }]}""");
        Start("""{"ipAddressPools":["pool"],"communities":["2:2"]}""");
        _world.Service("web", Web, metadata: App("web")).Service("other", Other).Service("dns", "10.20.40.7", metadata: App("dns"))
            .Service("none", "10.20.40.8", metadata: App("web"));
        Assert.Equal("10.20.30.1/32 (2:2) 10.20.30.2/32 (1:1,2:2) 10.20.40.7/32 (3:3)", Routes());
    }

    private static string App(string value) => $$""","labels":{"app":"{{value}}"}""";

    /// <summary>Starts the speaker with one peer and one advertisement.</summary>
    private void Start(string advertisement)
    {
        _world.Start();
        Put(KubeResource.BgpAdvertisements, "all", advertisement);
        Peer("first", "192.0.2.1");
    }

    private void Peer(string name, string address, string more = "") => Put(
        KubeResource.BgpPeers, name, $$"""{"myASN":64500,"peerASN":64501,"peerAddress":"{{address}}"{{more}} }""");

    private void Put(KubeResource resource, string name, string spec)
    {
        _world.Api.Put(resource, $$"""{"metadata":{"name":"{{name}}","namespace":"{{Home}}"},"spec":{{spec}} }""");
        _world.Settle();
    }

    private void Delete(KubeResource resource, string name) => _world.Delete(resource, name);

    /// <summary>What the first peer is told after all that was ordered.</summary>
    private string Routes()
    {
        var index = new BgpRouteIndex();
        foreach (var (service, routes) in _world.Harness.BgpCommands.OfType<BgpCommand.AdvertiseServices>()
            .SelectMany(command => command.Services))
            index.Set(service.ToString(), routes);
        return string.Join(' ', index.RoutesFor("first").Select(route => route.Terms!.Communities.IsEmpty
            ? $"{route.Prefix}"
            : $"{route.Prefix} ({string.Join(',', route.Terms.Communities)})"));
    }

    private string Held() => string.Join(' ', _world.Harness.BgpCommands.OfType<BgpCommand.HoldSessions>().Last().Peers
        .Select(wish => wish.Peer.Name).Order(StringComparer.Ordinal));

    /// <summary>The peers in the only ServiceBGPStatus.</summary>
    private string Told() => string.Join(' ', Assert.Single(_world.Api.All(KubeResource.ServiceBgpStatuses))!["status"]!["peers"]!
        .AsArray().Select(peer => peer!.ToString()));

    private double Metric(string name) => _world.Harness.Metrics[$"metallb_k8s_client_{name}"];
}
