using System;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class BgpAdvertisementTests
{
    private static readonly LabelSelectorRequirement Exists = new() { Key = "k", Operator = "Exists" };

    [Fact]
    public void An_empty_advertisement_is_for_every_pool_node_Service_and_peer_with_host_routes()
    {
        var result = Build(Pool("p", "10.0.0.0/28", "2001:db8::/120"), BgpAd("ad"));
        Assert.Empty(result.Rejections);
        var ad = Assert.Single(result.Config.BgpAdvertisementsOf(result.Config.Pools[0]));
        Assert.True(ad.CoversNode(Labels()) && ad.MatchesService(Labels()) && ad.ReachesPeer("any"));
        Assert.Equal("10.0.0.7/32", ad.PrefixOf(IpAddress.Parse("10.0.0.7")).ToString());
        Assert.Equal("2001:db8::7/128", ad.PrefixOf(IpAddress.Parse("2001:db8::7")).ToString());
        Assert.Equal((0u, null, 0), (ad.LocalPref, ad.Med, ad.AsPathPrepend));
        Assert.Empty(ad.Communities);
    }

    [Fact]
    public void Everything_that_routes_need_is_carried_over()
    {
        var result = Build(
            Pool("p", "10.0.0.0/16", "2001:db8::/32"),
            BgpAd(
                "ad",
                new()
                {
                    AggregationLength = 24, AggregationLengthV6 = 64, LocalPref = 4294967295, Communities = ["1:2"], IpAddressPools = ["p"],
                    NodeSelectors = [Labelled("edge=yes")], Peers = ["tor"],
                },
                "ferrolb.io/med=50", "ferrolb.io/as-path-prepend=3"));
        Assert.Empty(result.Rejections);
        var ad = result.Config.BgpAdvertisements[0];
        Assert.Equal("10.0.7.0/24", ad.PrefixOf(IpAddress.Parse("10.0.7.7")).ToString());
        Assert.Equal("2001:db8:0:7::/64", ad.PrefixOf(IpAddress.Parse("2001:db8:0:7::7")).ToString());
        Assert.Equal((uint.MaxValue, 50u, 3), (ad.LocalPref, ad.Med!.Value, ad.AsPathPrepend));
        Assert.True(ad.ReachesPeer("tor") && ad.CoversNode(Labels("edge=yes")));
        Assert.False(ad.ReachesPeer("other") || ad.CoversNode(Labels()));
    }

    [Fact]
    public void Pools_are_chosen_by_name_and_label_and_unknown_ones_are_ignored()
    {
        KubeObject[] pools =
            [Pool("one", "10.0.0.0/24"), Pool("two", new IpAddressPoolSpec { Addresses = ["10.0.1.0/24"] }, Labels("zone=west"))];
        string Attached(BgpAdvertisementSpec spec)
        {
            var result = Build([.. pools, BgpAd("ad", spec)]);
            Assert.Empty(result.Rejections);
            return string.Join(' ', result.Config.Pools.Where(p => result.Config.BgpAdvertisementsOf(p).Length > 0).Select(p => p.Name));
        }

        Assert.Equal("one two", Attached(new()));
        Assert.Equal("one", Attached(new() { IpAddressPools = ["one", "missing"] }));
        Assert.Equal("two", Attached(new() { IpAddressPoolSelectors = [Labelled("zone=west")] }));
        Assert.Equal("one two", Attached(new() { IpAddressPools = ["one", "two"], IpAddressPoolSelectors = [Labelled("zone=west")] }));
        Assert.Equal("", Attached(new() { IpAddressPoolSelectors = [Labelled("zone=north")] }));
        Assert.Equal("", Attached(new() { IpAddressPools = ["missing"] }));
    }

    public static TheoryData<string, BgpAdvertisementSpec, string> Faulty => new()
    {
        { "long v4", new() { AggregationLength = 33 }, "spec.aggregationLength \"33\" is not between 1 and 32" },
        { "no v4 length", new() { AggregationLength = 0 }, "spec.aggregationLength \"0\" is not between 1 and 32" },
        { "long v6", new() { AggregationLengthV6 = 129 }, "spec.aggregationLengthV6 \"129\" is not between 0 and 128" },
        { "negative v6", new() { AggregationLengthV6 = -1 }, "spec.aggregationLengthV6 \"-1\" is not between 0 and 128" },
        { "large preference", new() { LocalPref = 4294967296 }, "spec.localPref \"4294967296\" is not between 0 and 4294967295" },
        { "negative preference", new() { LocalPref = -1 }, "spec.localPref \"-1\" is not between 0 and 4294967295" },
        { "pool twice", new() { IpAddressPools = ["a", "a"] }, "spec.ipAddressPools[1] \"a\" is listed twice" },
        { "peer twice", new() { Peers = ["a", "b", "a"] }, "spec.peers[2] \"a\" is listed twice" },
        { "community twice", new() { Communities = ["1:1", "1:1"] }, "spec.communities[1] \"1:1\" is listed twice" },
        { "community of letters", new() { Communities = ["x:y"] }, "spec.communities[0] \"x:y\" is not a community" },
        { "community beyond 16 bits", new() { Communities = ["65536:1"] }, "spec.communities[0] \"65536:1\" is not a community" },
        { "large community beyond 32 bits", new() { Communities = ["large:1:1:4294967296"] }, "is not a community" },
        {
            "pool selector twice", new() { IpAddressPoolSelectors = [Labelled("a=b"), Labelled("a=b")] },
            "spec.ipAddressPoolSelectors[1] \"a=b;\" repeats an earlier selector"
        },
        {
            "node selector twice", new() { NodeSelectors = [Labelled("a=b"), Labelled("a=b")] },
            "spec.nodeSelectors[1] \"a=b;\" repeats an earlier selector"
        },
        {
            "Service selector twice", new() { ServiceSelectors = [Labelled("a=b"), Labelled("a=b")] },
            "spec.serviceSelectors[1] \"a=b;\" repeats an earlier selector"
        },
        {
            "value twice", new() { NodeSelectors = [Where("k", "In", "v", "v")] },
            "spec.nodeSelectors[0].matchExpressions[0].values \"v\" is listed twice"
        },
        {
            "expression twice",
            new() { NodeSelectors = [new() { MatchExpressions = [Exists, Exists] }] },
            "spec.nodeSelectors[0].matchExpressions[1] \"k\" repeats an earlier expression"
        },
        {
            "Service selectors with an aggregate of IPv4", new() { ServiceSelectors = [Labelled("a=b")], AggregationLength = 24 },
            "spec.aggregationLength \"24\" is set together with spec.serviceSelectors"
        },
        {
            "Service selectors with an aggregate of IPv6", new() { ServiceSelectors = [Labelled("a=b")], AggregationLengthV6 = 64 },
            "spec.aggregationLengthV6 \"64\" is set together with spec.serviceSelectors"
        },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void A_faulty_advertisement_is_refused_with_the_reason(string what, BgpAdvertisementSpec spec, string text)
    {
        var result = Build(Pool("p", "10.0.0.0/8"), BgpAd("ad", spec));
        var rejection = Assert.Single(result.Rejections);
        Assert.StartsWith("BGPAdvertisement lb/ad: ", rejection.ToString(), StringComparison.Ordinal);
        Assert.True(rejection.ToString().Contains(text, StringComparison.Ordinal), $"{what}: {rejection}");
        Assert.Empty(result.Config.BgpAdvertisements);
    }

    [Theory]
    [InlineData("ferrolb.io/med=-1", "is not a number from 0 to 4294967295")]
    [InlineData("ferrolb.io/med=4294967296", "is not a number from 0 to 4294967295")]
    [InlineData("ferrolb.io/as-path-prepend=11", "metadata.annotations[ferrolb.io/as-path-prepend] \"11\" is not a number from 0 to 10")]
    public void A_faulty_annotation_is_refused(string annotation, string text) =>
        Assert.Contains(text, Assert.Single(Build(BgpAd("ad", null, annotation)).Rejections).ToString());

    [Theory]
    [InlineData(32, null)]
    [InlineData(null, 128)]
    [InlineData(32, 128)]
    [InlineData(null, null)]
    public void Service_selectors_go_with_host_routes(int? v4, int? v6)
    {
        var spec = new BgpAdvertisementSpec
        {
            ServiceSelectors = [Labelled("app=a"), Labelled("app=b")], AggregationLength = v4, AggregationLengthV6 = v6,
        };
        var result = Build(Pool("p", "10.0.0.0/24"), BgpAd("ad", spec));
        Assert.Empty(result.Rejections);
        var ad = result.Config.BgpAdvertisements[0];
        Assert.True(ad.MatchesService(Labels("app=a")) && ad.MatchesService(Labels("app=b")));
        Assert.False(ad.MatchesService(Labels("app=c")));
    }

    [Theory]
    [InlineData("10.0.0.0/28", 26, null, "spec.aggregationLength \"26\" is shorter than the prefix length 28 of \"10.0.0.0/28\"")]
    [InlineData("10.0.0.10-10.0.0.40", 26, null, "\"26\" is shorter than the prefix length 28 of \"10.0.0.10-10.0.0.40\"")]
    [InlineData("2001:db8::/120", null, 64, "spec.aggregationLengthV6 \"64\" is shorter than the prefix length 120 of \"2001:db8::/120\"")]
    public void An_aggregate_larger_than_the_pool_is_refused(string addresses, int? v4, int? v6, string text)
    {
        var result = Build(
            Pool("p", addresses), Pool("wide", "10.1.0.0/16", "2001:db8:1::/48"),
            BgpAd("ad", new() { AggregationLength = v4, AggregationLengthV6 = v6 }));
        var rejection = Assert.Single(result.Rejections).ToString();
        Assert.Contains(text, rejection);
        Assert.Contains("in IPAddressPool \"p\", so that addresses outside of the pool would be advertised", rejection);
        Assert.Contains("; it is not used for IPAddressPool \"p\". Choose at least ", rejection);
        Assert.Empty(result.Config.BgpAdvertisementsOf(result.Config.FindPool("p")!));
        Assert.Single(result.Config.BgpAdvertisementsOf(result.Config.FindPool("wide")!));
    }

    [Theory]
    [InlineData("10.0.0.0/24", 24, null)]
    [InlineData("10.0.0.0/24", 28, null)]
    [InlineData("10.0.0.10-10.0.0.40", 28, null)]
    [InlineData("10.0.0.0-10.0.1.3", 24, null)]
    [InlineData("2001:db8::/64", 8, 64)]
    public void An_aggregate_that_the_largest_block_of_each_entry_holds_is_used(string addresses, int? v4, int? v6)
    {
        var result = Build(Pool("p", addresses), BgpAd("ad", new() { AggregationLength = v4, AggregationLengthV6 = v6 }));
        Assert.Empty(result.Rejections);
        Assert.Single(result.Config.BgpAdvertisementsOf(result.Config.Pools[0]));
    }

    [Fact]
    public void An_aggregate_edited_to_be_too_large_keeps_its_last_valid_form()
    {
        var first = Build(Pool("p", "10.0.0.0/28"), BgpAd("ad"));
        var second = Rebuild(first, Pool("p", "10.0.0.0/28"), BgpAd("ad", new() { AggregationLength = 26 }));
        Assert.Contains("the last valid form stays in force", Assert.Single(second.Rejections).ToString());
        Assert.Same(first.Config, second.Config);
    }

    [Fact]
    public void A_pool_that_comes_later_takes_nothing_away_from_an_advertisement()
    {
        var ad = BgpAd("ad", new() { AggregationLength = 24 });
        var first = Build(Pool("wide", "10.0.0.0/16"), ad);
        var second = Rebuild(first, Pool("wide", "10.0.0.0/16"), Pool("narrow", "10.9.0.0/28"), ad);
        Assert.Contains("it is not used for IPAddressPool \"narrow\"", Assert.Single(second.Rejections).ToString());
        Assert.Single(second.Config.BgpAdvertisementsOf(second.Config.FindPool("wide")!));
        Assert.Equal(2, second.Config.Pools.Length);
    }

    [Fact]
    public void The_same_objects_make_the_same_instance_even_where_an_advertisement_is_not_used()
    {
        KubeObject[] objects = [Pool("p", "10.0.0.0/28"), BgpAd("ad", new() { AggregationLength = 26 })];
        var first = Build(objects);
        var second = Rebuild(first, objects);
        Assert.Same(first.Config, second.Config);
        Assert.Equal(first.Rejections.AsEnumerable(), second.Rejections);
    }
}
