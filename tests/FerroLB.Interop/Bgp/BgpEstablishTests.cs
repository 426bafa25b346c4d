using System;
using System.IO;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Interop.Bgp;

/// <summary>Sessions with the routers that people own.</summary>
public sealed class BgpEstablishTests : IDisposable
{
    private static readonly BgpRouterSpec V4 = new();
    private static readonly BgpRouterSpec V6 = new() { Node = "fd98::2", Router = "fd98::3" };

    private readonly TestLan _lan = new("node", "router");

    public BgpEstablishTests()
    {
        _lan.Ip("node", "-6 addr add fd98::2/64 dev eth0 nodad");
        _lan.Ip("router", "-6 addr add fd98::3/64 dev eth0 nodad");
    }

    public static TheoryData<string, bool> Routers
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var router in new[] { "FRR", "BIRD", "GoBGP", "ExaBGP", "OpenBGPD" })
            {
                data.Add(router, false);
                data.Add(router, true);
            }
            return data;
        }
    }

    public void Dispose() => _lan.Dispose();

    [Theory]
    [MemberData(nameof(Routers))]
    public void A_session_with_three_seconds_of_hold_time_stays_up_and_its_route_arrives(string router, bool isIPv6)
    {
        var spec = isIPv6 ? V6 : V4;
        using var peer = BgpRouter.Start(router, _lan, spec);
        using var node = new BgpNode(_lan, "node", ConfigFor(spec), "", isIPv6 ? "fd99::7/128" : "203.0.113.7/32");
        node.UntilState(BgpSessionState.Established);
        _lan.Until($"{router} has the route", () => peer.Routes().Contains(isIPv6 ? "fd99::7" : "203.0.113.7", StringComparison.Ordinal));
        var since = node.Session.Counters;
        _lan.Until("keepalives have gone both ways for longer than the hold time", () =>
            node.Session.Counters is var now && now.KeepAlivesReceived > since.KeepAlivesReceived + 4
            && now.KeepAlivesSent > since.KeepAlivesSent + 4);
        var session = node.Session;
        Assert.Equal(3, session.Negotiated!.HoldTimeSeconds);
        Assert.Equal(1, session.Counters.Establishments);
        Assert.True(session.Negotiated.FourOctetAs);
    }

    [Theory]
    [InlineData("FRR")]
    [InlineData("BIRD")]
    [InlineData("GoBGP")]
    public void A_session_with_signatures_comes_up_with_the_right_password_only(string router)
    {
        var spec = V4 with { Password = "correct-horse" };
        using var peer = BgpRouter.Start(router, _lan, spec);
        using (var stranger = new BgpNode(_lan, "node", ConfigFor(spec), "wrong"))
        {
            stranger.UntilError("MD5 key differs");
            Assert.Equal(0, stranger.Session.Counters.OpensReceived);
        }
        using var node = new BgpNode(_lan, "node", ConfigFor(spec), spec.Password);
        node.UntilState(BgpSessionState.Established);
    }

    [Theory]
    [InlineData("FRR")]
    [InlineData("BIRD")]
    [InlineData("GoBGP")]
    [InlineData("ExaBGP")]
    [InlineData("OpenBGPD")]
    public void A_router_that_connects_by_itself_is_let_in_by_a_passive_session(string router)
    {
        var spec = V4 with { IsPassive = false, Password = "secret" };
        using var node = new BgpNode(_lan, "node", ConfigFor(spec) with { IsPassive = true }, "secret", "203.0.113.7/32");
        using var peer = BgpRouter.Start(router, _lan, spec);
        node.UntilState(BgpSessionState.Established);
        _lan.Until($"{router} has the route", () => peer.Routes().Contains("203.0.113.7", StringComparison.Ordinal));
    }

    [Fact]
    public void Frr_confirms_what_was_agreed_upon_and_why_a_session_ended()
    {
        using var frr = new FrrBgp(_lan, V4);
        using (var node = new BgpNode(_lan, "node", ConfigFor(V4) with { GracefulRestart = true, HoldTimeSeconds = 30 }))
        {
            node.UntilState(BgpSessionState.Established);
            var neighbor = frr.Neighbor;
            Assert.Equal("Established", neighbor.GetProperty("bgpState").GetString());
            Assert.Equal(3_000, neighbor.GetProperty("bgpTimerHoldTimeMsecs").GetInt32());
            Assert.Equal("advertisedAndReceived", neighbor.GetProperty("neighborCapabilities").GetProperty("4byteAs").GetString());
            Assert.Equal("Restart", neighbor.GetProperty("gracefulRestartInfo").GetProperty("remoteGrMode").GetString());
            node.Tell(new BgpSessionInput.StopRequested(BgpStopReason.AdministrativeShutdown, "maintenance"));
            _lan.Until("FRR saw the reason", () =>
                frr.Run($"show bgp neighbors {V4.Node}").Contains("Administrative Shutdown", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_router_of_another_AS_is_explained_with_both_numbers()
    {
        using var frr = new FrrBgp(_lan, V4);
        using var node = new BgpNode(_lan, "node", ConfigFor(V4) with { PeerAsn = 65077 });
        node.UntilError("the peer is in AS 65002, and AS 65077 is configured");
        using var other = new BgpNode(_lan, "node", ConfigFor(V4) with { LocalAsn = 65078 });
        other.UntilError("the peer does not accept our AS 65078");
    }

    [Fact]
    public void A_router_that_is_killed_and_comes_back_is_found_again()
    {
        using var node = new BgpNode(_lan, "node", ConfigFor(V4));
        using (var frr = new FrrBgp(_lan, V4))
        {
            node.UntilState(BgpSessionState.Established);
            frr.Kill();
            _lan.Until("the session is lost", () => node.Session.State != BgpSessionState.Established);
        }
        using var again = new FrrBgp(_lan, V4);
        node.UntilState(BgpSessionState.Established);
        Assert.Equal(2, node.Session.Counters.Establishments);
    }

    [Fact]
    public void A_source_address_that_the_node_lacks_is_a_clear_error()
    {
        using var node = new BgpNode(_lan, "node", ConfigFor(V4) with { Source = IpAddress.Parse("10.98.0.99") });
        node.UntilError("the source address 10.98.0.99 is not an address of this node");
    }

    [Fact]
    public void A_session_in_a_VRF_is_bound_to_its_device_and_a_device_that_is_absent_is_a_clear_error()
    {
        // Any device serves: what makes it a VRF is the kernel's business.
        using var frr = new FrrBgp(_lan, V4);
        using (var lost = new BgpNode(_lan, "node", ConfigFor(V4) with { Vrf = "red" }))
            lost.UntilError("there is no VRF red on this node");
        using var node = new BgpNode(_lan, "node", ConfigFor(V4) with { Vrf = "eth0" });
        node.UntilState(BgpSessionState.Established);
        Assert.Contains(
            $"{V4.Node}%eth0:", _lan.Try("node", "ss", "-Htn", "state", "established", "dport = :179").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Ttl_security_accepts_a_neighbour_and_not_one_that_could_be_far_away()
    {
        using var frr = new FrrBgp(_lan, V4);
        using (var strict = new BgpNode(_lan, "node", ConfigFor(V4) with { TtlSecurityHops = 1 }))
        {
            // FRR sends TTL 1 to an external peer, so nothing of what it says arrives.
            strict.UntilState(BgpSessionState.OpenSent);
            Assert.Equal(0, strict.Session.Counters.OpensReceived);
        }
        frr.Run("configure terminal", "router bgp 65002", $"neighbor {V4.Node} ttl-security hops 1");
        using var node = new BgpNode(_lan, "node", ConfigFor(V4) with { TtlSecurityHops = 1 });
        node.UntilState(BgpSessionState.Established);
    }

    [Theory]
    [InlineData("FRR", true)]
    [InlineData("FRR", false)]
    [InlineData("BIRD", true)]
    [InlineData("BIRD", false)]
    public void Routes_outlive_a_restart_exactly_where_both_sides_agreed_to_it(string router, bool isGraceful)
    {
        using var peer = BgpRouter.Start(router, _lan, V4 with { HoldSeconds = 90 });
        var config = ConfigFor(V4) with { GracefulRestart = isGraceful };
        bool HasRoute() => peer.Routes().Contains("203.0.113.7", StringComparison.Ordinal);
        using (var first = new BgpNode(_lan, "node", config, "", "203.0.113.7/32"))
        {
            first.UntilState(BgpSessionState.Established);
            _lan.Until($"{router} has the route", HasRoute);
            first.Tell(new BgpSessionInput.StopRequested(BgpStopReason.Restart));
            first.UntilState(BgpSessionState.Idle);
        }
        if (!isGraceful)
            _lan.Until($"{router} has lost the route", () => !HasRoute());
        Assert.Equal(isGraceful, HasRoute());
        using var second = new BgpNode(_lan, "node", config, "", "203.0.113.7/32");
        second.UntilState(BgpSessionState.Established);
        _lan.Until($"{router} has the route of the new session", () => second.Session.Counters.UpdatesSent >= 2 && HasRoute());
    }

    [Theory]
    [InlineData("FRR", 100)]
    [InlineData("BIRD", 100)]
    [InlineData("ExaBGP", 100)]
    public void Sessions_one_after_the_other_leave_nothing_behind(string router, int count)
    {
        using var peer = BgpRouter.Start(router, _lan, V4 with { HoldSeconds = 90 });
        using var node = new BgpNode(_lan, "node", ConfigFor(V4));
        node.UntilState(BgpSessionState.Established);
        var before = OpenFiles();
        for (var i = 1; i <= count; i++)
        {
            node.Tell(new BgpSessionInput.ResetRequested());
            _lan.Until($"session {i + 1} is there", () =>
                node.Session is { State: BgpSessionState.Established } session && session.Counters.Establishments == i + 1);
        }
        _lan.Until("connections are closed", () => OpenFiles() <= before + 2);
    }

    private static int OpenFiles() =>
        Directory.GetFileSystemEntries("/proc/self/fd").Count(name =>
            new FileInfo(name).LinkTarget?.StartsWith("socket", StringComparison.Ordinal) == true);

    private static BgpSessionConfig ConfigFor(BgpRouterSpec spec) => new()
    {
        LocalAsn = spec.NodeAsn,
        PeerAsn = spec.RouterAsn,
        Identifier = 0x0A620002,
        Peer = IpAddress.Parse(spec.Router),
        IPv4Unicast = !spec.IsIPv6,
        IPv6Unicast = spec.IsIPv6,
        HoldTimeSeconds = 90,
        KeepAliveSeconds = 30,
    };
}
