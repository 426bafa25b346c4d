using FerroLB.Core.Config;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

/// <summary>What cannot be used or read at all.</summary>
public sealed class ForeignObjectTests
{
    [Fact]
    public void Text_for_FRR_is_reported_and_the_rest_is_used()
    {
        var result = Build(Extras("extras", "route-map x permit 10"), Pool("p", "10.0.0.0/24"));
        Assert.Equal(
            "ConfigMap lb/bgpextras: data.extras holds configuration for FRR, which FerroLB does not use; it has no effect. Delete the " +
            "ConfigMap.",
            Assert.Single(result.Rejections).ToString());
        Assert.Single(result.Config.Pools);
    }

    [Theory]
    [InlineData("extras", "")]
    [InlineData("extras", " \n")]
    [InlineData("other", "text")]
    public void A_map_without_such_text_is_nothing_to_report(string key, string text) => Assert.Empty(Build(Extras(key, text)).Rejections);

    [Fact]
    public void An_unreadable_object_is_rejected_and_its_last_readable_form_stays()
    {
        var sources = Sources(Pool("kept", "10.0.0.0/24")) with
        {
            Unreadable =
            [
                new("IPAddressPool", new("lb", "kept"), "spec.addresses[1]", "must be a string, found a number"),
                new("BGPPeer", new("lb", "new"), "spec.myASN", "must be a whole number, found a string"),
            ],
        };
        var result = ConfigBuilder.Build(sources, ConfigResult.Empty);
        Assert.Equal(
            "IPAddressPool lb/kept: spec.addresses[1] must be a string, found a number; the last valid form stays in force. " +
            "Correct the field.",
            result.Rejections[0].ToString());
        Assert.Equal(
            "BGPPeer lb/new: spec.myASN must be a whole number, found a string; the object is not in force. Correct the field.",
            result.Rejections[1].ToString());
        Assert.Single(result.Config.Pools);
    }

    [Fact]
    public void A_value_of_any_length_makes_a_message_of_bounded_length()
    {
        var rejection = Assert.Single(Build(Pool("p", new string('9', 1_000_000))).Rejections);
        Assert.EndsWith("999...", rejection.Value);
        Assert.InRange(rejection.ToString().Length, 200, 600);
    }

    private static ConfigMap Extras(string key, string text) =>
        new() { Metadata = new() { Name = "bgpextras", Namespace = "lb" }, Data = CompactDictionary.From([new(key, text)]) };
}
