using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Config;
using Xunit;

namespace FerroLB.Tests.Config;

public sealed class RejectionSummaryTests
{
    [Fact]
    public void Nothing_rejected_is_nothing_to_say() => Assert.Equal("", RejectionSummary.Of([]));

    [Fact]
    public void Each_object_is_told_with_its_first_fault()
    {
        var text = RejectionSummary.Of([Rejection("a", "one"), Rejection("a", "two"), Rejection("a", "three"), Rejection("b", "four")]);
        Assert.Equal(
            "IPAddressPool metallb-system/a: spec.addresses[0] \"one\" is no address; the object is not in force. Write one. " +
            "(and 2 more faults of this object) " +
            "IPAddressPool metallb-system/b: spec.addresses[0] \"four\" is no address; the object is not in force. Write one.", text);
    }

    [Fact]
    public void Every_object_is_named_even_when_its_reason_finds_no_room()
    {
        var text = RejectionSummary.Of(Many(200));
        Assert.InRange(text.Length, 8_000, RejectionSummary.MostCharacters);
        Assert.Contains(" Also rejected: IPAddressPool metallb-system/pool-", text);
        for (var i = 0; i < 200; i++)
            Assert.Contains($"metallb-system/pool-{i:D4}", text);
        Assert.DoesNotContain("more", text);
    }

    [Fact]
    public void Too_many_names_are_counted_and_none_is_forgotten()
    {
        var text = RejectionSummary.Of(Many(5_000));
        Assert.InRange(text.Length, RejectionSummary.MostCharacters - 200, RejectionSummary.MostCharacters);
        var named = Enumerable.Range(0, 5_000).Count(i => text.Contains($"metallb-system/pool-{i:D4}"));
        Assert.EndsWith($", and {5_000 - named} more", text);
    }

    [Fact]
    public void One_endless_value_leaves_room_for_the_others()
    {
        var text = RejectionSummary.Of([Rejection("a", new string('9', 100_000)), Rejection("b", "x")]);
        Assert.InRange(text.Length, 100, 1_500);
        Assert.Contains("metallb-system/b", text);
    }

    private static List<ConfigRejection> Many(int count) => [.. Enumerable.Range(0, count).Select(i => Rejection($"pool-{i:D4}", "x"))];

    private static ConfigRejection Rejection(string name, string value) =>
        new("IPAddressPool", new("metallb-system", name), "spec.addresses[0]", value, "is no address", "Write one", false);
}
