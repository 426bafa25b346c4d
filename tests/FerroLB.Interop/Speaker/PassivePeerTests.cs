using System;
using FerroLB.Interop.Routers;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>Routers that connect to the speaker, as the annotation ferrolb.io/passive has it.</summary>
public sealed class PassivePeerTests : IDisposable
{
    private const string Node = "10.98.0.2";

    private readonly BgpScene _scene = new("node-1", "router", "stranger");

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_router_that_connects_is_let_in_by_its_address_password_and_TTL_and_nobody_else_is()
    {
        using var frr = new FrrBgp(_scene.Lan, new() { Password = "letmein", IsPassive = false });
        frr.Run("configure terminal", "router bgp 65002", $"neighbor {Node} ttl-security hops 1");
        _scene.Apply(BgpScene.Pool("pool", "10.77.0.0/24"), BgpScene.Advertisement("all"), BgpScene.Service("web"));
        _scene.StartSpeaker();
        var address = _scene.AddressesOf("web")[0];
        Assert.Equal("", Sockets("-Hltn"));

        var annotations = "{ferrolb.io/passive: 'true', ferrolb.io/ttl-security-hops: '1'}";
        _scene.Apply(Peer("router", "{myASN: 65001, peerASN: 65002, peerAddress: 10.98.0.3, password: letmein}", annotations));
        UntilRoute(frr, address, isThere: true);
        Assert.Contains(":179", Sockets("-Hltn"), StringComparison.Ordinal);
        // The node has opened no connection: its end is the one of the port.
        Assert.Contains($"{Node}:179", Sockets("-Htn", "state", "established"), StringComparison.Ordinal);
        UntilState("router", "Established");

        var (_, heard) = _scene.Lan.Try("stranger", "timeout", "30", "bash", "-c", $"exec 3<>/dev/tcp/{Node}/179; wc -c <&3; echo the end");
        Assert.Equal("0\nthe end\n", heard);
        _scene.Lan.Until("the log tells of the stranger", () =>
            _scene.Lan.LogOf("speaker-node-1") is var log && log.Contains("BGP connection refused", StringComparison.Ordinal) &&
            log.Contains("10.98.0.4", StringComparison.Ordinal));

        _scene.Apply(Peer("router", "{myASN: 65001, peerASN: 65002, peerAddress: 10.98.0.3, password: another}", annotations));
        UntilRoute(frr, address, isThere: false);
        frr.Run("configure terminal", "router bgp 65002", $"neighbor {Node} password another");
        UntilRoute(frr, address, isThere: true);

        _scene.Delete("bgppeer", "router");
        _scene.Lan.Until("nobody listens any more", () => Sockets("-Hltn").Length == 0);
    }

    [Fact]
    public void A_speaker_that_may_not_listen_says_what_it_lacks_and_holds_its_other_sessions()
    {
        using var frr = new FrrBgp(_scene.Lan, new());
        using var stranger = new FrrBgp(_scene.Lan, new() { Host = "stranger", Router = "10.98.0.4", IsPassive = false });
        _scene.Apply(
            BgpScene.Peer("active", "{myASN: 65001, peerASN: 65002, peerAddress: 10.98.0.3}"),
            Peer("passive", "{myASN: 65001, peerASN: 65002, peerAddress: 10.98.0.4}", "{ferrolb.io/passive: 'true'}"));
        _scene.Lan.Start(
            "node-1", "speaker-node-1", "setpriv", "--bounding-set=-all,+net_raw", Shell.Ferrolb, "speaker", "--kubeconfig",
            _scene.Cluster.Kubeconfig, "--namespace", "metallb-system", "--node-name", "node-1");
        UntilState("active", "Established");
        _scene.Lan.Until("the passive one says what is missing", () =>
            Session("passive", "lastError").Contains("NET_BIND_SERVICE", StringComparison.Ordinal));
        Assert.Contains("cannot listen for BGP peers", _scene.Lan.LogOf("speaker-node-1"), StringComparison.Ordinal);

        // A port that needs no capability.
        stranger.Run("configure terminal", "router bgp 65002", $"neighbor {Node} port 1179");
        _scene.Apply(Peer(
            "passive", "{myASN: 65001, peerASN: 65002, peerAddress: 10.98.0.4, peerPort: 1179}", "{ferrolb.io/passive: 'true'}"));
        UntilState("passive", "Established");
        Assert.Equal(1, frr.Neighbor.GetProperty("connectionsEstablished").GetInt32());
    }

    private static string Peer(string name, string spec, string annotations) => $$"""
        apiVersion: metallb.io/v1beta2
        kind: BGPPeer
        metadata: {name: {{name}}, namespace: metallb-system, annotations: {{annotations}} }
        spec: {{spec}}
        """;

    private void UntilRoute(FrrBgp frr, string address, bool isThere) => _scene.Lan.Until(
        $"FRR {(isThere ? "has" : "has lost")} the route to {address}",
        () => frr.Routes().Contains(address, StringComparison.Ordinal) == isThere);

    private void UntilState(string peer, string state) =>
        _scene.Lan.Until($"the session with {peer} is {state}", () => Session(peer, "state") == state);

    private string Session(string peer, string field) => _scene.SpeakerState($".status.sessions[?(@.peer==\"{peer}\")].{field}");

    private string Sockets(params string[] flags) => _scene.Lan.Try("node-1", "ss", [.. flags, "sport = :179"]).Output;
}
