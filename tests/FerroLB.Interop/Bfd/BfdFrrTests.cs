using System;
using System.Linq;
using System.Text.Json;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Interop.Bfd;

/// <summary>BFD with bfdd of FRR.</summary>
public sealed class BfdFrrTests : IDisposable
{
    private const string Node4 = "10.98.0.2";
    private const string Router4 = "10.98.0.3";
    private const string Node6 = "fd98::2";
    private const string Router6 = "fd98::3";

    private static readonly BfdSessionConfig Odd = new()
    {
        ReceiveInterval = TimeSpan.FromMilliseconds(93),
        TransmitInterval = TimeSpan.FromMilliseconds(95),
        EchoInterval = TimeSpan.FromMilliseconds(97),
        DetectMultiplier = 4,
    };

    private readonly TestLan _lan = new("node", "router");
    private readonly BfdNode _node;

    public BfdFrrTests()
    {
        _lan.Ip("node", $"-6 addr add {Node6}/64 dev eth0 nodad");
        _lan.Ip("router", $"-6 addr add {Router6}/64 dev eth0 nodad");
        _node = new(_lan, "node");
    }

    public void Dispose()
    {
        _node.Dispose();
        _lan.Dispose();
    }

    [Theory]
    [InlineData(Node4, Router4, false)]
    [InlineData(Node6, Router6, false)]
    [InlineData(Node4, Router4, true)]
    [InlineData(Node6, Router6, true)]
    public void The_router_sees_the_profile_and_a_change_of_it(string node, string router, bool isMultiHop)
    {
        using var frr = Start(node, router, isMultiHop);
        var key = new BfdSessionKey(isMultiHop, IpAddress.Parse(router), IpAddress.Parse(node), isMultiHop ? 0 : _node.LinkIndex);
        _node.Want(key, new());
        UntilSeen(frr, 300, 300, 50, 3);
        _node.Want(key, Odd);
        UntilSeen(frr, 93, 95, isMultiHop ? 50 : 97, 4);
        // bfdd wants 60 ms and takes 50: what holds for each direction is the slower of both.
        _lan.Until($"the intervals of both are used, not those of {_node.Session}", () =>
            _node.Session!.TransmitInterval == TimeSpan.FromMilliseconds(95)
            && _node.Session.DetectionTime == TimeSpan.FromMilliseconds(5 * 93));
        Assert.Equal(BfdState.Up, _node.Session!.State);
        Assert.Equal((1, 0), (_node.Session.Counters.UpEvents, _node.Session.Counters.DownEvents));
    }

    [Fact]
    public void A_router_that_is_killed_is_noticed_by_its_silence_and_comes_back()
    {
        using (var frr = Start(Node4, Router4, isMultiHop: false))
        {
            _node.Want(Single(), Odd);
            UntilSeen(frr, 93, 95, 97, 4);
            frr.Kill("bfdd");
            _node.UntilState(BfdState.Down);
            Assert.Equal(BfdDiagnostic.ControlDetectionTimeExpired, _node.Session!.Diagnostic);
            Assert.Equal([true], _node.Changes.Where(change => change.From == BfdState.Up).Select(change => change.IsFailure));
        }
        using var again = Start(Node4, Router4, isMultiHop: false);
        _node.UntilState(BfdState.Up);
    }

    [Fact]
    public void A_node_that_stops_on_purpose_says_so()
    {
        using var frr = Start(Node4, Router4, isMultiHop: false);
        _node.Want(Single(), new());
        UntilSeen(frr, 300, 300, 50, 3);
        _node.Post(BfdInput.ShutdownRequested());
        _lan.Until("FRR has heard it", () => Text(Peer(frr), "remote-diagnostic") == "administratively down");
        Assert.Equal("down", Text(Peer(frr), "status"));
        _lan.Until("the session is over", () => _node.Session is null);
    }

    [Fact]
    public void A_router_that_is_shut_down_by_its_operator_is_no_failure_of_the_path()
    {
        using var frr = Start(Node4, Router4, isMultiHop: false);
        _node.Want(Single(), new());
        UntilSeen(frr, 300, 300, 50, 3);
        frr.Run("configure terminal", "bfd", $"peer {Node4} interface eth0", "shutdown");
        _node.UntilState(BfdState.Down);
        Assert.Equal(BfdState.AdminDown, _node.Session!.RemoteState);
        Assert.Equal([false], _node.Changes.Where(change => change.From == BfdState.Up).Select(change => change.IsFailure));
        frr.Run("configure terminal", "bfd", $"peer {Node4} interface eth0", "no shutdown");
        _node.UntilState(BfdState.Up);
    }

    [Fact]
    public void The_routers_echoes_come_back_through_our_kernel_and_one_that_returns_none_of_ours_is_not_doubted()
    {
        // As on every node of a cluster.
        _lan.Try("node", "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
        using var frr = Start(Node4, Router4, isMultiHop: false);
        frr.Run("configure terminal", "bfd", $"peer {Node4} interface eth0", "echo-mode");
        _node.Want(Single(), Odd with { EchoMode = true });
        UntilSeen(frr, 93, 95, 97, 4);
        _lan.Until("FRR's echoes come back", () => Counters(frr).GetProperty("echo-packet-input").GetInt32() > 10);
        Assert.True(_node.Session is { Counters.EchoOut: > 0, IsEchoActive: false, State: BfdState.Up });
    }

    [Fact]
    public void A_passive_node_waits_for_the_router()
    {
        _node.Want(Single(), Odd with { PassiveMode = true });
        using var frr = Start(Node4, Router4, isMultiHop: false);
        UntilSeen(frr, 93, 95, 97, 4);
    }

    private BfdSessionKey Single() => new(false, IpAddress.Parse(Router4), IpAddress.Parse(Node4), _node.LinkIndex);

    private FrrRouter Start(string node, string router, bool isMultiHop) => new(_lan, "router", $"""
        bfd
         peer {node} {(isMultiHop ? $"multihop local-address {router}" : $"local-address {router} interface eth0")}
          detect-multiplier 5
          receive-interval 50
          transmit-interval 60
          no shutdown
         exit
        exit
        """, "bfdd");

    private void UntilSeen(FrrRouter frr, int receive, int transmit, int echo, int multiplier)
    {
        _lan.Until("FRR sees the profile", () =>
        {
            var peer = Peer(frr);
            return Text(peer, "status") == "up"
                && peer.GetProperty("remote-receive-interval").GetInt32() == receive
                && peer.GetProperty("remote-transmit-interval").GetInt32() == transmit
                && peer.GetProperty("remote-echo-receive-interval").GetInt32() == echo
                && peer.GetProperty("remote-detect-multiplier").GetInt32() == multiplier;
        });
        _node.UntilState(BfdState.Up);
    }

    private static JsonElement Peer(FrrRouter frr) => frr.Show("show bfd peers json")[0];

    private static JsonElement Counters(FrrRouter frr) => frr.Show("show bfd peers counters json")[0];

    private static string Text(JsonElement peer, string name) => peer.GetProperty(name).GetString()!;
}
