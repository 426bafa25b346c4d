using System;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>
/// Sessions over an interface: neither side is told the other's address, as with FRR's <c>neighbor eth0 interface remote-as</c>.
/// </summary>
public sealed class UnnumberedPeerTests : IDisposable
{
    private readonly BgpScene _scene = new("node-1", "router");

    public void Dispose() => _scene.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void FRR_on_the_interface_learns_v4_v6_and_dual_stack_Services_by_the_nodes_link_local_address(bool hasBfd)
    {
        using var frr = _scene.StartFrr("router", Configuration(hasBfd));
        _scene.Apply(
            BgpScene.Profile("fast", "{receiveInterval: 300, transmitInterval: 300}"),
            BgpScene.Pool("pool", "10.77.0.0/24 fd77::/112"), BgpScene.Advertisement("all"),
            BgpScene.Service("four"), BgpScene.Service("six", "", "ipFamilies: [IPv6]"),
            BgpScene.Service("both", "", "ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack"),
            BgpScene.Peer("router", $"{{myASN: 65001, peerASN: 65002, interface: eth0{(hasBfd ? ", bfdProfile: fast" : "")}}}"));
        var speaker = _scene.StartSpeaker();
        var four = _scene.AddressesOf("four")[0];
        string[] addresses = [four, .. _scene.AddressesOf("six"), .. _scene.AddressesOf("both", 2)];
        var nextHop = LinkLocalOf("node-1");
        foreach (var address in addresses)
            UntilRoute(frr, address, nextHop);
        var neighbor = frr.Show("show bgp neighbors eth0 json").GetProperty("eth0");
        Assert.Equal("Established", neighbor.GetProperty("bgpState").GetString());
        Assert.Equal(nextHop, neighbor.GetProperty("hostForeign").GetString());
        // What the router's kernel forwards by.
        _scene.Lan.Until("the kernel has the route", () =>
            _scene.Lan.Ip("router", $"route show {four}").Contains($"via inet6 {nextHop}", StringComparison.Ordinal));
        if (hasBfd)
            AssertThatBfdEndsTheSession(frr, speaker.Id, four);

        _scene.Lan.Ip("node-1", "link set eth0 down");
        _scene.Lan.Until("the speaker has noticed", () =>
            _scene.Lan.LogOf("speaker-node-1").Contains("interface eth0 is down", StringComparison.Ordinal));
        _scene.Lan.Ip("node-1", "link set eth0 up");
        _scene.Lan.Until("the session is there again", () => _scene.SpeakerState(".status.sessions[0].state") == "Established");
        UntilRoute(frr, four, nextHop);
    }

    private void UntilRoute(FrrRouter frr, string address, string nextHop) => _scene.Lan.Until(
        $"FRR has a route to {address} by {nextHop}", () => PathTo(frr, address).Contains(nextHop, StringComparison.Ordinal));

    private void AssertThatBfdEndsTheSession(FrrRouter frr, int speaker, string address)
    {
        _scene.Lan.Until("FRR's BFD is up", () => frr.Run("show bfd peers json").Contains("\"status\":\"up\"", StringComparison.Ordinal));
        _scene.Lan.Until("the speaker's is, too", () => _scene.SpeakerState(".status.sessions[0].bfdState") == "Up");
        Tool.Run("/bin/sh", "-c", $"kill -STOP {speaker}");
        // Long before the hold time of 180 s is over.
        _scene.Lan.Until("FRR loses the route", () => PathTo(frr, address).Length == 0);
        Tool.Run("/bin/sh", "-c", $"kill -CONT {speaker}");
        _scene.Lan.Until("FRR has it again", () => PathTo(frr, address).Length > 0);
    }

    private static string Configuration(bool hasBfd) => $"""
        router bgp 65002
         bgp router-id 10.98.0.3
         no bgp ebgp-requires-policy
         no bgp default ipv4-unicast
         neighbor eth0 interface remote-as external
         neighbor eth0 timers connect 1
         {(hasBfd ? "neighbor eth0 bfd" : "")}
         address-family ipv4 unicast
          neighbor eth0 activate
         exit-address-family
         address-family ipv6 unicast
          neighbor eth0 activate
         exit-address-family
        exit
        """;

    /// <summary>What FRR says of a valid path to an address; "" when there is none.</summary>
    private static string PathTo(FrrRouter frr, string address)
    {
        var text = frr.Run($"show bgp {(address.Contains(':') ? "ipv6" : "ipv4")} unicast {BgpScene.HostRoute(address)} json");
        return text.Contains("\"valid\":true", StringComparison.Ordinal) ? text : "";
    }

    private string LinkLocalOf(string host) => _scene.Lan.Ip(host, "-6 -o addr show dev eth0 scope link").Split("inet6 ")[1].Split('/')[0];
}
