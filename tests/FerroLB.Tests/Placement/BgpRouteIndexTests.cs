using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;
using static FerroLB.Tests.Placement.BgpPlacementTests;

namespace FerroLB.Tests.Placement;

/// <summary>What each peer is told when Services share prefixes, and what changes when one of them does.</summary>
public sealed class BgpRouteIndexTests
{
    private readonly BgpRouteIndex _index = new();

    [Fact]
    public void An_aggregate_goes_with_the_last_service_in_it()
    {
        var config = Configured("10.20.0.0/24", new BgpAdvertisementSpec { AggregationLength = 24 });
        Put("a", config, "10.20.0.4");
        Assert.Equal(["10.20.0.0/24"], Changed());
        Put("b", config, "10.20.0.5");
        Assert.Empty(Changed());
        Remove("a");
        Assert.Empty(Changed());
        Assert.NotNull(_index.TermsFor("any", IpPrefix.Parse("10.20.0.0/24")));
        Remove("b");
        Assert.Equal(["10.20.0.0/24"], Changed());
        Assert.Null(_index.TermsFor("any", IpPrefix.Parse("10.20.0.0/24")));
        Assert.Equal(0, _index.PrefixCount);
    }

    [Fact]
    public void Services_that_share_an_address_share_its_route()
    {
        var config = Configured("10.20.0.0/24", new BgpAdvertisementSpec());
        Put("a", config, "10.20.0.4");
        Put("b", config, "10.20.0.4");
        _ = Changed();
        Remove("a");
        Assert.Empty(Changed());
        Assert.Single(_index.RoutesFor("any"));
    }

    [Fact]
    public void Communities_of_advertisements_that_meet_are_united()
    {
        var config = Configured(
            "10.20.0.0/24",
            new() { Communities = ["64512:2", "large:64512:1:1"], Peers = ["p1", "p2"] },
            new() { Communities = ["64512:1", "64512:2"], Peers = ["p2", "p3"] });
        Put("a", config, "10.20.0.4");
        Assert.Equal("large:64512:1:1 64512:2", Communities("p1"));
        Assert.Equal("large:64512:1:1 64512:1 64512:2", Communities("p2"));
        Assert.Equal("64512:1 64512:2", Communities("p3"));
        Assert.Null(_index.TermsFor("p4", IpPrefix.Parse("10.20.0.4/32")));
    }

    [Fact]
    public void Peers_get_only_what_names_them_or_nobody()
    {
        var config = Configured("10.20.0.0/24", new() { Peers = ["p1"], AggregationLength = 32 }, new() { AggregationLength = 24 });
        Put("a", config, "10.20.0.4");
        Assert.Equal(["10.20.0.0/24", "10.20.0.4/32"], Routes("p1"));
        Assert.Equal(["10.20.0.0/24"], Routes("p2"));
        Assert.Equal(["p1", "p2"], _index.PeersOf("a", ["p1", "p2"]));
        Assert.Empty(_index.PeersOf("b", ["p1", "p2"]));
    }

    [Fact]
    public void A_service_for_one_peer_is_advertised_to_that_peer_alone()
    {
        var config = Configured("10.20.0.0/24", new BgpAdvertisementSpec { Peers = ["p1"] });
        Put("a", config, "10.20.0.4");
        Assert.Equal(["p1"], _index.PeersOf("a", ["p1", "p2"]));
    }

    [Fact]
    public void Local_preference_med_and_prepending_come_from_the_advertisement()
    {
        var result = Build(
            Pool("main", "10.20.0.0/24"),
            BgpAd("ad", new() { LocalPref = 300 }, "ferrolb.io/med=7", "ferrolb.io/as-path-prepend=2"));
        Put("a", result.Config, "10.20.0.4");
        var terms = _index.TermsFor("p", IpPrefix.Parse("10.20.0.4/32"))!;
        Assert.Equal((300u, 7u, 2), (terms.LocalPref, terms.Med, terms.AsPathPrepend));
    }

    [Fact]
    public void Where_advertisements_meet_in_one_prefix_the_most_preferred_terms_hold()
    {
        var result = Build(
            Pool("main", "10.20.0.0/24"),
            BgpAd("a", new() { AggregationLength = 25, LocalPref = 100 }, "ferrolb.io/med=7"),
            BgpAd("b", new() { AggregationLength = 25, LocalPref = 100, Peers = ["p"] }, "ferrolb.io/med=5"));
        Assert.Empty(result.Rejections);
        Put("x", result.Config, "10.20.0.4");
        var terms = _index.TermsFor("p", IpPrefix.Parse("10.20.0.0/25"))!;
        Assert.Equal((100u, 5u), (terms.LocalPref, terms.Med));
        Assert.Equal(7u, _index.TermsFor("q", IpPrefix.Parse("10.20.0.0/25"))!.Med);
    }

    [Fact]
    public void Setting_the_same_again_changes_nothing()
    {
        var config = Configured("10.20.0.0/24", new BgpAdvertisementSpec());
        Put("a", config, "10.20.0.4");
        _ = Changed();
        Put("a", Configured("10.20.0.0/24", new BgpAdvertisementSpec()), "10.20.0.4");
        Assert.Empty(Changed());
    }

    [Fact]
    public void Another_community_or_length_changes_the_prefixes_concerned()
    {
        Put("a", Configured("10.20.0.0/24", new BgpAdvertisementSpec()), "10.20.0.4");
        _ = Changed();
        Put("a", Configured("10.20.0.0/24", new BgpAdvertisementSpec { Communities = ["1:1"] }), "10.20.0.4");
        Assert.Equal(["10.20.0.4/32"], Changed());
        Assert.Equal("1:1", Communities("any"));
        Put("a", Configured("10.20.0.0/24", new BgpAdvertisementSpec { AggregationLength = 24 }), "10.20.0.4");
        Assert.Equal(["10.20.0.0/24", "10.20.0.4/32"], Changed());
        Assert.Equal(["10.20.0.0/24"], Routes("any"));
    }

    /// <summary>The life of two Services on one node, step by step, as a peer sees it.</summary>
    [Fact]
    public void A_walk_through_the_life_of_two_services()
    {
        var config = Configured("10.20.0.0/24", new BgpAdvertisementSpec { AggregationLength = 32 });
        Step(config, "a", [], null, []);
        Step(config, "a", ["10.20.0.4"], request => request, ["10.20.0.4/32"]);
        Step(config, "a", ["10.20.0.4"], Local, []);
        Step(config, "a", ["10.20.0.4"], request => Local(request) with { HasLocalEndpoint = true }, ["10.20.0.4/32"]);
        Step(config, "a", ["10.20.0.4"], request => request with { HasServingEndpoint = false }, []);
        Step(config, "a", ["10.20.0.4"], request => request, ["10.20.0.4/32"]);
        Step(config, "b", [], null, ["10.20.0.4/32"]);
        Step(config, "b", ["10.20.0.5"], request => request, ["10.20.0.4/32", "10.20.0.5/32"]);
        Step(config, "b", ["10.20.0.4"], request => request, ["10.20.0.4/32"]);
        Step(config, "a", [], null, ["10.20.0.4/32"]);
        var two = Configured("10.20.0.0/24", new() { LocalPref = 100 }, new() { AggregationLength = 26, LocalPref = 200 });
        Step(two, "b", ["10.20.0.4"], request => request, ["10.20.0.0/26", "10.20.0.4/32"]);
        Step(two, "b", [], null, []);
    }

    [Fact]
    public void The_index_equals_what_is_computed_anew()
    {
        var random = new SeededRandom(11);
        ClusterConfig[] configs =
        [
            Configured("10.20.0.0/24", new BgpAdvertisementSpec()),
            Configured("10.20.0.0/24", new() { AggregationLength = 28 }, new() { Communities = ["1:1"], Peers = ["p1"] }),
            Configured("10.20.0.0/24",
                new() { AggregationLength = 28, Communities = ["2:2"] },
                new() { AggregationLength = 24, Peers = ["p2"] }),
        ];
        (string Peer, SortedDictionary<IpPrefix, BgpRouteTerms> Routes)[] told = [("p1", []), ("p2", [])];
        var services = new SortedDictionary<string, ImmutableArray<BgpContribution>>(StringComparer.Ordinal);
        for (var step = 0; step < 3000; step++)
        {
            var name = $"s{random.Next(12)}";
            var placement = Place(configs[random.Next(3)], Node("rack=1"), Request($"10.20.0.{random.Next(40)}"));
            services[name] = random.Chance(0.3) ? [] : placement.Contributions;
            _index.Set(name, services[name]);
            if (random.Chance(0.5))
                continue;
            foreach (var prefix in _index.TakeChanged())
            {
                foreach (var (peer, routes) in told)
                {
                    if (_index.TermsFor(peer, prefix) is { } terms)
                        routes[prefix] = terms;
                    else
                        routes.Remove(prefix);
                }
            }
            foreach (var (peer, routes) in told)
            {
                Assert.Equal(Anew(services, peer), routes);
                Assert.Equal(routes.Keys, _index.RoutesFor(peer).Select(route => route.Prefix));
            }
        }
    }

    private static SortedDictionary<IpPrefix, BgpRouteTerms> Anew(
        SortedDictionary<string, ImmutableArray<BgpContribution>> services, string peer) =>
        new(services.Values.SelectMany(contributions => contributions)
            .Where(contribution => contribution.Advertisement.ReachesPeer(peer))
            .GroupBy(contribution => contribution.Prefix)
            .ToDictionary(group => group.Key, group => BgpRouteTerms.Of([.. group.Select(contribution => contribution.Advertisement)])));

    private static BgpRequest Local(BgpRequest request) => request with { IsTrafficPolicyLocal = true };

    private void Step(ClusterConfig config, string service, string[] addresses, Func<BgpRequest, BgpRequest>? change, string[] expected)
    {
        if (addresses.Length == 0)
            Remove(service);
        else
            _index.Set(service, Place(config, Node("rack=1"), change!(Request(addresses))).Contributions);
        Assert.Equal(expected, Routes("any"));
    }

    private void Put(string service, ClusterConfig config, params string[] addresses) =>
        _index.Set(service, Place(config, Node("rack=1"), Request(addresses)) is { Verdict: BgpVerdict.Advertise } placement
            ? placement.Contributions
            : throw new InvalidOperationException("not advertised"));

    private void Remove(string service) => _index.Set(service, []);

    private IEnumerable<string> Changed() => _index.TakeChanged().Select(prefix => prefix.ToString());

    private IEnumerable<string> Routes(string peer) => _index.RoutesFor(peer).Select(route => route.Prefix.ToString());

    private string Communities(string peer) => string.Join(' ', _index.TermsFor(peer, IpPrefix.Parse("10.20.0.4/32"))!.Communities);
}
