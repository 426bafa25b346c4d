using System;
using System.Linq;
using FerroLB.Interop.Routers;
using Xunit;
using static FerroLB.Interop.Speaker.BgpScene;

namespace FerroLB.Interop.Speaker;

/// <summary>Which routes reach which routers from which nodes, and with what attributes, while users change their minds.</summary>
public sealed class BgpRouteScenarioTests
{
    private const string One = "10.98.0.2";
    private const string Two = "10.98.0.3";

    [Fact]
    public void B_17_to_B_19_B_40_B_41_attributes_and_peers_of_advertisements_reach_the_routers_that_they_name_and_follow_changes()
    {
        using var scene = new BgpScene("node-1", "inner", "outer");
        using var inner = scene.StartFrr("inner", Frr(65001, One));
        using var outer = scene.StartFrr("outer", Frr(4_200_000_000, One));
        scene.Apply(
            Pool("main", "10.77.0.0/24"), Pool("plain", "10.78.0.0/24"), Service("web", "main"), Service("other", "main"),
            Service("bare", "plain"), Advertisement("plain", "{ipAddressPools: [plain]}"),
            Advertisement("main", "{ipAddressPools: [main], localPref: 50, communities: [named, 'large:65001:8:9']}"),
            Own("metallb.io/v1beta1", "Community", "names", "{communities: [{name: named, value: '65001:7'}]}"),
            Peer("inner", "{myASN: 65001, peerASN: 65001, peerAddress: 10.98.0.3}"),
            Peer("outer", "{myASN: 65001, peerASN: 4200000000, peerAddress: 10.98.0.4}"));
        scene.StartSpeaker();
        var (web, other, bare) = (scene.RouteOf("web"), scene.RouteOf("other"), scene.RouteOf("bare"));
        Until(scene, inner, web, path => path is { LocalPref: 50, Communities: "65001:7 65001:8:9", AsPath: "" });
        Until(scene, inner, other, path => path is { LocalPref: 50, Communities: "65001:7 65001:8:9" });
        Until(scene, inner, bare, path => path is { LocalPref: 100, Communities: "", NextHops: One });
        Until(scene, outer, web, path => path is { LocalPref: 0, Communities: "65001:7 65001:8:9", AsPath: "65001" });

        scene.Apply(Advertisement("second", "{ipAddressPools: [main], localPref: 50, communities: ['65001:9']}"));
        Until(scene, inner, web, path => path.Communities == "65001:7 65001:9 65001:8:9");

        scene.Delete("bgpadvertisement", "second");
        scene.Apply(Advertisement("main", "{ipAddressPools: [main], localPref: 300, communities: ['65001:10'], aggregationLength: 24}"));
        Until(scene, inner, "10.77.0.0/24", path => path is { LocalPref: 300, Communities: "65001:10" });
        scene.Lan.Until("the host routes are gone", () => inner.PathTo(web) is null && inner.PathTo(other) is null);

        scene.Apply(
            Advertisement("main", "{ipAddressPools: [main], peers: [inner], communities: ['65001:1']}"),
            Advertisement("plain", "{ipAddressPools: [plain], peers: [outer]}"));
        scene.Lan.Until("each router knows what is for it", () =>
            inner.PathTo(web) is not null && inner.PathTo(bare) is null && outer.PathTo(web) is null && outer.PathTo(bare) is not null);
        scene.Apply(Advertisement("second", "{ipAddressPools: [main], peers: [outer], communities: ['65001:2']}"));
        Until(scene, outer, web, path => path.Communities == "65001:2");
        Assert.Equal("65001:1", inner.PathTo(web)!.Communities);
        scene.Delete("bgpadvertisement", "second");
        scene.Apply(Advertisement("main", "{ipAddressPools: [main]}"), Advertisement("plain", "{ipAddressPools: [plain]}"));
        scene.Lan.Until("both know all", () => ((FrrRouter[])[inner, outer]).All(frr => ((string[])[web, other, bare]).All(
            route => frr.PathTo(route) is { Communities: "" })));
        Assert.Equal((1, 1), (inner.SessionCount(One), outer.SessionCount(One)));
    }

    [Fact]
    public void B_20_B_27_B_80_B_81_routes_of_a_router_are_refused_layer_2_comes_and_goes_beside_BGP_and_all_is_counted()
    {
        using var scene = new BgpScene("node-1", "router");
        using var frr = scene.StartFrr("router", Frr(65002, One));
        scene.Apply(Pool("pool", "10.98.77.0/24"), Advertisement("all"), Peer("router", Speaks(65002, Two)));
        scene.StartSpeaker();
        const string Labels = $"{{peer=\"{Two}:179\",vrf=\"\"}}";
        scene.Lan.Until("the session is counted", () => scene.Metric("metallb_bgp_session_up" + Labels) == "1");
        Assert.Equal("0", scene.Metric("metallb_bgp_announced_prefixes_total" + Labels));
        scene.Apply(Service("web"));
        var route = scene.RouteOf("web");
        Until(scene, frr, route, _ => true);
        scene.Lan.Until("the prefix is counted", () => scene.Metric("metallb_bgp_announced_prefixes_total" + Labels) == "1");
        var counted = Count(scene, "updates_total_received");
        frr.Run("configure terminal", "router bgp 65002", "network 203.0.113.0/24", "network 203.0.113.7/32");
        scene.Lan.Until("the routes have come", () => Count(scene, "updates_total_received") > counted);
        Assert.DoesNotContain("203.0.113", scene.Lan.Ip("node-1", "route show table all"), StringComparison.Ordinal);
        frr.Run($"clear bgp ipv4 unicast {One} soft in");
        var keepAlives = Count(scene, "keepalives_received");
        scene.Lan.Until("what goes on is counted", () =>
            Count(scene, "keepalives_received") > keepAlives && Count(scene, "updates_total") >= 2 && Count(scene, "keepalives_sent") >= 1);
        // One session; the connections that a router drops while it starts have OPENs of their own.
        Assert.InRange(Count(scene, "opens_sent"), 1, int.MaxValue);
        Assert.InRange(Count(scene, "opens_received"), 1, int.MaxValue);
        // Both ends of the answer are marked (RFC 7313).
        scene.Lan.Until("the answer is counted", () => scene.Metric("metallb_bgp_route_refresh_sent" + Labels) == "2");
        Assert.InRange(Count(scene, "total_sent"), 4, int.MaxValue);
        Assert.InRange(Count(scene, "total_received"), 4, int.MaxValue);

        var address = scene.AddressesOf("web")[0];
        Assert.Equal(
            "1", scene.Metric($"metallb_speaker_announced{{service=\"default/web\",protocol=\"bgp\",node=\"node-1\",ip=\"{address}\"}}"));
        Assert.Empty(scene.Lan.ArpAnswers("router", address, 1));
        scene.Cluster.Advertise(new { });
        scene.Lan.Until("the node answers ARP too", () => scene.Lan.ArpAnswers("router", address, 1).Length == 1);
        scene.Delete("l2advertisement", "all");
        scene.Lan.Until("it answers no longer", () => scene.Lan.ArpAnswers("router", address, 1).Length == 0);
        Assert.Equal(1, frr.SessionCount(One));
        Assert.NotNull(frr.PathTo(route));
    }

    [Fact]
    public void B_01_B_04_B_05_B_50_to_B_55_next_hops_are_the_nodes_that_advertisements_peers_and_endpoints_choose()
    {
        using var scene = new BgpScene("node-1", "node-2", "router");
        using var frr = scene.StartFrr("router", Frr(65100, One, Two));
        scene.Apply(
            Pool("main", "10.77.0.0/24"), Pool("second", "10.78.0.0/24"), Service("web", "main"), Service("other", "second"),
            Service("local", "main", "ipFamilies: [IPv4], externalTrafficPolicy: Local", "node-2"),
            Advertisement("main", "{ipAddressPools: [main]}"), Advertisement("second", "{ipAddressPools: [second]}"),
            Peer("router-1", "{myASN: 65001, peerASN: 65100, peerAddress: 10.98.0.4, nodeSelectors: [{matchLabels: {number: one}}]}"),
            Peer("router-2", "{myASN: 65002, peerASN: 65100, peerAddress: 10.98.0.4, nodeSelectors: [{matchLabels: {number: two}}]}"));
        Label(scene, "node-1", "number=one");
        scene.StartSpeaker("node-1");
        scene.StartSpeaker("node-2");
        var (web, other, local) = (scene.RouteOf("web"), scene.RouteOf("other"), scene.RouteOf("local"));
        UntilHops(scene, frr, web, One);
        Assert.False(frr.HasSession(Two));
        Label(scene, "node-2", "number=two");
        UntilHops(scene, frr, web, One, Two);
        UntilHops(scene, frr, other, One, Two);
        UntilHops(scene, frr, local, Two);
        Assert.Equal(["65001", "65002"], frr.Paths(web).Select(path => path.AsPath).Order(StringComparer.Ordinal));
        scene.Lan.Until("the router's kernel has one route with both next hops", () =>
            scene.Lan.Ip("router", $"route show {web}") is var shown && shown.Contains(One, StringComparison.Ordinal) &&
            shown.Contains(Two, StringComparison.Ordinal));

        SetNetwork(scene, "node-1", isAvailable: false);
        UntilHops(scene, frr, web, Two);
        SetNetwork(scene, "node-1", isAvailable: true);
        UntilHops(scene, frr, web, One, Two);

        scene.Apply(
            Advertisement("main", "{ipAddressPools: [main], nodeSelectors: [{matchLabels: {rack: none}}]}"),
            Advertisement("second", "{ipAddressPools: [second], communities: ['65001:1'], nodeSelectors: [{matchLabels: {number: one}}]}"),
            Advertisement("third", "{ipAddressPools: [second], communities: ['65001:2'], nodeSelectors: [{matchLabels: {number: two}}]}"));
        UntilHops(scene, frr, web);
        scene.Lan.Until("each node has its own community", () =>
            frr.Paths(other).Select(path => $"{path.Peer} {path.Communities}").Order(StringComparer.Ordinal)
                .SequenceEqual([$"{One} 65001:1", $"{Two} 65001:2"]));
        Label(scene, "node-1", "rack=none");
        UntilHops(scene, frr, web, One);
        Assert.Equal((1, 1), (frr.SessionCount(One), frr.SessionCount(Two)));

        Label(scene, "node-2", "number=three");
        UntilHops(scene, frr, other, One);
        Assert.False(frr.HasSession(Two));
        Assert.True(frr.HasSession(One));
    }

    private static string Frr(uint asn, params string[] nodes)
    {
        var mode = asn == 65001 ? "internal" : "external";
        return $"""
            router bgp {asn}
             no bgp ebgp-requires-policy
             no bgp network import-check
             bgp bestpath as-path multipath-relax
            {string.Join('\n', nodes.Select(node => $" neighbor {node} remote-as {mode}\n neighbor {node} timers 1 3"))}
            exit
            """;
    }

    private static string Speaks(uint asn, string address) => $"{{myASN: 65001, peerASN: {asn}, peerAddress: {address}}}";

    private static void Until(BgpScene scene, FrrRouter frr, string prefix, Func<FrrPath, bool> isRight) =>
        scene.Lan.Until($"the path to {prefix} is right, not {frr.PathTo(prefix)}", () => frr.PathTo(prefix) is { } path && isRight(path));

    private static void UntilHops(BgpScene scene, FrrRouter frr, string prefix, params string[] hops) => scene.Lan.Until(
        $"{prefix} is via {string.Join(' ', hops)}",
        () => frr.Paths(prefix).Select(path => path.NextHops).Order(StringComparer.Ordinal).SequenceEqual(hops));

    private static void Label(BgpScene scene, string node, string label) =>
        scene.Cluster.Kubectl("label", "node", node, label, "--overwrite");

    private static void SetNetwork(BgpScene scene, string node, bool isAvailable) => scene.Cluster.Kubectl(
        "patch", "node", node, "--subresource=status", "--type=strategic", "-p",
        $$"""{"status":{"conditions":[{"type":"NetworkUnavailable","status":"{{!isAvailable}}"}]} }""");

    private static int Count(BgpScene scene, string name) =>
        int.TryParse(scene.Metric($"metallb_bgp_{name}{{peer=\"{Two}:179\",vrf=\"\"}}"), out var count) ? count : -1;
}
