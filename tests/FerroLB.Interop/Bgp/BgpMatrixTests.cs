using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using FerroLB.Core.Config;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Interop.Bgp;

/// <summary>What each of the routers that people own makes of what a speaker says, as far as the router can: docs/interop.md.</summary>
public sealed partial class BgpMatrixTests : IDisposable
{
    private const uint LongAsn = 4_200_000_001;
    private const string Farewell = "the speaker is shutting down";
    private static readonly BgpRouterSpec V4 = new();
    private static readonly BgpRouterSpec V6 = new() { Node = "fd98::2", Router = "fd98::3" };

    private static readonly BgpAdvertisementConfig Plain = new("plain");

    private static readonly BgpAdvertisementConfig Rich = new("rich")
    {
        LocalPref = 250,
        Med = 77,
        Communities = [CommunityValue.Standard(65001, 7), CommunityValue.Large(65001, 8, 9)],
    };

    private readonly TestLan _lan = new("node", "router");

    public BgpMatrixTests()
    {
        _lan.Ip("node", "-6 addr add fd98::2/64 dev eth0 nodad");
        _lan.Ip("router", "-6 addr add fd98::3/64 dev eth0 nodad");
    }

    public void Dispose() => _lan.Dispose();

    [Theory]
    [InlineData("FRR", "Notification received (Cease/Administrative Shutdown")]
    [InlineData("BIRD", Farewell)]
    [InlineData("GoBGP", Farewell)]
    [InlineData("ExaBGP", "message of type NOTIFICATION")]
    [InlineData("OpenBGPD", Farewell)]
    public void An_internal_router_sees_all_attributes_of_a_thousand_routes_without_hold_time_asks_again_and_hears_why_it_ends(
        string router, string ending)
    {
        var spec = V4 with { RouterAsn = 65001, HoldSeconds = 90 };
        using var peer = BgpRouter.Start(router, _lan, spec);
        using var station = new BgpStation(
            _lan, "node", PeerOf(spec) with { HoldTime = TimeSpan.Zero, KeepaliveTime = TimeSpan.Zero }, Rich,
            [.. Enumerable.Range(0, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"10.80.{i / 250}.{i % 250}/32"))]);
        station.UntilState(BgpSessionState.Established);
        Assert.Contains(station.Established.Fields, field => field is { Name: "holdSeconds", Value: "0" });
        _lan.Until($"{router} knows a thousand routes", () => peer.CountRoutes("10.80.") == 1000);
        var seen = peer.Describe("10.80.3.249/32");
        foreach (var part in (string[])[@"10\.98\.0\.2\b", @"\b250\b", @"\b77\b", @"65001\W+7\b", @"65001\W+8\W+9\b"])
            Assert.Matches(part, seen);
        // One message or two, by what the router takes, and the mark of the end.
        _lan.Until("all messages are counted", () => station.Count("updates_total") >= 2);
        var updates = station.Count("updates_total");
        if (peer.AskAgain())
            _lan.Until($"{router} was told again", () => station.Count("updates_total") > updates);
        station.ShutDown();
        _lan.Until($"{router} heard why", () => peer.Session().Contains(ending, StringComparison.Ordinal));
        Assert.Equal(1, station.SessionCount);
    }

    [Theory]
    [InlineData("FRR")]
    [InlineData("BIRD")]
    [InlineData("GoBGP")]
    [InlineData("ExaBGP")]
    [InlineData("OpenBGPD")]
    public void A_router_with_signatures_over_IPv6_is_found_again_when_it_was_killed_before_its_OPEN_and_later(string router)
    {
        var spec = V6 with { Password = "correct-horse" };
        var first = BgpRouter.Start(router, _lan, spec);
        first.Signal("STOP");
        using var station = new BgpStation(_lan, "node", PeerOf(spec), Plain, "fd99::7/128");
        station.UntilState(BgpSessionState.OpenSent);
        first.Signal("KILL");
        // The port is free only when the process is gone.
        first.Dispose();
        using (var second = BgpRouter.Start(router, _lan, spec))
        {
            station.UntilState(BgpSessionState.Established);
            _lan.Until($"{router} has the route", () => second.Routes().Contains("fd99::7", StringComparison.Ordinal));
            second.Signal("KILL");
        }
        _lan.Until("the session is lost", () => station.Session!.State != BgpSessionState.Established);
    }

    [Theory]
    [InlineData("FRR", LongAsn, "23456")]
    [InlineData("BIRD", 65001, "65001")]
    [InlineData("ExaBGP", LongAsn, "23456")]
    [InlineData("OpenBGPD", LongAsn, "4200000001")]
    public void A_router_that_knows_two_octets_of_an_AS_number_and_one_with_a_role_get_the_routes(string router, uint asn, string path)
    {
        var spec = V4 with { NodeAsn = asn, TwoOctetAs = true, HasRole = true };
        using var peer = BgpRouter.Start(router, _lan, spec);
        using var station = new BgpStation(_lan, "node", PeerOf(spec), Rich, "203.0.113.7/32");
        station.UntilState(BgpSessionState.Established);
        _lan.Until($"{router} has the route", () => peer.Routes().Contains("203.0.113.7", StringComparison.Ordinal));
        Assert.Contains(path, peer.Describe("203.0.113.7/32"), StringComparison.Ordinal);
        Assert.Contains(station.Established.Fields, field => field is { Name: "asn", Value: "65002" });
    }

    [Theory]
    [InlineData("FRR")]
    [InlineData("BIRD")]
    [InlineData("GoBGP")]
    [InlineData("ExaBGP")]
    public void A_router_learns_an_IPv4_route_with_an_IPv6_next_hop_over_IPv6(string router)
    {
        var spec = V6 with { ExtendedNextHop = true, HasRole = true };
        using var peer = BgpRouter.Start(router, _lan, spec);
        var config = new BgpSessionConfig
        {
            LocalAsn = spec.NodeAsn, PeerAsn = spec.RouterAsn, Identifier = 0x0A620002, Peer = IpAddress.Parse(spec.Router),
            IPv4Unicast = true, IPv4OverIPv6 = true, ConnectRetrySeconds = 1,
        };
        using var node = new BgpNode(_lan, "node", config, "", "203.0.113.7/32");
        node.UntilState(BgpSessionState.Established);
        _lan.Until($"{router} has the route", () => peer.Routes().Contains("203.0.113.7", StringComparison.Ordinal));
        Assert.Contains("fd98::2", peer.Describe("203.0.113.7/32"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FRR", true)]
    [InlineData("BIRD", true)]
    [InlineData("GoBGP", true)]
    [InlineData("ExaBGP", false)]
    [InlineData("OpenBGPD", true)]
    public void A_neighbour_by_its_TTL_carries_both_families_on_one_session_and_keeps_the_routes_while_the_node_restarts(
        string router, bool keepsRoutes)
    {
        var spec = V4 with { HasTtlSecurity = true, BothFamilies = true, KeepsRoutes = true, HoldSeconds = 90 };
        using var peer = BgpRouter.Start(router, _lan, spec);
        var config = PeerOf(spec) with { TtlSecurityHops = 1, DualStack = true, GracefulRestart = true };
        bool HasRoutes() => peer.Routes() is var routes && routes.Contains("203.0.113.7", StringComparison.Ordinal)
            && routes.Contains("fd99::7", StringComparison.Ordinal);
        using (var first = new BgpStation(_lan, "node", config, Rich, "203.0.113.7/32", "fd99::7/128"))
        {
            first.UntilState(BgpSessionState.Established);
            _lan.Until($"{router} has the routes", HasRoutes);
            first.ShutDown();
        }
        if (keepsRoutes)
        {
            _lan.Until($"{router} has noticed", () => !EstablishedState().IsMatch(peer.Session()));
            Assert.True(HasRoutes(), peer.Session());
        }
        using var second = new BgpStation(_lan, "node", config, Rich, "203.0.113.7/32", "fd99::7/128");
        second.UntilState(BgpSessionState.Established);
        _lan.Until($"{router} has the routes of the new session", () => second.Count("updates_total") >= 4 && HasRoutes());
    }

    [Theory]
    [InlineData("BIRD")]
    [InlineData("GoBGP")]
    [InlineData("ExaBGP")]
    [InlineData("OpenBGPD")]
    public void An_external_router_beyond_another_gets_the_routes(string router)
    {
        _lan.PutBeyond("lan", "node", "router");
        var spec = V4 with { Router = "10.99.0.3", Hops = 2 };
        using var peer = BgpRouter.Start(router, _lan, spec);
        using var station = new BgpStation(_lan, "node", PeerOf(spec) with { EbgpMultiHop = true }, Plain, "203.0.113.7/32");
        station.UntilState(BgpSessionState.Established);
        _lan.Until($"{router} has the route", () => peer.Routes().Contains("203.0.113.7", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"BGP state\W+established", RegexOptions.IgnoreCase)]
    private static partial Regex EstablishedState();

    private static PeerConfig PeerOf(BgpRouterSpec spec) => new("router")
    {
        MyAsn = spec.NodeAsn,
        PeerAsn = spec.RouterAsn,
        Address = IpAddress.Parse(spec.Router),
        ConnectTime = TimeSpan.FromSeconds(1),
        Password = spec.Password.Length == 0 ? null : SessionPassword.Inline(spec.Password),
    };
}
