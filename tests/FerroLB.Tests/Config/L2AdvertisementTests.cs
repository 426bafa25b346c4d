using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class L2AdvertisementTests
{
    [Fact]
    public void An_advertisement_without_pools_applies_to_every_pool() =>
        Assert.Equal("one:l2 two:l2", Attached(new L2AdvertisementSpec()));

    [Fact]
    public void Names_and_labels_of_pools_add_up_and_unknown_names_are_ignored()
    {
        Assert.Equal("one:l2 two:", Attached(new() { IpAddressPools = ["one", "missing"] }));
        Assert.Equal("one: two:l2", Attached(new() { IpAddressPoolSelectors = [Labelled("zone=west")] }));
        Assert.Equal("one:l2 two:l2", Attached(new() { IpAddressPools = ["one"], IpAddressPoolSelectors = [Labelled("zone=west")] }));
        Assert.Equal("one:l2 two:", Attached(new() { IpAddressPools = ["one"], IpAddressPoolSelectors = [Labelled("zone=east")] }));
    }

    [Fact]
    public void Selectors_that_match_no_pool_select_none() =>
        Assert.Equal("one: two:", Attached(new() { IpAddressPoolSelectors = [Labelled("zone=north")] }));

    [Fact]
    public void Repeated_pools_are_refused_and_repeated_interfaces_are_not()
    {
        Assert.Equal(
            "spec.ipAddressPools[1]", Assert.Single(Build(Advertisement("l2", new() { IpAddressPools = ["a", "a"] })).Rejections).Field);
        var result = Build(Advertisement("l2", new() { Interfaces = ["eth1", "eth0", "eth1"] }));
        Assert.Empty(result.Rejections);
        Assert.Equal(["eth0", "eth1"], result.Config.L2Advertisements[0].Interfaces);
    }

    [Fact]
    public void A_faulty_preference_is_refused()
    {
        static string FieldOf(int weight, LabelSelector? preference) => Assert.Single(Build(Advertisement(
            "l2", new() { PreferredNodeSelectors = [new() { Weight = weight, Preference = preference }] })).Rejections).Field;
        Assert.Equal("spec.preferredNodeSelectors[0].preference.matchExpressions[0].operator", FieldOf(1, Where("k", "Like", "v")));
        Assert.Equal("spec.preferredNodeSelectors[0].weight", FieldOf(0, new()));
        Assert.Equal("spec.preferredNodeSelectors[0].weight", FieldOf(101, new()));
    }

    [Fact]
    public void Preferences_may_be_repeated_because_their_weights_add_up()
    {
        var wish = new PreferredNodeSelector { Weight = 5, Preference = Labelled("a=b") };
        Assert.Empty(Build(Advertisement("l2", new() { PreferredNodeSelectors = [wish, wish] })).Rejections);
    }

    [Fact]
    public void The_annotation_about_subnets_is_read_and_keeps_an_advertisement_from_being_redundant()
    {
        static L2Advertisement Annotated(string name, string value) =>
            Advertisement(name) with { Metadata = new() { Name = name, Annotations = Labels($"ferrolb.io/any-subnet={value}") } };
        var config = Build(Pool("p", "10.0.0.0/24"), Advertisement("a"), Annotated("b", "true"), Annotated("c", "false")).Config;
        Assert.Equal([false, true, false], config.L2Advertisements.Select(advertisement => advertisement.AllowsAnySubnet));
        Assert.Equal("a,b", Names(config, config.Pools[0]));
        Assert.Contains(
            "metadata.annotations[ferrolb.io/any-subnet] \"1\" is neither \"true\" nor \"false\"",
            Assert.Single(Build(Annotated("b", "1")).Rejections).ToString());
    }

    public static TheoryData<L2AdvertisementSpec, L2AdvertisementSpec, int> Twins => new()
    {
        { new(), new(), 1 },
        { new() { NodeSelectors = [Labelled("a=1")] }, new() { NodeSelectors = [Labelled("a=1")] }, 1 },
        { new() { NodeSelectors = [Labelled("a=1")] }, new() { NodeSelectors = [Labelled("a=2")] }, 2 },
        { new() { NodeSelectors = [Labelled("a=1")] }, new(), 2 },
        { new() { Interfaces = ["x"] }, new() { Interfaces = ["y"] }, 2 },
        { new() { Interfaces = ["x"] }, new(), 2 },
        { new() { Interfaces = ["x", "y"] }, new() { Interfaces = ["y", "x"] }, 1 },
        { new() { ServiceSelectors = [Labelled("a=1")] }, new() { ServiceSelectors = [Labelled("a=2")] }, 2 },
        { new() { ServiceSelectors = [Labelled("a=1")] }, new(), 2 },
        {
            new() { ServiceSelectors = [Labelled("a=1"), Labelled("a=2")] },
            new() { ServiceSelectors = [Labelled("a=2"), Labelled("a=1")] }, 1
        },
        { new() { PreferredNodeSelectors = [new() { Weight = 1 }] }, new(), 2 },
        { new(), new() { PreferredNodeSelectors = [new() { Weight = 1 }] }, 2 },
        { new() { PreferredNodeSelectors = [new() { Weight = 1 }] }, new() { PreferredNodeSelectors = [new() { Weight = 1 }] }, 2 },
    };

    [Theory]
    [MemberData(nameof(Twins))]
    public void An_advertisement_that_adds_nothing_is_attached_once(L2AdvertisementSpec first, L2AdvertisementSpec second, int count)
    {
        var config = Build(Pool("p", "10.0.0.0/24"), Advertisement("a", first), Advertisement("b", second)).Config;
        Assert.Equal(count, config.L2AdvertisementsOf(config.Pools[0]).Length);
        Assert.Equal(2, config.L2Advertisements.Length);
    }

    private static string Attached(L2AdvertisementSpec spec)
    {
        var result = Build(
            Pool("one", "10.0.0.0/24"), Pool("two", new IpAddressPoolSpec { Addresses = ["10.0.1.0/24"] }, Labels("zone=west")),
            Advertisement("l2", spec));
        Assert.Empty(result.Rejections);
        return string.Join(' ', result.Config.Pools.Select(pool => $"{pool.Name}:{Names(result.Config, pool)}"));
    }

    private static string Names(ClusterConfig config, PoolConfig pool) =>
        string.Join(',', config.L2AdvertisementsOf(pool).Select(advertisement => advertisement.Name));
}
