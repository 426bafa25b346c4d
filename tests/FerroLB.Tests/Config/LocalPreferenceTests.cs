using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

/// <summary>Two advertisements of one pool with different LOCAL_PREF.</summary>
public sealed class LocalPreferenceTests
{
    private const string V4 = "10.0.0.0/8";
    private const string V6 = "2001:db8::/32";
    private static readonly Node[] Nodes = [NodeOf("n1", "rack=a"), NodeOf("n2", "rack=b")];

    public static TheoryData<string, string, BgpAdvertisementSpec, BgpAdvertisementSpec> Compatible => new()
    {
        { "equal", V4, new() { LocalPref = 100 }, new() { LocalPref = 100 } },
        { "both unset", V4, new(), new() { LocalPref = 0 } },
        { "other IPv4 length", V4, new() { LocalPref = 100 }, new() { LocalPref = 200, AggregationLength = 24 } },
        { "other IPv6 length", V6, new() { LocalPref = 100 }, new() { LocalPref = 200, AggregationLengthV6 = 64 } },
        {
            "both lengths differ", $"{V4},{V6}", new() { LocalPref = 100 },
            new() { LocalPref = 200, AggregationLength = 24, AggregationLengthV6 = 64 }
        },
        { "other peers", V4, new() { LocalPref = 100, Peers = ["a", "b"] }, new() { LocalPref = 200, Peers = ["c"] } },
        {
            "other nodes", V4, new() { LocalPref = 100, NodeSelectors = [Labelled("rack=a")] },
            new() { LocalPref = 200, NodeSelectors = [Labelled("rack=b")] }
        },
        { "other pools", V4, new() { LocalPref = 100, IpAddressPools = ["p"] }, new() { LocalPref = 200, IpAddressPools = ["q"] } },
        { "Service selectors", V4, new() { LocalPref = 100 }, new() { LocalPref = 200, ServiceSelectors = [Labelled("a=b")] } },
    };

    [Theory]
    [MemberData(nameof(Compatible))]
    public void These_go_together(string what, string addresses, BgpAdvertisementSpec first, BgpAdvertisementSpec second)
    {
        IpAddressPool[] others = second.IpAddressPools is null ? [] : [Pool("q", "172.16.0.0/12")];
        var result = Build([Pool("p", addresses.Split(',')), .. others, BgpAd("a", first), BgpAd("b", second), .. Nodes]);
        Assert.True(result.Rejections.IsEmpty, $"{what}: {string.Join(' ', result.Rejections)}");
    }

    public static TheoryData<string, string, BgpAdvertisementSpec, BgpAdvertisementSpec> Clashing => new()
    {
        { "same peers and nodes", V4, new() { LocalPref = 100 }, new() { LocalPref = 200 } },
        { "one unset", V4, new(), new() { LocalPref = 200 } },
        { "other IPv6 length of an IPv4 pool", V4, new() { LocalPref = 100 }, new() { LocalPref = 200, AggregationLengthV6 = 64 } },
        { "one length of two", $"{V4},{V6}", new() { LocalPref = 100 }, new() { LocalPref = 200, AggregationLength = 24 } },
        { "peers in common", V4, new() { LocalPref = 100, Peers = ["a", "b"] }, new() { LocalPref = 200, Peers = ["b", "c"] } },
        { "all peers and some", V4, new() { LocalPref = 100 }, new() { LocalPref = 200, Peers = ["c"] } },
        { "all nodes and some", V4, new() { LocalPref = 100 }, new() { LocalPref = 200, NodeSelectors = [Labelled("rack=b")] } },
    };

    [Theory]
    [MemberData(nameof(Clashing))]
    public void Of_these_the_later_by_name_is_not_used(
        string what, string addresses, BgpAdvertisementSpec first, BgpAdvertisementSpec second)
    {
        var result = Build([Pool("p", addresses.Split(',')), BgpAd("b", second), BgpAd("a", first), .. Nodes]);
        var rejection = Assert.Single(result.Rejections).ToString();
        Assert.StartsWith(
            $"BGPAdvertisement lb/b: spec.localPref \"200\" differs from {first.LocalPref ?? 0} in BGPAdvertisement \"a\"", rejection);
        Assert.Contains("; it is not used for IPAddressPool \"p\". Use the same localPref, or separate the two by peers", rejection);
        Assert.Equal(["a"], result.Config.BgpAdvertisementsOf(result.Config.Pools[0]).Select(ad => ad.Name));
        Assert.True(result.Config.BgpAdvertisements.Length == 2, what);
    }

    [Fact]
    public void Without_any_known_node_all_selectors_are_taken_to_meet()
    {
        var result = Build(
            Pool("p", V4), BgpAd("a", new() { LocalPref = 1, NodeSelectors = [Labelled("rack=a")] }),
            BgpAd("b", new() { LocalPref = 2, NodeSelectors = [Labelled("rack=b")] }));
        Assert.Equal("b", Assert.Single(result.Rejections).Object.Name);
    }

    [Fact]
    public void An_advertisement_in_force_is_not_pushed_aside_and_one_edited_to_clash_keeps_its_last_valid_form()
    {
        var first = Build([Pool("p", V4), BgpAd("m", new() { LocalPref = 100 }), .. Nodes]);
        var later = Rebuild(first, [Pool("p", V4), BgpAd("a", new() { LocalPref = 200 }), BgpAd("m", new() { LocalPref = 100 }), .. Nodes]);
        Assert.Equal("a", Assert.Single(later.Rejections).Object.Name);
        Assert.Equal("m", Assert.Single(later.Config.BgpAdvertisementsOf(later.Config.Pools[0])).Name);
        var again = Rebuild(later, [Pool("p", V4), BgpAd("a", new() { LocalPref = 200 }), BgpAd("m", new() { LocalPref = 100 }), .. Nodes]);
        Assert.Same(later.Config, again.Config);
        var alone = Rebuild(again, [Pool("p", V4), BgpAd("a", new() { LocalPref = 200 }), .. Nodes]);
        Assert.Equal("a", Assert.Single(alone.Config.BgpAdvertisementsOf(alone.Config.Pools[0])).Name);

        var both = Build([Pool("p", V4), BgpAd("a", new() { LocalPref = 100 }), BgpAd("m", new() { LocalPref = 100 }), .. Nodes]);
        var edited = Rebuild(both, [Pool("p", V4), BgpAd("a", new() { LocalPref = 200 }), BgpAd("m", new() { LocalPref = 100 }), .. Nodes]);
        Assert.True(Assert.Single(edited.Rejections).LastValidFormInForce);
        Assert.Same(both.Config, edited.Config);
    }

    [Fact]
    public void For_one_Service_the_clash_is_found_among_the_advertisements_that_match_it()
    {
        var config = Build([
            Pool("p", V4), BgpAd("a", new() { LocalPref = 100, ServiceSelectors = [Labelled("app=x")] }),
            BgpAd("b", new() { LocalPref = 200 }),
            BgpAd("c", new() { LocalPref = 200, ServiceSelectors = [Labelled("app=y")] }), .. Nodes]).Config;
        var pool = config.Pools[0];
        (BgpAdvertisementConfig First, BgpAdvertisementConfig Second)? Find(string label) =>
            LocalPreferenceClash.Find([.. config.BgpAdvertisementsOf(pool).Where(ad => ad.MatchesService(Labels(label)))], pool);

        Assert.Equal(("a", "b"), (Find("app=x")!.Value.First.Name, Find("app=x")!.Value.Second.Name));
        Assert.Null(Find("app=y"));
        Assert.Null(Find("app=z"));
    }
}
