using System;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Nodes;

/// <summary>From wishes to sessions, and over them to what routers know.</summary>
public sealed class BgpNodeTests
{
    private const string One = "192.0.2.1";
    private const string Two = "192.0.2.2";
    private readonly BgpNodeWorld _world = new();

    [Fact]
    public void Without_peers_nothing_is_ordered_and_nothing_is_ever_due()
    {
        _world.Advertise("web", "10.20.0.4").Pass(10);
        Assert.Empty(_world.Attempts);
        Assert.Empty(_world.Report.Sessions);
        Assert.Null(_world.Node.NextDeadline);
    }

    [Fact]
    public void A_router_learns_all_routes_and_the_end_of_them_as_soon_as_its_session_is_up_and_each_change_after_it()
    {
        _world.Advertise("web", "10.20.0.4").Hold(PeerAt("one", One));
        var router = _world.Routers[One];
        Assert.Equal("via 192.0.2.200 64500:7", router.Routes[IpPrefix.Parse("10.20.0.4/32")]);
        Assert.Contains("end of IPv4 unicast", router.Heard);
        _world.Advertise("other", "10.20.0.5");
        Assert.Equal(2, router.Routes.Count);
        _world.Advertise("web", "");
        Assert.Equal(["10.20.0.5/32"], router.Routes.Keys.Select(prefix => prefix.ToString()));
        _world.Pass(2);
        var session = Assert.Single(_world.Report.Sessions);
        Assert.Equal(("one", BgpSessionState.Established, 1), (session.Peer, session.State, session.PrefixesSent));
        Assert.Equal(1, _world.Metrics["metallb_bgp_session_up 192.0.2.1:179"]);
        Assert.Equal(1, _world.Metrics["metallb_bgp_announced_prefixes_total 192.0.2.1:179"]);
        Assert.Equal(0, _world.Metrics["metallb_bgp_pending_prefixes_total 192.0.2.1:179"]);
        Assert.Equal(4, _world.Metrics["metallb_bgp_updates_total 192.0.2.1:179"]);
        Assert.Contains(_world.Logs, line => line.Message == "BGP session established");
    }

    [Fact]
    public void A_peer_that_does_not_answer_touches_no_other_and_one_that_is_gone_is_told_so()
    {
        _world.RouterAt(One).IsAway = true;
        _world.Advertise("web", "10.20.0.4").Hold(PeerAt("one", One), PeerAt("two", Two)).Pass(2);
        Assert.Single(_world.Routers[Two].Routes);
        Assert.Equal(
            [(BgpSessionState.Active, true), (BgpSessionState.Established, false)],
            _world.Report.Sessions.Select(session => (session.State, session.LastError is not null)));
        Assert.Equal(0, _world.Metrics["metallb_bgp_session_up 192.0.2.1:179"]);
        _world.Hold(PeerAt("one", One)).Pass(2);
        Assert.Equal("Notification 6/3", _world.Routers[Two].Heard[^1]);
        Assert.DoesNotContain(_world.Metrics.Keys, series => series.Contains(Two, StringComparison.Ordinal));
        _world.RouterAt(One).IsAway = false;
        _world.Pass(90);
        Assert.Single(_world.Routers[One].Routes);
    }

    [Fact]
    public void A_session_stays_when_something_else_changes_and_begins_anew_when_its_own_peer_does()
    {
        _world.Advertise("web", "10.20.0.4").Hold(PeerAt("one", One), PeerAt("two", Two));
        Assert.Equal(2, _world.Attempts.Count);
        _world.Hold(
            PeerAt("one", One), PeerAt("two", Two, spec => spec with { PasswordSecretName = "s" }), BasicAuth("s", "secret"),
            PeerAt("zero", "192.0.2.9"));
        Assert.Equal([One, Two, Two, "192.0.2.9"], _world.Attempts.Select(attempt => attempt.Peer.ToString()));
        Assert.DoesNotContain("Notification", string.Join(' ', _world.Routers[One].Heard), StringComparison.Ordinal);
        Assert.Contains("Notification 6/6", _world.Routers[Two].Heard);
        var handle = _world.Attempts[2].KeyHandle;
        Assert.DoesNotContain("secret", handle, StringComparison.Ordinal);
        Assert.Equal("secret"u8, _world.Node.KeyOf(handle).Span);
        _world.Hold(PeerAt("one", One), PeerAt("two", Two, spec => spec with { PasswordSecretName = "s" }), BasicAuth("s", "other"));
        Assert.NotEqual(handle, _world.Attempts[^1].KeyHandle);
        Assert.True(_world.Node.KeyOf(handle).IsEmpty);
    }

    [Fact]
    public void A_session_that_broke_comes_back_with_all_routes()
    {
        _world.Advertise("web", "10.20.0.4").Hold(PeerAt("one", One)).Break(One);
        Assert.Contains(_world.Logs, line => line.Message == "BGP session down");
        Assert.Empty(_world.Routers[One].Routes);
        _world.Advertise("other", "10.20.0.5").Pass(90);
        Assert.Equal(2, _world.Routers[One].Routes.Count);
    }

    [Fact]
    public void At_the_end_peers_are_asked_to_prefer_others_for_a_second_and_are_then_told()
    {
        _world.Advertise("web", "10.20.0.4").Hold(PeerAt("one", One));
        _world.Command(new BgpCommand.ShutDown());
        Assert.Equal("via 192.0.2.200 64500:7 65535:0", Assert.Single(_world.Routers[One].Routes).Value);
        Assert.False(_world.IsSilent);
        _world.Pass(1.2);
        Assert.True(_world.IsSilent);
        Assert.Equal("Notification 6/2", _world.Routers[One].Heard[^1]);
        Assert.False(_world.Routers[One].IsConnected);
    }

    [Fact]
    public void A_peer_with_graceful_restart_is_left_without_a_word_so_that_it_keeps_the_routes()
    {
        _world.Routers[One] = new() { GracefulRestart = true };
        _world.Advertise("web", "10.20.0.4").Hold(
            Profile("fast"), PeerAt("one", One, spec => spec with { EnableGracefulRestart = true, BfdProfile = "fast" }),
            PeerAt("two", Two, spec => spec with { BfdProfile = "fast" }));
        _world.Tell(Path(_world.BfdWishes[0].Key, BfdState.Init, BfdState.Up)).Pass(BgpNode.PathSettling.TotalSeconds);
        _world.Command(new BgpCommand.ShutDown());
        _world.Pass(1.2);
        // BFD is silent as well: a router that heard of the path's end would forget the routes.
        Assert.Equal(
            (BfdInputKind.SessionUnwanted, IpAddress.Parse(Two)), (_world.BfdWishes[^1].Kind, _world.BfdWishes[^1].Key.Peer));
        Assert.Single(_world.BfdWishes, wish => wish.Kind == BfdInputKind.SessionUnwanted);
        Assert.True(_world.IsSilent);
        Assert.False(_world.Routers[One].IsConnected);
        Assert.DoesNotContain("Notification", string.Join(' ', _world.Routers[One].Heard), StringComparison.Ordinal);
        Assert.Equal("via 192.0.2.200 64500:7", Assert.Single(_world.Routers[One].Routes).Value);
    }

    [Fact]
    public void With_graceful_restart_BFD_speaks_first_because_its_first_word_ends_a_session_of_a_router_that_knew_the_last_process()
    {
        _world.Routers[One] = new() { GracefulRestart = true };
        _world.Advertise("web", "10.20.0.4").Hold(
            Profile("fast"), PeerAt("one", One, spec => spec with { EnableGracefulRestart = true, BfdProfile = "fast" }),
            PeerAt("two", Two, spec => spec with { EnableGracefulRestart = true }));
        _world.Pass(1);
        Assert.Equal((false, true), (_world.Routers[One].IsConnected, _world.Routers[Two].IsConnected));
        _world.Tell(Path(_world.BfdWishes[0].Key, BfdState.Up, BfdState.Down));
        Assert.False(_world.Routers[One].IsConnected);
        _world.Tell(Path(_world.BfdWishes[0].Key, BfdState.Init, BfdState.Up));
        Assert.False(_world.Routers[One].IsConnected);
        _world.Pass(BgpNode.PathSettling.TotalSeconds);
        Assert.True(_world.Routers[One].IsConnected);
        Assert.Single(_world.Routers[One].Routes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_router_that_says_nothing_by_BFD_or_shall_not_is_connected_to_all_the_same(bool isPatient)
    {
        _world.Routers[One] = new() { GracefulRestart = true };
        _world.Advertise("web", "10.20.0.4").Hold(
            Profile("fast"), PeerAt("one", One, spec => spec with { EnableGracefulRestart = true, BfdProfile = "fast" }));
        Assert.False(_world.Routers[One].IsConnected);
        if (isPatient)
            _world.Pass(BgpNode.PathPatience.TotalSeconds);
        else
            _world.Hold(PeerAt("one", One, spec => spec with { EnableGracefulRestart = true }));
        Assert.True(_world.Routers[One].IsConnected);
    }

    [Fact]
    public void A_router_that_connects_by_itself_is_let_in_before_BFD_has_the_path()
    {
        _world.Hold(Profile("fast"), Peer(
            "one", spec => spec with { PeerAddress = One, EnableGracefulRestart = true, BfdProfile = "fast" }, "ferrolb.io/passive=true"));
        Assert.Equal(BgpSessionState.Active, Assert.Single(_world.Pass(1).Report.Sessions).State);
    }

    [Fact]
    public void BFD_watches_the_path_ends_the_session_when_it_is_lost_and_begins_it_when_it_is_found()
    {
        _world.Advertise("web", "10.20.0.4")
            .Hold(Profile("fast"), PeerAt("one", One, spec => spec with { BfdProfile = "fast" }), PeerAt("two", Two));
        var wish = Assert.Single(_world.BfdWishes);
        Assert.Equal((BfdInputKind.SessionWanted, new BfdSessionKey(false, IpAddress.Parse(One))), (wish.Kind, wish.Key));
        _world.Tell(Path(wish.Key, BfdState.Init, BfdState.Up));
        _world.Tell(Path(wish.Key, BfdState.Up, BfdState.Down)).Pass(1);
        Assert.Contains("Notification 6/10", _world.Routers[One].Heard);
        Assert.Equal(["Down", ""], _world.Report.Sessions.Select(session => $"{session.Bfd}"));
        Assert.Single(_world.Routers[Two].Routes);
        _world.Tell(Path(wish.Key, BfdState.Init, BfdState.Up));
        Assert.Single(_world.Routers[One].Routes);
        _world.Pass(2);
        _world.Hold(PeerAt("one", One), PeerAt("two", Two));
        Assert.Equal(BfdInputKind.SessionUnwanted, _world.BfdWishes[^1].Kind);
        Assert.Equal(2, _world.Report.Sessions.Count(session => session.State == BgpSessionState.Established));
    }

    [Theory]
    [InlineData("", "192.0.2.200")]
    [InlineData("10.9.8.7", "10.9.8.7")]
    public void The_identifier_is_the_written_one_or_the_address_that_faces_the_peer(string routerId, string expected)
    {
        _world.Hold(PeerAt("one", One, spec => spec with { RouterId = routerId.Length == 0 ? null : routerId }));
        Assert.Equal((uint)IpAddress.Parse(expected).Value, _world.Routers[One].Machine.Snapshot.PeerIdentifier);
    }

    [Theory]
    [InlineData("dummyhostname", "167.62.253.30")]
    [InlineData("kind-worker", "192.61.154.117")]
    public void A_node_without_IPv4_makes_its_identifier_of_its_name_as_MetalLB_does(string name, string expected)
    {
        var world = new BgpNodeWorld(name, "2001:db8::200/64").Hold(PeerAt("six", "2001:db8::1"));
        Assert.Equal((uint)IpAddress.Parse(expected).Value, world.Routers["2001:db8::1"].Machine.Snapshot.PeerIdentifier);
    }

    private static BgpNodeInput.BfdChanged Path(BfdSessionKey key, BfdState from, BfdState to) =>
        new(new(key, from, to, BfdDiagnostic.None, BfdState.Down, BfdDiagnostic.None));
}
