using System;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Placement;

/// <summary>Which routes a node advertises for a Service, and why not.</summary>
public sealed class BgpPlacementTests
{
    private static readonly LabelSelector Rack1 = Labelled("rack=1");

    [Fact]
    public void An_address_is_advertised_as_a_host_route()
    {
        var placement = Place(new BgpAdvertisementSpec());
        Assert.Equal(BgpVerdict.Advertise, placement.Verdict);
        Assert.Equal("10.20.0.4/32", Assert.Single(placement.Contributions).Prefix.ToString());
        Assert.Equal("advertised as 10.20.0.4/32", placement.Explanation);
        Assert.Equal("", placement.LogReason);
    }

    [Fact]
    public void Several_advertisements_each_ask_for_their_prefix()
    {
        var placement = Place(new() { AggregationLength = 32, LocalPref = 100 }, new() { AggregationLength = 24, LocalPref = 200 });
        Assert.Equal(["10.20.0.4/32", "10.20.0.0/24"], placement.Contributions.Select(c => c.Prefix.ToString()));
    }

    [Fact]
    public void Both_families_have_their_own_length()
    {
        var lengths = new BgpAdvertisementSpec { AggregationLength = 26, AggregationLengthV6 = 124 };
        var config = Configured("10.20.0.0/24 fd00:20::/64", lengths);
        var placement = Place(config, Node("rack=1"), Request("10.20.0.70", "fd00:20::1f"));
        Assert.Equal(["10.20.0.64/26", "fd00:20::10/124"], placement.Contributions.Select(c => c.Prefix.ToString()));
    }

    [Fact]
    public void Without_an_advertisement_of_the_pool_nothing_is_advertised()
    {
        var placement = Place(new BgpAdvertisementSpec { IpAddressPools = ["other"] });
        Assert.Equal((BgpVerdict.NodeNotCovered, "notOwner"), (placement.Verdict, placement.LogReason));
        Assert.Empty(placement.Contributions);
    }

    [Fact]
    public void An_address_outside_all_pools_is_not_advertised()
    {
        var placement = BgpPlacement.Of(Configured("10.20.0.0/24", new BgpAdvertisementSpec()), null, Node("rack=1"), false, Request());
        Assert.Equal((BgpVerdict.AddressNotInPools, "ipNotAllowed"), (placement.Verdict, placement.LogReason));
    }

    [Theory]
    [InlineData("rack=1", BgpVerdict.Advertise)]
    [InlineData("rack=2", BgpVerdict.NodeNotCovered)]
    [InlineData(null, BgpVerdict.NodeNotCovered)]
    public void Only_nodes_that_the_advertisement_selects_advertise(string? label, BgpVerdict expected)
    {
        var config = Configured("10.20.0.0/24", new BgpAdvertisementSpec { NodeSelectors = [Rack1] });
        Assert.Equal(expected, Place(config, Node(label), Request()).Verdict);
    }

    [Fact]
    public void A_node_that_is_not_known_advertises_what_selects_no_nodes() =>
        Assert.Equal(BgpVerdict.Advertise, Place(Configured("10.20.0.0/24", new BgpAdvertisementSpec()), Node(null), Request()).Verdict);

    [Theory]
    [InlineData("app=nginx", BgpVerdict.Advertise)]
    [InlineData("app=apache", BgpVerdict.Advertise)]
    [InlineData("app=other", BgpVerdict.NoMatchingAdvertisement)]
    [InlineData("x=y", BgpVerdict.NoMatchingAdvertisement)]
    public void Service_selectors_are_alternatives(string label, BgpVerdict expected)
    {
        var config = Configured(
            "10.20.0.0/24", new BgpAdvertisementSpec { ServiceSelectors = [Labelled("app=nginx"), Labelled("app=apache")] });
        Assert.Equal(expected, Place(config, Node("rack=1"), Request() with { Labels = Labels(label) }).Verdict);
    }

    [Fact]
    public void Service_selectors_of_several_advertisements_choose_each_for_itself()
    {
        var config = Configured(
            "10.20.0.0/24",
            new() { ServiceSelectors = [Labelled("app=a")], Communities = ["1:1"] },
            new() { ServiceSelectors = [Labelled("app=b")], Communities = ["2:2"] },
            new() { Communities = ["3:3"] });
        var placement = Place(config, Node("rack=1"), Request() with { Labels = Labels("app=b") });
        Assert.Equal(["ad1", "ad2"], placement.Contributions.Select(c => c.Advertisement.Name));
    }

    [Fact]
    public void Services_whose_advertisements_disagree_about_the_preference_are_not_advertised()
    {
        var config = Configured(
            "10.20.0.0/24",
            new() { ServiceSelectors = [Labelled("app=a")], LocalPref = 100 },
            new() { ServiceSelectors = [Labelled("tier=b")], LocalPref = 200 });
        var placement = Place(config, Node("rack=1"), Request() with { Labels = Labels("app=a", "tier=b") });
        Assert.Equal((BgpVerdict.ConflictingAdvertisements, "conflictingAdvertisements"), (placement.Verdict, placement.LogReason));
        Assert.Contains("BGPAdvertisements ad0 and ad1 ask for different local preferences", placement.Explanation);
        Assert.Equal(
            BgpVerdict.Advertise, Place(config, Node("rack=1"), Request() with { Labels = Labels("app=a") }).Verdict);
    }

    [Fact]
    public void A_node_without_network_advertises_nothing()
    {
        var node = Node("rack=1") with { IsNetworkUnavailable = true };
        var placement = Place(Configured("10.20.0.0/24", new BgpAdvertisementSpec()), node, Request());
        Assert.Equal((BgpVerdict.NetworkUnavailable, "nodeNetworkUnavailable"), (placement.Verdict, placement.LogReason));
    }

    [Theory]
    [InlineData(false, BgpVerdict.ExcludedByLabel)]
    [InlineData(true, BgpVerdict.Advertise)]
    public void A_node_excluded_by_label_advertises_only_when_the_flag_says_so(bool ignoresLabel, BgpVerdict expected)
    {
        var config = Configured("10.20.0.0/24", new BgpAdvertisementSpec());
        var node = Node($"{Layer2Election.ExcludeLabel}=");
        Assert.Equal(expected, BgpPlacement.Of(config, config.Pools[0], node, ignoresLabel, Request()).Verdict);
    }

    [Theory]
    [InlineData(false, true, false, "")]
    [InlineData(false, false, false, "noEndpoints")]
    [InlineData(true, true, false, "noLocalEndpoints")]
    [InlineData(true, true, true, "")]
    [InlineData(true, false, false, "noEndpoints")]
    public void Endpoints_decide_by_traffic_policy(bool isLocal, bool hasAny, bool hasLocal, string reason)
    {
        var request = Request() with { IsTrafficPolicyLocal = isLocal, HasServingEndpoint = hasAny, HasLocalEndpoint = hasLocal };
        Assert.Equal(reason, Place(Configured("10.20.0.0/24", new BgpAdvertisementSpec()), Node("rack=1"), request).LogReason);
    }

    [Fact]
    public void Reasons_come_in_a_fixed_order()
    {
        var config = Configured("10.20.0.0/24", new BgpAdvertisementSpec());
        var unfit = Node($"{Layer2Election.ExcludeLabel}=") with { IsNetworkUnavailable = true };
        var request = Request() with { IsTrafficPolicyLocal = true, HasServingEndpoint = false };
        Assert.Equal(BgpVerdict.NetworkUnavailable, Place(config, unfit, request).Verdict);
        Assert.Equal(BgpVerdict.ExcludedByLabel, Place(config, unfit with { IsNetworkUnavailable = false }, request).Verdict);
        Assert.Equal(BgpVerdict.NoServingEndpoint, Place(config, Node("rack=1"), request).Verdict);
    }

    [Fact]
    public void Every_verdict_has_words()
    {
        foreach (var verdict in Enum.GetValues<BgpVerdict>())
        {
            var placement = new BgpPlacement(verdict, []);
            Assert.NotEmpty(placement.Explanation);
            Assert.Equal(verdict == BgpVerdict.Advertise, placement.LogReason.Length == 0);
        }
    }

    internal static BgpRequest Request(params string[] addresses) =>
        new([.. (addresses.Length == 0 ? ["10.20.0.4"] : addresses).Select(IpAddress.Parse)]) { HasServingEndpoint = true };

    internal static PlacementNode Node(string? label) => new("node-1", label is null ? null : Labels(label), true, false);

    /// <summary>A pool and one advertisement for each spec, named ad0, ad1 and so on.</summary>
    internal static ClusterConfig Configured(string addresses, params BgpAdvertisementSpec[] specs)
    {
        var result = Build([
            Pool("main", addresses.Split(' ')), NodeOf("node-1", "rack=1"), .. specs.Select((spec, i) => BgpAd($"ad{i}", spec)),
        ]);
        Assert.Empty(result.Rejections);
        return result.Config;
    }

    internal static BgpPlacement Place(ClusterConfig config, PlacementNode node, BgpRequest request) =>
        BgpPlacement.Of(config, config.Pools[0], node, false, request);

    private static BgpPlacement Place(params BgpAdvertisementSpec[] specs) =>
        Place(Configured("10.20.0.0/24", specs), Node("rack=1"), Request());
}
