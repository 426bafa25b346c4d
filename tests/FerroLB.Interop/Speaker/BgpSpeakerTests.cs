using System;
using System.Linq;
using System.Text.Json;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>What users write in YAML reaches a router that knows nothing of Kubernetes.</summary>
public sealed class BgpSpeakerTests : IDisposable
{
    private const string Namespace = "metallb-system";
    private const uint Asn = 65001;

    private readonly TestLan _lan = new("node-1", "router");
    private readonly TestCluster _cluster;

    public BgpSpeakerTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void A_router_learns_the_route_of_a_Service_with_its_attributes_and_loses_it_with_the_Service_and_with_the_speaker()
    {
        using var frr = new FrrBgp(_lan, new() { RouterAsn = Asn, NodeAsn = Asn, Password = "letmein" });
        Prepare("10.77.0.0/24", new { myASN = Asn, peerASN = Asn, peerAddress = "10.98.0.3", password = "letmein" });
        _cluster.AddServices("web");
        _cluster.StartController();
        var speaker = _cluster.StartSpeaker("node-1");
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
        var prefix = $"{_cluster.AddressOf("web")}/32";
        _lan.Until("FRR knows the route", () => PathTo(frr, "ipv4", prefix) is not null);
        var path = PathTo(frr, "ipv4", prefix)!.Value;
        Assert.Equal("10.98.0.2", path.GetProperty("nexthops")[0].GetProperty("ip").GetString());
        Assert.Equal(250, path.GetProperty("locPrf").GetInt32());
        Assert.Equal("", path.GetProperty("path").GetString());
        Assert.Contains("65001:7", frr.Run($"show bgp ipv4 unicast {prefix} json"), StringComparison.Ordinal);
        Assert.Equal("10.98.0.2", frr.Neighbor.GetProperty("remoteRouterId").GetString());

        var established = frr.Neighbor.GetProperty("connectionsEstablished").GetInt32();
        _cluster.AddServices("other");
        _lan.Until("FRR knows two routes", () => Count(frr, "ipv4") == 2);
        _cluster.Kubectl("delete", "service", "web");
        _lan.Until("FRR has lost the first", () => PathTo(frr, "ipv4", prefix) is null && Count(frr, "ipv4") == 1);
        Assert.Equal(established, frr.Neighbor.GetProperty("connectionsEstablished").GetInt32());

        Tool.Run("/bin/sh", "-c", $"kill -TERM {speaker.Id}");
        _lan.Until("FRR is asked to prefer others, or has lost the route", () =>
            Count(frr, "ipv4") == 0 ||
            frr.Run("show bgp ipv4 unicast community graceful-shutdown").Contains("10.77.0", StringComparison.Ordinal));
        Assert.True(speaker.WaitForExit(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, speaker.ExitCode);
        _lan.Until("FRR has lost the other", () => Count(frr, "ipv4") == 0);
        Assert.Contains("Shutdown", frr.Neighbor.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_external_router_learns_an_IPv6_route_over_IPv6_and_a_change_of_the_peer_or_its_end_takes_it_back()
    {
        _lan.Ip("node-1", "-6 addr add fd98::2/64 dev eth0 nodad");
        _lan.Ip("router", "-6 addr add fd98::3/64 dev eth0 nodad");
        using var frr = new FrrBgp(_lan, new() { Node = "fd98::2", Router = "fd98::3" });
        Prepare("fd77::/112", new { myASN = 65001, peerASN = 65002, peerAddress = "fd98::3" });
        _cluster.AddIpv6Service("web");
        _cluster.StartController();
        _cluster.StartSpeaker("node-1");
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
        var prefix = $"{_cluster.AddressOf("web")}/128";
        _lan.Until("FRR knows the route", () => PathTo(frr, "ipv6", prefix) is not null);
        var path = PathTo(frr, "ipv6", prefix)!.Value;
        Assert.Contains("fd98::2", path.GetProperty("nexthops").EnumerateArray().Select(hop => hop.GetProperty("ip").GetString()));
        Assert.Equal("65001", path.GetProperty("path").GetString());

        _cluster.Kubectl("delete", "bgppeer", "router", "--namespace", Namespace);
        _lan.Until("FRR has lost the route", () => Count(frr, "ipv6") == 0);
        Assert.Contains("Peer De-configured", frr.Neighbor.GetRawText(), StringComparison.Ordinal);
        AddPeer(new { myASN = 65001, peerASN = 65002, peerAddress = "fd98::3" });
        _lan.Until("FRR knows the route again", () => PathTo(frr, "ipv6", prefix) is not null);
    }

    private void Prepare(string addresses, object peer)
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        _cluster.AddNode("node-1");
        _cluster.Apply(
            Configuration("v1beta1", "IPAddressPool", "pool", new { addresses = new[] { addresses } }),
            Configuration(
                "v1beta1", "BGPAdvertisement", "all", new { communities = new[] { "65001:7" }, localPref = 250 }));
        AddPeer(peer);
    }

    private void AddPeer(object spec) => _cluster.Apply(Configuration("v1beta2", "BGPPeer", "router", spec));

    private static object Configuration(string version, string kind, string name, object spec) => new
    {
        apiVersion = $"metallb.io/{version}",
        kind,
        metadata = new { name, @namespace = Namespace },
        spec,
    };

    private static JsonElement Routes(FrrBgp frr, string family)
    {
        using var document = JsonDocument.Parse(frr.Run($"show bgp {family} unicast json"));
        return document.RootElement.TryGetProperty("routes", out var routes) ? routes.Clone() : default;
    }

    private static int Count(FrrBgp frr, string family) =>
        Routes(frr, family) is { ValueKind: JsonValueKind.Object } routes ? routes.EnumerateObject().Count() : 0;

    private static JsonElement? PathTo(FrrBgp frr, string family, string prefix) =>
        Routes(frr, family) is { ValueKind: JsonValueKind.Object } routes && routes.TryGetProperty(prefix, out var paths) ? paths[0] : null;
}
