using System.Linq;
using FerroLB.Core.Config;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class CommunityTests
{
    [Theory]
    [InlineData("64500:100", false, 64500u << 16 | 100, 0, 0)]
    [InlineData("0:0", false, 0, 0, 0)]
    [InlineData("65535:65282", false, 0xFFFFFF02, 0, 0)]
    [InlineData("00064:7", false, 64u << 16 | 7, 0, 0)]
    [InlineData("large:64500:1:4294967295", true, 64500, 1, 4294967295)]
    public void A_community_is_two_numbers_or_a_large_one_of_three(string text, bool isLarge, uint first, uint second, uint third)
    {
        Assert.True(CommunityValue.TryParse(text, out var value, out _));
        Assert.Equal((isLarge, first, second, third), (value.IsLarge, value.First, value.Second, value.Third));
    }

    [Theory]
    [InlineData("65536:1", true)]
    [InlineData("1:65536", true)]
    [InlineData("-1:1", true)]
    [InlineData("+1:1", true)]
    [InlineData("1: 1", true)]
    [InlineData("1:", true)]
    [InlineData("a:b", true)]
    [InlineData("large:1:2:4294967296", true)]
    [InlineData("Large:1:2:3", true)]
    [InlineData("1:2:3:4", true)]
    [InlineData("no-export", false)]
    [InlineData("64500", false)]
    [InlineData("64500:1:2", false)]
    [InlineData("large:1:2:3:4", false)]
    [InlineData("", false)]
    public void Other_texts_are_none_and_those_of_two_or_four_parts_were_meant_to_be(string text, bool isAlmost)
    {
        Assert.False(CommunityValue.TryParse(text, out _, out var almost));
        Assert.Equal(isAlmost, almost);
    }

    [Fact]
    public void Communities_are_ordered_by_number()
    {
        string[] texts = ["large:65536:0:1", "1:0", "large:65536:0:0", "0:7", "large:7:9:9", "65535:0", "large:6:9:9"];
        var values = texts.Select(text => CommunityValue.TryParse(text, out var value, out _) ? value : default).Order();
        Assert.Equal(
            "large:6:9:9 0:7 large:7:9:9 1:0 large:65536:0:0 large:65536:0:1 65535:0",
            string.Join(' ', values.Select(value => $"{value}")));
    }

    [Fact]
    public void Aliases_of_all_objects_can_be_used_and_win_over_literals()
    {
        var result = Build(
            Aliases("one", "gold=64500:1", "1:2=64500:3"), Aliases("two", "silver=large:64500:1:2"),
            BgpAd("ad", new() { Communities = ["silver", "gold", "1:2", "64500:9"] }));
        Assert.Empty(result.Rejections);
        Assert.Equal(
            ["large:64500:1:2", "64500:1", "64500:3", "64500:9"],
            result.Config.BgpAdvertisements[0].Communities.Select(value => value.ToString()));
    }

    [Theory]
    [InlineData("64500")]
    [InlineData("65536:1")]
    [InlineData("1:2:3")]
    [InlineData("large:1:2:x")]
    [InlineData("")]
    public void A_bad_value_is_refused(string value)
    {
        var result = Build(Aliases("c", "fine=1:1", $"bad={value}"));
        var rejection = Assert.Single(result.Rejections);
        Assert.Equal(("Community", "spec.communities[1].value", value), (rejection.Kind, rejection.Field, rejection.Value));
        Assert.Contains("is not a community; the object is not in force. Write two numbers up to 65535", rejection.ToString());
        Assert.Empty(result.Config.Communities);
    }

    [Fact]
    public void An_alias_defined_twice_in_one_object_is_refused()
    {
        var rejection = Assert.Single(Build(Aliases("c", "gold=1:1", "gold=1:2")).Rejections);
        Assert.Equal("spec.communities[1].name", rejection.Field);
        Assert.Contains("\"gold\" is defined twice in the object", rejection.ToString());
    }

    [Theory]
    [InlineData("gold=1:1", "gold=1:2")]
    [InlineData("gold=1:1", "gold=1:1")]
    [InlineData("gold=large:1:1:1", "gold=1:2")]
    public void An_alias_defined_in_two_objects_is_refused_in_the_later(string first, string second)
    {
        var result = Build(Aliases("b", second, "other=1:9"), Aliases("a", first), BgpAd("ad", new() { Communities = ["gold"] }));
        var rejection = Assert.Single(result.Rejections);
        Assert.Equal("b", rejection.Object.Name);
        Assert.Contains("spec.communities[0].name \"gold\" is defined by Community \"a\" already", rejection.ToString());
        Assert.Equal(first[5..], result.Config.BgpAdvertisements[0].Communities[0].ToString());
    }

    [Fact]
    public void An_unknown_alias_is_a_missing_reference_and_heals_when_it_is_defined()
    {
        var ad = BgpAd("ad", new() { Communities = ["gold"] });
        var unknown = Build(ad);
        var rejection = Assert.Single(unknown.Rejections);
        Assert.True(rejection.IsMissingReference);
        Assert.Contains(
            "BGPAdvertisement lb/ad: spec.communities[0] \"gold\" is neither a community nor an alias that a valid Community object " +
            "defines",
            rejection.ToString());
        Assert.Empty(unknown.Config.BgpAdvertisements);

        var known = Rebuild(unknown, ad, Aliases("c", "gold=1:1"));
        Assert.Empty(known.Rejections);
        var gone = Rebuild(known, ad);
        Assert.Contains("the last valid form stays in force", Assert.Single(gone.Rejections).ToString());
        Assert.Equal("1:1", gone.Config.BgpAdvertisements[0].Communities[0].ToString());
    }

    [Fact]
    public void A_changed_alias_changes_the_advertisements_that_use_it()
    {
        var first = Build(BgpAd("ad", new() { Communities = ["gold"] }), BgpAd("plain"), Aliases("c", "gold=1:1"));
        var second = Rebuild(first, BgpAd("ad", new() { Communities = ["gold"] }), BgpAd("plain"), Aliases("c", "gold=1:2"));
        Assert.NotSame(first.Config.BgpAdvertisements[0], second.Config.BgpAdvertisements[0]);
        Assert.Same(first.Config.BgpAdvertisements[1], second.Config.BgpAdvertisements[1]);
    }
}
