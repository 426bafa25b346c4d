using System.Linq;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class LastValidFormTests
{
    [Fact]
    public void An_invalid_object_leaves_the_others_in_use()
    {
        var result = Build(
            Pool("bad", "nonsense"), Pool("good", "10.0.0.0/24"), Advertisement("fine"),
            Advertisement("twice", new L2AdvertisementSpec { IpAddressPools = ["good", "good"] }));
        Assert.Equal("good", Assert.Single(result.Config.Pools).Name);
        Assert.Equal("fine", Assert.Single(result.Config.L2Advertisements).Name);
        Assert.Equal(["bad", "twice"], result.Rejections.Select(rejection => rejection.Object.Name));
    }

    [Fact]
    public void An_object_edited_to_be_invalid_keeps_its_last_valid_form_until_it_is_mended_or_deleted()
    {
        var valid = Build(Pool("p", "10.0.0.0/24"), Advertisement("l2"));
        var badPool = Pool("p", "10.0.0.0/24", "nonsense");
        var badAdvertisement = Advertisement("l2", new L2AdvertisementSpec { NodeSelectors = [Where("k", "Near", "x")] });
        var broken = Rebuild(valid, badPool, badAdvertisement);
        Assert.Same(valid.Config, broken.Config);
        Assert.Equal(2, broken.Rejections.Length);
        Assert.All(broken.Rejections, rejection => Assert.True(rejection.LastValidFormInForce));
        Assert.Contains("the last valid form stays in force", broken.Rejections[0].ToString());

        var stillBroken = Rebuild(broken, badPool, badAdvertisement);
        Assert.Same(valid.Config, stillBroken.Config);
        Assert.Equal(broken.Rejections.AsEnumerable(), stillBroken.Rejections);

        var mended = Rebuild(stillBroken, Pool("p", "10.0.1.0/24"), Advertisement("l2"));
        Assert.Empty(mended.Rejections);
        Assert.Equal("10.0.1.0/24", mended.Config.Pools[0].Blocks[0].ToString());
        Assert.Empty(Rebuild(broken, badAdvertisement).Config.Pools);
    }

    [Fact]
    public void An_unchanged_configuration_keeps_its_instance_whatever_the_order_of_the_objects()
    {
        var first = Build(Pool("a", "10.0.0.0/24"), Pool("b", "10.0.1.0/24"), Advertisement("x"), Advertisement("y"));
        var second = Rebuild(first, Advertisement("y"), Pool("b", "10.0.1.0/24"), Advertisement("x"), Pool("a", "10.0.0.0/24"));
        Assert.Same(first.Config, second.Config);
    }

    [Fact]
    public void A_changed_object_leaves_the_instances_of_the_others_alone()
    {
        var first = Build(Pool("a", "10.0.0.0/24"), Pool("b", "10.0.1.0/24"));
        var second = Rebuild(first, Pool("a", "10.0.0.0/24"), Pool("b", "10.0.2.0/24"));
        Assert.NotSame(first.Config, second.Config);
        Assert.Same(first.Config.Pools[0], second.Config.Pools[0]);
        Assert.NotSame(first.Config.Pools[1], second.Config.Pools[1]);
    }

    [Fact]
    public void A_change_of_labels_is_a_change()
    {
        var spec = new IpAddressPoolSpec { Addresses = ["10.0.0.0/24"] };
        var first = Build(Pool("a", spec));
        Assert.NotSame(first.Config, Rebuild(first, Pool("a", spec, Labels("k=v"))).Config);
    }

    [Fact]
    public void Of_two_objects_with_one_name_the_first_is_used()
    {
        var stranger = Pool("p", "10.0.1.0/24") with { Metadata = new() { Name = "p", Namespace = "other" } };
        var result = Build(stranger, Pool("p", "10.0.0.0/24"));
        Assert.Equal("10.0.0.0/24", Assert.Single(result.Config.Pools).Blocks[0].ToString());
        Assert.Equal("other", Assert.Single(result.Rejections).Object.Namespace);
    }
}
