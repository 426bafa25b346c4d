using System;
using FerroLB.Interop.Routers;
using Xunit;
using static FerroLB.Interop.Speaker.BgpScene;

namespace FerroLB.Interop.Speaker;

/// <summary>What the fields of a BGPPeer do, as a router sees it, when they are there from the start and when they change.</summary>
public sealed class BgpPeerScenarioTests
{
    private const string Node4 = "10.98.0.2";
    private const string Node6 = "fd98::2";

    [Fact]
    public void B_12_C_01_the_password_of_a_Secret_is_used_a_new_one_as_well_and_a_Secret_of_the_wrong_type_leaves_the_session_as_it_is()
    {
        using var scene = new BgpScene("node-1", "router");
        using var frr = scene.StartFrr("router", $"""
            router bgp 65001
             neighbor {Node4} remote-as 65001
             neighbor {Node4} passive
             neighbor {Node4} password first
            exit
            """);
        scene.Apply(
            Pool("pool", "10.77.0.0/24"), Advertisement("all"), Service("web"), Secret("key", "first"),
            Peer("router", "{myASN: 65001, peerASN: 65001, peerAddress: 10.98.0.3, passwordSecret: {name: key}}"));
        scene.StartSpeaker();
        var route = scene.RouteOf("web");
        scene.Lan.Until("FRR knows the route", () => frr.PathTo(route) is not null);

        frr.Run("configure terminal", "router bgp 65001", $"neighbor {Node4} password second");
        scene.Apply(Secret("key", "second"));
        scene.Lan.Until("FRR knows the route by the new password", () =>
            frr.SessionCount(Node4) > 1 && frr.HasSession(Node4) && frr.PathTo(route) is not null);

        var sessions = frr.SessionCount(Node4);
        scene.Delete("secret", "key");
        scene.Apply(Secret("key", "second", "Opaque"));
        scene.Lan.Until("the wrong type is told", () =>
            Verdict(scene).Contains("names a Secret of type \"Opaque\"", StringComparison.Ordinal));
        Assert.StartsWith("Invalid", Verdict(scene), StringComparison.Ordinal);
        scene.Delete("secret", "key");
        scene.Apply(Secret("key", "second"));
        scene.Lan.Until("all is well again", () => Verdict(scene).StartsWith("Valid", StringComparison.Ordinal));
        Assert.Equal(sessions, frr.SessionCount(Node4));
        Assert.True(frr.HasSession(Node4));
        Assert.DoesNotContain("second", scene.Lan.LogOf("speaker-node-1"), StringComparison.Ordinal);
    }

    [Fact]
    public void B_30_B_31_one_session_of_either_family_carries_both_with_the_nodes_own_next_hops_and_the_attributes()
    {
        using var scene = new BgpScene("node-1", "four", "six");
        using var four = scene.StartFrr("four", BothFamilies(Node4));
        using var six = scene.StartFrr("six", BothFamilies(Node6));
        scene.Apply(
            Pool("both", "10.77.0.0/24 fd77::/120"), Advertisement("all", "{localPref: 50, communities: ['65001:7']}"),
            Service("dual", spec: "ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv4, IPv6]"), Service("old"),
            Service("new", spec: "ipFamilies: [IPv6]"),
            Peer("four", "{myASN: 65001, peerASN: 65001, peerAddress: 10.98.0.3, dualStackAddressFamily: true}"),
            Peer("six", "{myASN: 65001, peerASN: 65001, peerAddress: 'fd98::4', dualStackAddressFamily: true}"));
        scene.StartSpeaker();
        foreach (var address in (string[])[.. scene.AddressesOf("dual", 2), .. scene.AddressesOf("old"), .. scene.AddressesOf("new")])
        {
            var nextHop = address.Contains(':') ? Node6 : Node4;
            foreach (var frr in (FrrRouter[])[four, six])
                scene.Lan.Until($"the path to {address} is via {nextHop}", () => frr.PathTo(HostRoute(address)) is { } path &&
                    path.NextHops.Split(' ')[0] == nextHop && path is { LocalPref: 50, Communities: "65001:7" });
        }
        Assert.Equal((1, 1), (four.SessionCount(Node4), six.SessionCount(Node6)));
    }

    [Fact]
    public void B_09_B_11_B_24_to_B_26_B_28_B_29_identifier_AS_numbers_and_timers_are_what_the_peer_says_and_follow_its_changes()
    {
        using var scene = new BgpScene("node-1", "router");
        using var frr = scene.StartFrr("router", $"""
            router bgp 65002
             no bgp ebgp-requires-policy
             neighbor {Node4} remote-as 65001
             neighbor {Node4} passive
            exit
            """);
        scene.Apply(
            Pool("pool", "10.77.0.0/24"), Advertisement("all"), Service("web"),
            Router("dynamicASN: external, routerID: 10.10.10.1, holdTime: 30s, keepaliveTime: 10s"));
        scene.StartSpeaker();
        var route = scene.RouteOf("web");
        scene.Lan.Until("the session is there", () => frr.PathTo(route) is { AsPath: "65001" });
        var seen = frr.Neighbor(Node4);
        Assert.Equal("10.10.10.1", seen.GetProperty("remoteRouterId").GetString());
        Assert.Equal(
            (30_000, 10_000),
            (seen.GetProperty("bgpTimerHoldTimeMsecs").GetInt32(), seen.GetProperty("bgpTimerKeepAliveIntervalMsecs").GetInt32()));
        Assert.DoesNotContain("ipv6Unicast", seen.GetProperty("neighborCapabilities").GetRawText(), StringComparison.Ordinal);

        // Other timers wait for the next session, which the router's operator makes.
        scene.Apply(
            Router("dynamicASN: external, routerID: 10.10.10.1, holdTime: 9s, connectTime: 1s"), Service("other"));
        var other = scene.RouteOf("other");
        scene.Lan.Until("FRR knows the other route", () => frr.PathTo(other) is not null);
        Assert.Equal(1, frr.SessionCount(Node4));
        frr.Run($"clear bgp {Node4}");
        scene.Lan.Until("the next session has them", () => frr.HasSession(Node4) && frr.SessionCount(Node4) == 2);
        Assert.Equal(9_000, frr.Neighbor(Node4).GetProperty("bgpTimerHoldTimeMsecs").GetInt32());

        scene.Apply(Router("dynamicASN: internal, connectTime: 1s"));
        scene.Lan.Until("the wrong mode is told", () =>
            scene.SpeakerState(".status.sessions[0].lastError").Contains("AS 65002", StringComparison.Ordinal));
        Assert.False(frr.HasSession(Node4));
        Assert.Equal(2, frr.SessionCount(Node4));

        frr.Run("configure terminal", "router bgp 65002", $"neighbor {Node4} remote-as 64520");
        scene.Apply(Router("peerASN: 65002, localASN: 64520, connectTime: 1s"));
        scene.Lan.Until("the other AS is presented, and no other shows", () => frr.PathTo(route) is { AsPath: "64520" });
        scene.Apply(Peer(
            "router", "{myASN: 65002, peerASN: 65002, peerAddress: 10.98.0.3, localASN: 64520, connectTime: 1s, routerID: 10.10.10.2}"));
        scene.Lan.Until("also to a peer in the AS that is hidden", () =>
            frr.Neighbor(Node4).GetProperty("remoteRouterId").GetString() == "10.10.10.2" && frr.PathTo(route) is { AsPath: "64520" });
    }

    private static string Router(string more) => Peer("router", $"{{myASN: 65001, peerAddress: 10.98.0.3, {more}}}");

    private static string BothFamilies(string node) => $"""
        router bgp 65001
         no bgp default ipv4-unicast
         neighbor {node} remote-as 65001
         address-family ipv4 unicast
          neighbor {node} activate
         exit-address-family
         address-family ipv6 unicast
          neighbor {node} activate
         exit-address-family
        exit
        """;

    private static string Verdict(BgpScene scene) => scene.Cluster.Kubectl(
        "get", "configurationstate", "speaker-node-1", "--namespace", "metallb-system", "--ignore-not-found", "-o",
        "jsonpath={.status.result}: {.status.errorSummary}");
}
