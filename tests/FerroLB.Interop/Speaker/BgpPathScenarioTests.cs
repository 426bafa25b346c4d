using System;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using FerroLB.Interop.Routers;
using Xunit;
using static FerroLB.Interop.Speaker.BgpScene;

namespace FerroLB.Interop.Speaker;

/// <summary>What guards the way to a router, and what outlives a restart, as the router sees it.</summary>
public sealed class BgpPathScenarioTests
{
    private const string Router4 = "10.98.0.3";
    private const string Node4 = "10.98.0.2";
    private const string Node6 = "fd98::2";

    [Fact]
    public void B_14_B_82_the_router_sees_the_profiles_of_both_families_no_session_drops_and_a_lost_path_ends_the_session_with_Cease()
    {
        using var scene = new BgpScene("node-1", "router");
        using var frr = scene.StartFrr("router", $"""
            router bgp 65002
             bgp router-id {Router4}
             no bgp ebgp-requires-policy
             no bgp default ipv4-unicast
             neighbor {Node4} remote-as 65001
             neighbor {Node4} bfd
             neighbor {Node6} remote-as 65001
             neighbor {Node6} bfd
             address-family ipv4 unicast
              neighbor {Node4} activate
             exit-address-family
             address-family ipv6 unicast
              neighbor {Node6} activate
             exit-address-family
            exit
            """);
        const string Odd = "{receiveInterval: 93, transmitInterval: 95, echoInterval: 97, detectMultiplier: 4}";
        scene.Apply(
            Pool("pool", "10.77.0.0/24"), Advertisement("all"), Profile("odd", Odd), Profile("plain", "{}"),
            Peer("four", $"{{myASN: 65001, peerASN: 65002, peerAddress: {Router4}, bfdProfile: odd}}"),
            Peer("six", "{myASN: 65001, peerASN: 65002, peerAddress: 'fd98::3', bfdProfile: plain}"), Service("web"));
        scene.StartSpeaker();
        UntilSeen(scene, frr, Node4, (93, 95, 97, 4));
        UntilSeen(scene, frr, Node6, (300, 300, 50, 3));
        var route = scene.RouteOf("web");
        scene.Lan.Until("FRR knows the route", () => frr.PathTo(route) is not null && frr.HasSession(Node6));
        var before = (frr.SessionCount(Node4), frr.SessionCount(Node6));

        scene.Apply(Service("other"), Profile("odd", Odd.Replace("93", "193", StringComparison.Ordinal)));
        route = scene.RouteOf("other");
        scene.Lan.Until("FRR knows the other route", () => frr.PathTo(route) is not null);
        UntilSeen(scene, frr, Node4, (193, 95, 97, 4));
        Assert.Equal(before, (frr.SessionCount(Node4), frr.SessionCount(Node6)));
        const string Labels = $"{{peer=\"{Router4}\",vrf=\"\"}}";
        scene.Lan.Until("the session is counted", () =>
            scene.Metric("metallb_bfd_session_up" + Labels) == "1" &&
            scene.Metric("metallb_bfd_control_packet_input" + Labels).Length > 1 &&
            scene.Metric("metallb_bfd_control_packet_output" + Labels).Length > 1);
        // FRR makes its BFD session anew when it learns from BGP which of its addresses is meant.
        var downs = Downs();
        Assert.Equal(downs + 1, int.Parse(scene.Metric("metallb_bfd_session_up_events" + Labels), CultureInfo.InvariantCulture));
        Assert.Equal("Up Up", scene.SpeakerState(".status.sessions[*].bfdState"));

        // bgpd lives on, so that it can tell what it is told.
        frr.Kill("bfdd");
        scene.Lan.Until("FRR was told why the session ends", () =>
            frr.Neighbor(Node4).TryGetProperty("lastErrorCodeSubcode", out var code) && code.GetString() == "060A");
        scene.Lan.Until("the loss is counted", () =>
            scene.Metric("metallb_bfd_session_up" + Labels) == "0" && Downs() == downs + 1);

        int Downs() => int.TryParse(scene.Metric("metallb_bfd_session_down_events" + Labels), out var count) ? count : 0;
    }

    [Fact]
    public void B_02_B_03_B_10_with_graceful_restart_the_routers_kernel_keeps_the_route_over_a_restart_and_a_crash_with_BFD()
    {
        using var scene = new BgpScene("node-1", "router");
        using var frr = scene.StartFrr("router", $"""
            router bgp 65002
             bgp router-id {Router4}
             no bgp ebgp-requires-policy
             no bgp default ipv4-unicast
             neighbor {Node4} remote-as 65001
             neighbor {Node4} bfd
             neighbor {Node6} remote-as 65001
             address-family ipv4 unicast
              neighbor {Node4} activate
             exit-address-family
             address-family ipv6 unicast
              neighbor {Node6} activate
             exit-address-family
            exit
            """);
        scene.Apply(
            Pool("four", "10.77.0.0/24"), Pool("six", "fd77::/120"), Advertisement("all"), Service("web"),
            Service("six", spec: "ipFamilies: [IPv6]"), Profile("quick", "{receiveInterval: 100, transmitInterval: 100}"),
            Peer(
                "graceful",
                $"{{myASN: 65001, peerASN: 65002, peerAddress: {Router4}, enableGracefulRestart: true, bfdProfile: quick}}"),
            Peer("plain", "{myASN: 65001, peerASN: 65002, peerAddress: 'fd98::3'}"));
        var (kept, lost) = (scene.AddressesOf("web")[0], scene.AddressesOf("six")[0]);
        var speaker = scene.StartSpeaker();
        UntilSeen(scene, frr, Node4, (100, 100, 50, 3));
        scene.Lan.Until("the router's kernel has both routes", () => InKernel(scene, kept) && InKernel(scene, lost));
        Assert.Equal("Restart", frr.Neighbor(Node4).GetProperty("gracefulRestartInfo").GetProperty("remoteGrMode").GetString());
        scene.Lan.Start("router", "monitor", "ip", "monitor", "route");
        scene.Lan.Until("changes of routes are watched", () =>
        {
            scene.Lan.Ip("router", "route add 203.0.113.1/32 dev eth0");
            scene.Lan.Ip("router", "route del 203.0.113.1/32 dev eth0");
            return Monitored(scene).Contains("203.0.113.1", StringComparison.Ordinal);
        });

        scene.Terminate(speaker);
        scene.Lan.Until("the route without graceful restart is gone", () => !InKernel(scene, lost));
        scene.Lan.Until("the other is kept when BFD has lost the path", () =>
            BfdPeer(frr, Node4).GetProperty("status").GetString() == "down" && frr.PathTo(HostRoute(kept)) is { IsStale: true });
        speaker = scene.StartSpeaker();
        UntilFresh(1);
        scene.Lan.Until("the other is there again", () => InKernel(scene, lost));
        UntilSeen(scene, frr, Node4, (100, 100, 50, 3));
        Assert.Contains($"Deleted {lost}", Monitored(scene), StringComparison.Ordinal);
        // A crash is no worse, though the next process is there before BFD has missed the first.
        speaker.Kill();
        scene.StartSpeaker();
        UntilFresh(2);
        UntilSeen(scene, frr, Node4, (100, 100, 50, 3));
        Assert.DoesNotContain($"Deleted {kept}", Monitored(scene), StringComparison.Ordinal);
        Assert.True(InKernel(scene, kept));

        void UntilFresh(int restarts) => scene.Lan.Until("the route is there, and not a stale one", () =>
            frr.SessionCount(Node4) > restarts && frr.HasSession(Node4) && frr.PathTo(HostRoute(kept)) is { IsStale: false });
    }

    [Fact]
    public void An_external_router_several_hops_away_is_reached_with_a_signature_and_watched_over_several_hops()
    {
        using var scene = new BgpScene("node-1", "router", "far");
        var lan = scene.Lan;
        lan.PutBeyond("router", "node-1", "far");
        using var frr = scene.StartFrr("far", $"""
            router bgp 4200000000
             bgp router-id 10.99.0.4
             no bgp ebgp-requires-policy
             neighbor {Node4} remote-as 65001
             neighbor {Node4} password secret
             neighbor {Node4} ebgp-multihop 255
             neighbor {Node4} passive
             neighbor {Node4} bfd
            exit
            """);
        scene.Apply(
            Pool("pool", "10.77.0.0/24"), Advertisement("all"), Service("web"),
            Profile("odd", "{receiveInterval: 93, transmitInterval: 95}"), Far("secret"));
        scene.StartSpeaker();
        UntilSeen(scene, frr, Node4, (93, 95, 50, 3));
        var route = scene.RouteOf("web");
        lan.Until("FRR knows the route", () => frr.PathTo(route) is { NextHops: Node4, AsPath: "65001" });
        Assert.True(BfdPeer(frr, Node4).GetProperty("multihop").GetBoolean());
        // The peer is as far as any: nothing but the signature and the AS number tells that it is the right one.
        scene.Apply(Far("wrong"));
        lan.Until("FRR has lost the route", () => frr.PathTo(route) is null);
    }

    private static string Far(string password) => Peer("far", $$"""
        {myASN: 65001, peerASN: 4200000000, peerAddress: 10.99.0.4, password: {{password}}, ebgpMultiHop: true, bfdProfile: odd}
        """);

    private static void UntilSeen(
        BgpScene scene, FrrRouter frr, string node, (int Receive, int Transmit, int Echo, int Multiplier) profile) =>
        scene.Lan.Until($"FRR sees the profile of {node}", () =>
            BfdPeer(frr, node) is { ValueKind: JsonValueKind.Object } peer && peer.GetProperty("status").GetString() == "up" && profile == (
                peer.GetProperty("remote-receive-interval").GetInt32(), peer.GetProperty("remote-transmit-interval").GetInt32(),
                peer.GetProperty("remote-echo-receive-interval").GetInt32(), peer.GetProperty("remote-detect-multiplier").GetInt32()));

    private static JsonElement BfdPeer(FrrRouter frr, string node) =>
        frr.Show("show bfd peers json").EnumerateArray().FirstOrDefault(peer => peer.GetProperty("peer").GetString() == node);

    private static bool InKernel(BgpScene scene, string address) =>
        scene.Lan.Ip("router", $"{(address.Contains(':') ? "-6 " : "")}route show {HostRoute(address)}")
            .Contains(" proto bgp", StringComparison.Ordinal);

    private static string Monitored(BgpScene scene) => scene.Lan.LogOf("monitor");
}
