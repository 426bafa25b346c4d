using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Nodes;

/// <summary>Sessions with whoever is at the other end of an interface.</summary>
public sealed class BgpUnnumberedTests
{
    private const string Router = "fe80::1";
    private const string Other = "fe80::2";

    private readonly BgpNodeWorld _world = new();

    [Fact]
    public void The_router_that_advertises_itself_becomes_the_peer_and_routes_go_by_link_local_next_hops()
    {
        _world.Advertise("web", "10.20.0.4").Hold(Unnumbered()).Pass(1);
        Assert.Equal("this node has no interface eth1", _world.Report.Sessions.Single().LastError);
        Use("10.1.0.1/24");
        Assert.Equal("interface eth1 has no IPv6 link-local address", Pass().LastError);
        Assert.Empty(_world.RouterLinks);
        Use("10.1.0.1/24", "fe80::200/64");
        Assert.Equal([5], _world.RouterLinks);
        Assert.Equal(["134 on 5 to ff02::1", "133 on 5 to ff02::2"], _world.RouterMessages);
        Assert.Equal("no router has advertised itself on interface eth1 yet", Pass().LastError);
        Advertise(Router, 2);
        Assert.Empty(_world.Attempts);
        Advertise(Router);
        var attempt = Assert.Single(_world.Attempts);
        Assert.Equal((IpAddress.Parse(Router), 5, 1), (attempt.Peer, attempt.LinkIndex, attempt.TimeToLive));
        Assert.Equal((uint)IpAddress.Parse("10.1.0.1").Value, _world.Routers[Router].Machine.Snapshot.PeerIdentifier);
        Assert.Equal("via fe80::200 64500:7", Assert.Single(_world.Routers[Router].Routes).Value);
        Assert.Equal((BgpSessionState.Established, null), (Pass().State, Pass().LastError));
        Assert.Equal(1, _world.Metrics["metallb_bgp_session_up eth1:179"]);
    }

    [Fact]
    public void Another_router_takes_over_when_the_session_with_the_first_has_ended_and_not_before()
    {
        Use("fe80::200/64");
        _world.Hold(Unnumbered());
        Advertise(Router);
        _world.Pass(40);
        Advertise(Other);
        _world.Pass(5);
        Assert.Single(_world.Attempts);
        _world.Break(Router).Pass(10);
        Assert.Equal(IpAddress.Parse(Other), _world.Attempts[^1].Peer);
        Assert.Equal(BgpSessionState.Established, Pass().State);
    }

    [Fact]
    public void An_interface_that_goes_down_ends_the_session_and_what_was_found_there_is_forgotten()
    {
        Use("fe80::200/64");
        _world.Hold(Unnumbered());
        Advertise(Router);
        Use(isUp: false, "fe80::200/64");
        Assert.Equal((BgpSessionState.Idle, "interface eth1 is down"), (Pass().State, Pass().LastError));
        Assert.Empty(_world.RouterLinks);
        Assert.False(_world.Routers[Router].IsConnected);
        Use("fe80::200/64");
        Assert.Equal("no router has advertised itself on interface eth1 yet", Pass().LastError);
        Advertise(Other);
        Assert.Equal(BgpSessionState.Established, Pass().State);
    }

    [Fact]
    public void BFD_watches_the_path_on_the_interface_one_hop_away_even_with_several_hops_allowed()
    {
        Use("fe80::200/64");
        _world.Hold(Profile("fast"), Unnumbered(spec => spec with { BfdProfile = "fast", EbgpMultiHop = true }));
        Assert.Empty(_world.BfdWishes);
        Advertise(Router);
        Assert.Equal(new BfdSessionKey(false, IpAddress.Parse(Router), null, 5), Assert.Single(_world.BfdWishes).Key);
    }

    [Fact]
    public void Advertisements_that_cannot_be_heard_are_explained_and_other_peers_go_on()
    {
        Use("fe80::200/64");
        _world.Advertise("web", "10.20.0.4").Hold(Unnumbered(), PeerAt("zwei", "192.0.2.2"));
        _world.Tell(new BgpNodeInput.RouterMessagesFailed("Operation not permitted"));
        Assert.Equal("router advertisements cannot be heard: Operation not permitted", Pass().LastError);
        Assert.Single(_world.Routers["192.0.2.2"].Routes);
    }

    [Fact]
    public void Without_a_peer_that_names_an_interface_nothing_is_advertised()
    {
        Use("fe80::200/64");
        _world.Hold(PeerAt("one", "192.0.2.2")).Pass(30);
        Assert.Empty(_world.RouterMessages);
        _world.Hold(Unnumbered());
        Assert.NotEmpty(_world.RouterMessages);
        _world.Hold();
        Assert.Empty(_world.RouterLinks);
        _world.RouterMessages.Clear();
        _world.Pass(30);
        Assert.Empty(_world.RouterMessages);
    }

    private static BgpPeer Unnumbered(Func<BgpPeerSpec, BgpPeerSpec>? change = null) =>
        Peer("a", spec => (change ?? (same => same))(spec with { PeerAddress = null, Interface = "eth1" }));

    private void Use(params string[] addresses) => Use(isUp: true, addresses);

    private void Use(bool isUp, params string[] addresses)
    {
        var entries = addresses.Select(text => IpPrefixOf(text));
        IReadOnlyList<LinkState> links =
        [
            new(2, "eth0", default) { IsUp = true, HasCarrier = true, Addresses = [IpPrefixOf($"{BgpNodeWorld.Local}/24")] },
            new(5, "eth1", default) { IsUp = isUp, HasCarrier = isUp, Addresses = [.. entries] },
        ];
        _world.Command(new BgpCommand.UseLinks(links));
    }

    private static LinkAddress IpPrefixOf(string text) =>
        new(IpAddress.Parse(text.Split('/')[0]), int.Parse(text.Split('/')[1], System.Globalization.CultureInfo.InvariantCulture));

    private void Advertise(string router, int link = 5) => _world.Tell(new BgpNodeInput.RouterMessageReceived(
        link, IpAddress.Parse(router), Convert.FromHexString("86000000000000000000000000000000")));

    private BgpSessionView Pass()
    {
        _world.Pass(1.5);
        return _world.Report.Sessions[0];
    }
}
