using System;
using System.Linq;
using System.Text.Json;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>
/// Sessions that do not come up, each for a reason of its own, beside one that does: what users are told, and where. Each peer of the node
/// has a source address of its own, by which FRR takes it for another neighbour.
/// </summary>
public sealed class BgpTroubleTests : IDisposable
{
    private const string Namespace = "metallb-system";

    private static readonly (string Peer, string Words)[] Troubles =
    [
        ("away", "10.98.0.99 port 179"),
        ("closed", "peer refuses or MD5 key differs: connection to 10.98.0.3 port 1790 refused; nobody listens there"),
        ("hold-time", "the peer does not accept our hold time of 3 s: "),
        ("our-as", "the peer does not accept our AS 65001: "),
        ("password", "or its MD5 key differs from the password: check the way to it, and the password at both ends"),
        ("their-as", "the peer is in AS 65002, and AS 65009 is configured; one of the two must be corrected"),
    ];

    private readonly TestLan _lan = new("node-1", "router");
    private readonly TestCluster _cluster;

    public BgpTroubleTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void Why_sessions_do_not_come_up_is_told_in_the_SpeakerState_the_log_and_the_Service_and_touches_no_other_session()
    {
        using var frr = StartRouter();
        StartCluster();
        _lan.Until("the right session is up", () => Session("right").State == "Established");
        foreach (var (peer, words) in Troubles)
        {
            _lan.Until($"{peer} says why", () => Session(peer).Error.Contains(words, StringComparison.Ordinal));
            Assert.NotEqual("Established", Session(peer).State);
            _lan.Until($"the log says why {peer} does not come up", () => IsLogged(peer, words));
        }
        Assert.Equal(1, Neighbor(frr, "10.98.0.25").GetProperty("connectionsEstablished").GetInt32());
        const string start = "True Announced: advertised by BGP from node node-1 to right, but not to away (";
        _lan.Until("the Service names them", () => Said().StartsWith(start, StringComparison.Ordinal) &&
            Said().Contains("our-as (the peer does not accept our AS 65001", StringComparison.Ordinal));

        _cluster.Kubectl("delete", "bgppeer", "right", "--namespace", Namespace);
        _lan.Until("the Service says that no session is up, and why", () =>
            Said().StartsWith("False NoPeerUp: no BGP session of node node-1 is up: away (", StringComparison.Ordinal));

        AddPeer("password", 21, new { password = "right" });
        _lan.Until("the session is up with the right password", () => Session("password").State == "Established");
        _lan.Until("the Service says it", () => Said().StartsWith(
            "True Announced: advertised by BGP from node node-1 to password, but not to away (", StringComparison.Ordinal));
        Assert.DoesNotContain("wrong", _lan.LogOf("speaker-node-1"), StringComparison.Ordinal);
    }

    private FrrRouter StartRouter()
    {
        foreach (var last in Enumerable.Range(21, 5))
        {
            _lan.Ip("node-1", $"addr add 10.98.0.{last}/24 dev eth0");
            _lan.Ip("router", $"addr add 10.98.0.{last + 10}/24 dev eth0");
        }
        return new(_lan, "router", """
            router bgp 65002
             bgp router-id 10.98.0.3
             bgp minimum-holdtime 30
             no bgp ebgp-requires-policy
             neighbor nodes peer-group
             neighbor nodes passive
             neighbor 10.98.0.21 remote-as 65001
             neighbor 10.98.0.21 peer-group nodes
             neighbor 10.98.0.21 password right
             neighbor 10.98.0.22 remote-as 65099
             neighbor 10.98.0.22 peer-group nodes
             neighbor 10.98.0.23 remote-as 65001
             neighbor 10.98.0.23 peer-group nodes
             neighbor 10.98.0.24 remote-as 65001
             neighbor 10.98.0.24 peer-group nodes
             neighbor 10.98.0.25 remote-as 65001
             neighbor 10.98.0.25 peer-group nodes
            exit
            """, "bgpd");
    }

    private void StartCluster()
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        _cluster.AddNode("node-1");
        _cluster.Apply(
            Configuration("v1beta1", "IPAddressPool", "pool", new { addresses = new[] { "10.77.0.0/24" } }),
            Configuration("v1beta1", "BGPAdvertisement", "all", new { }));
        AddPeer("password", 21, new { password = "wrong" });
        AddPeer("our-as", 22, new { });
        AddPeer("their-as", 23, new { peerASN = 65009 });
        AddPeer("hold-time", 24, new { holdTime = "3s", keepaliveTime = "1s" });
        AddPeer("right", 25, new { });
        AddPeer("away", 0, new { peerAddress = "10.98.0.99" });
        AddPeer("closed", 0, new { peerAddress = "10.98.0.3", peerPort = 1790 });
        _cluster.AddServices("web");
        _cluster.StartController();
        _cluster.StartSpeaker("node-1");
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
    }

    /// <summary>A peer at the router's address that belongs to a source address of the node; what is given comes instead.</summary>
    private void AddPeer(string name, int source, object more)
    {
        var spec = JsonSerializer.SerializeToNode(new { myASN = 65001, peerASN = 65002 })!.AsObject();
        if (source > 0)
        {
            spec["sourceAddress"] = $"10.98.0.{source}";
            spec["peerAddress"] = $"10.98.0.{source + 10}";
        }
        foreach (var (field, value) in JsonSerializer.SerializeToNode(more)!.AsObject())
            spec[field] = value!.DeepClone();
        _cluster.Apply(Configuration("v1beta2", "BGPPeer", name, spec));
    }

    private (string State, string Error) Session(string peer)
    {
        using var document = JsonDocument.Parse(_cluster.Kubectl("get", "speakerstates", "--namespace", Namespace, "-o", "json"));
        var sessions = document.RootElement.GetProperty("items").EnumerateArray()
            .Where(item => item.TryGetProperty("status", out var status) && status.TryGetProperty("sessions", out _))
            .SelectMany(item => item.GetProperty("status").GetProperty("sessions").EnumerateArray());
        foreach (var session in sessions.Where(item => item.GetProperty("peer").GetString() == peer))
            return (session.GetProperty("state").GetString()!, session.TryGetProperty("lastError", out var error) ? $"{error}" : "");
        return ("", "");
    }

    private string Said() => _cluster.Kubectl(
        "get", "service", "web", "-o",
        "jsonpath={range .status.conditions[?(@.type==\"ferrolb.io/Announced\")]}{.status} {.reason}: {.message}{end}");

    private bool IsLogged(string peer, string words) => _lan.LogOf("speaker-node-1").Split('\n').Any(line =>
        line.Contains("BGP session does not come up", StringComparison.Ordinal) &&
        line.Contains($"\"peer\":\"{peer}\"", StringComparison.Ordinal) && line.Contains(words, StringComparison.Ordinal));

    private static JsonElement Neighbor(FrrRouter frr, string address) =>
        frr.Show($"show bgp neighbors {address} json").GetProperty(address);

    private static object Configuration(string version, string kind, string name, object spec) => new
    {
        apiVersion = $"metallb.io/{version}",
        kind,
        metadata = new { name, @namespace = Namespace },
        spec,
    };
}
