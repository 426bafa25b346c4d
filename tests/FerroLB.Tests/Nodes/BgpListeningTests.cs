using System;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Nodes;

/// <summary>Where peers may connect to, and who is let in.</summary>
public sealed class BgpListeningTests
{
    private const string One = "192.0.2.1";
    private const string Two = "192.0.2.2";
    private readonly BgpNodeWorld _world = new();

    [Fact]
    public void Nothing_is_listened_to_while_no_peer_is_passive()
    {
        _world.Hold(PeerAt("one", One)).Pass(5);
        Assert.Equal(0, _world.PortOrders);
        _world.Hold(Passive("one", One));
        Assert.Equal([new BgpListenPoint(AddressFamily.IPv4, 179, "")], _world.Ports.Select(port => port.Point));
        _world.Hold(PeerAt("one", One));
        Assert.Empty(_world.Ports);
    }

    [Fact]
    public void A_passive_peer_that_calls_gets_its_routes_and_no_connection_is_opened_to_it()
    {
        _world.Advertise("web", "10.20.0.4").Hold(Passive("one", One)).Pass(30);
        Assert.Empty(_world.Attempts);
        Assert.Equal((BgpSessionState.Active, null), _world.Report.Sessions.Select(s => (s.State, s.LastError)).Single());
        Assert.True(_world.Call(One));
        Assert.Single(_world.Routers[One].Routes);
        _world.Pass(2);
        Assert.Equal(BgpSessionState.Established, _world.Report.Sessions.Single().State);
        Assert.Empty(_world.Attempts);
    }

    [Fact]
    public void Who_is_no_peer_is_sent_away_and_told_of_once()
    {
        _world.Hold(Passive("one", One));
        for (var i = 0; i < 5; i++)
            Assert.False(_world.Call(Two));
        Assert.Equal(5, _world.Refused.Count);
        var line = Assert.Single(_world.Logs, line => line.Message == "BGP connection refused");
        Assert.Contains(line.Fields, field => field.Value == Two);
        Assert.False(_world.Call(One, port: 1179));
        _world.Command(new BgpCommand.ShutDown());
        Assert.False(_world.Call(One));
    }

    [Fact]
    public void An_active_peer_that_calls_is_let_in_where_a_port_is_listened_to_anyway_and_one_connection_stays()
    {
        _world.RouterAt(Two).IsAway = true;
        _world.Advertise("web", "10.20.0.4").Hold(Passive("one", One), PeerAt("two", Two)).Pass(1);
        Assert.True(_world.Call(Two));
        Assert.Single(_world.Routers[Two].Routes);
        _world.Pass(2);
        Assert.Equal([BgpSessionState.Active, BgpSessionState.Established], _world.Report.Sessions.Select(session => session.State));
    }

    [Fact]
    public void Ports_differ_by_number_family_and_VRF_and_know_the_keys_of_all_their_peers_by_handles()
    {
        _world.Hold(
            BasicAuth("s", "x"), Passive("a", One, spec => spec with { PasswordSecretName = "s" }),
            Passive("b", Two, spec => spec with { PeerPort = 1179 }),
            Passive("c", "2001:db8::1"), Passive("d", "192.0.2.4", spec => spec with { Vrf = "red" }),
            PeerAt("e", "192.0.2.5", spec => spec with { PasswordSecretName = "s" }));
        Assert.Equal(
            ["port 179 of IPv4 192.0.2.1,192.0.2.5", "port 179 of IPv6 ", "port 1179 of IPv4 192.0.2.1,192.0.2.5",
                "port 179 of IPv4 in VRF red "],
            _world.Ports.Select(port => $"{port.Point} {string.Join(',', port.Keys.Select(key => key.Peer))}"));
        var handle = _world.Ports[0].Keys[0].KeyHandle;
        Assert.Equal("x"u8, _world.Node.KeyOf(handle).Span);
        Assert.False(_world.Call(One, port: 1179));
        Assert.True(_world.Call(Two, port: 1179));
        _world.Hold(BasicAuth("s", "z"), Passive("a", One, spec => spec with { PasswordSecretName = "s" }));
        Assert.NotEqual(handle, Assert.Single(Assert.Single(_world.Ports).Keys).KeyHandle);
    }

    [Fact]
    public void A_caller_from_further_away_than_TTL_security_allows_is_sent_away()
    {
        var peer = Peer("one", null, "ferrolb.io/passive=true", "ferrolb.io/ttl-security-hops=2");
        _world.Hold(peer);
        Assert.False(_world.Call(One, timeToLive: 253));
        Assert.True(_world.Call(One, timeToLive: 254));
        Assert.Contains(_world.Logs, line => line.Fields.Any(field => field.Value.Contains("TTL 253", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_port_that_cannot_be_had_is_explained_tried_again_and_touches_no_other_peer()
    {
        var point = new BgpListenPoint(AddressFamily.IPv4, 179, "");
        _world.Advertise("web", "10.20.0.4").Hold(Passive("one", One), PeerAt("two", Two));
        for (var i = 0; i < 3; i++)
            _world.Tell(new BgpNodeInput.ListenTried(point, "it is taken")).Pass(10.2);
        Assert.Equal(4, _world.PortOrders);
        Assert.Equal(
            ["cannot listen to port 179 of IPv4: it is taken", null], _world.Report.Sessions.Select(session => session.LastError));
        Assert.Single(_world.Logs, line => line.Message == "cannot listen for BGP peers");
        Assert.Single(_world.Routers[Two].Routes);
        _world.Tell(new BgpNodeInput.ListenTried(point, null)).Pass(30);
        Assert.Null(_world.Report.Sessions[0].LastError);
        Assert.Equal(4, _world.PortOrders);
    }

    [Fact]
    public void A_peer_with_a_password_is_not_let_in_while_the_kernel_does_not_check_it()
    {
        var point = new BgpListenPoint(AddressFamily.IPv4, 179, "");
        _world.Hold(BasicAuth("s", "x"), Passive("a", One, spec => spec with { PasswordSecretName = "s" }), Passive("b", Two));
        _world.Tell(new BgpNodeInput.ListenTried(point, "the password of 192.0.2.1 cannot be used"));
        Assert.False(_world.Call(One));
        Assert.True(_world.Call(Two));
        _world.Tell(new BgpNodeInput.ListenTried(point, null));
        Assert.True(_world.Call(One));
    }

    private static BgpPeer Passive(string name, string address, Func<BgpPeerSpec, BgpPeerSpec>? change = null) => Peer(
        name, spec => (change ?? (same => same))(spec with { PeerAddress = address }), "ferrolb.io/passive=true");
}
