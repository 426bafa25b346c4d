using System.Collections.Generic;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

public sealed class SelectorTests
{
    [Theory]
    [InlineData("In", "a,b", "k=a", true)]
    [InlineData("In", "a,b", "k=c", false)]
    [InlineData("In", "a,b", "x=a", false)]
    [InlineData("NotIn", "a,b", "k=a", false)]
    [InlineData("NotIn", "a,b", "k=c", true)]
    [InlineData("NotIn", "a,b", "x=a", true)]
    [InlineData("Exists", "", "k=", true)]
    [InlineData("Exists", "", "x=a", false)]
    [InlineData("DoesNotExist", "", "k=a", false)]
    [InlineData("DoesNotExist", "", "x=a", true)]
    public void An_expression_answers_as_Kubernetes_says(string question, string values, string label, bool matches)
    {
        var nodes = Compile(Where("k", question, values.Length == 0 ? [] : values.Split(',')));
        Assert.Equal(matches, nodes.Matches(Labels(label)));
    }

    [Fact]
    public void All_parts_of_a_selector_must_match_and_one_selector_of_a_list()
    {
        var both = new LabelSelector { MatchLabels = Labels("a=1"), MatchExpressions = Where("b", "Exists").MatchExpressions };
        var list = Compile(both, Labelled("c=3"));
        Assert.True(list.Matches(Labels("a=1", "b=2")));
        Assert.False(list.Matches(Labels("a=1")));
        Assert.False(list.Matches(Labels("b=2")));
        Assert.True(list.Matches(Labels("c=3")));
    }

    [Fact]
    public void An_empty_selector_matches_everything_and_an_empty_list_what_its_field_says()
    {
        Assert.True(Compile(new LabelSelector()).Matches(Labels()));
        Assert.False(SelectorList.Empty.Matches(Labels()));
        Assert.True(SelectorList.Empty.IsEmptyOrMatches(Labels()));
    }

    [Fact]
    public void Selectors_are_equal_whatever_the_order_in_which_they_are_written()
    {
        var one = new LabelSelector
        {
            MatchExpressions = [new() { Key = "a", Operator = "In", Values = ["2", "1"] }, new() { Key = "b", Operator = "Exists" }],
        };
        var other = new LabelSelector
        {
            MatchExpressions = [new() { Key = "b", Operator = "Exists" }, new() { Key = "a", Operator = "In", Values = ["1", "2"] }],
        };
        Assert.Equal(Compile(one).Selectors[0], Compile(other).Selectors[0]);
        Assert.Equal(Compile(one, Labelled("x=y")), Compile(Labelled("x=y"), other));
        Assert.NotEqual(Compile(one), Compile(Labelled("a=1")));
    }

    public static TheoryData<LabelSelector, string> Faulty => new()
    {
        { Where(null, "Exists"), ".matchExpressions[0].key" },
        { Where("bad key", "Exists"), ".matchExpressions[0].key" },
        { Where("-x", "Exists"), ".matchExpressions[0].key" },
        { Where("Upper.Case/x", "Exists"), ".matchExpressions[0].key" },
        { Where("a/b/c", "Exists"), ".matchExpressions[0].key" },
        { Where("/x", "Exists"), ".matchExpressions[0].key" },
        { Where(new string('k', 64), "Exists"), ".matchExpressions[0].key" },
        { Where("k", null), ".matchExpressions[0].operator" },
        { Where("k", "Surrounds", "v"), ".matchExpressions[0].operator" },
        { Where("k", "In"), ".matchExpressions[0].values" },
        { Where("k", "NotIn"), ".matchExpressions[0].values" },
        { Where("k", "Exists", "v"), ".matchExpressions[0].values" },
        { Where("k", "DoesNotExist", "v"), ".matchExpressions[0].values" },
        { Where("k", "In", "bad value"), ".matchExpressions[0].values" },
        { Where("k", "In", "a", "b", "a"), ".matchExpressions[0].values" },
        { Labelled("k=-v"), ".matchLabels[k]" },
        { Labelled("k =v"), ".matchLabels" },
        {
            new LabelSelector
            {
                MatchExpressions =
                [
                    new() { Key = "k", Operator = "In", Values = ["1", "2"] }, new() { Key = "k", Operator = "In", Values = ["2", "1"] },
                ],
            },
            ".matchExpressions[1]"
        },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public void A_faulty_selector_is_refused_and_its_place_named(LabelSelector selector, string place)
    {
        var rejection = Assert.Single(BuildWith(Labelled("fine=1"), selector).Rejections);
        Assert.Equal($"spec.nodeSelectors[1]{place}", rejection.Field);
    }

    [Theory]
    [InlineData("example.com/part-of_it.x")]
    [InlineData("K8s")]
    [InlineData("1")]
    public void Label_keys_that_Kubernetes_allows_are_allowed(string key) => Assert.Empty(BuildWith(Where(key, "Exists")).Rejections);

    [Fact]
    public void An_empty_label_value_is_allowed() => Assert.True(Compile(Labelled("k=")).Matches(Labels("k=")));

    [Fact]
    public void A_selector_repeated_in_a_list_is_refused()
    {
        foreach (var list in new List<L2AdvertisementSpec>
        {
            new() { NodeSelectors = [Labelled("a=b"), Labelled("a=b")] },
            new() { ServiceSelectors = [Where("a", "In", "1", "2"), Where("a", "In", "2", "1")] },
            new() { IpAddressPoolSelectors = [new(), new()] },
        })
            Assert.Contains("repeats an earlier selector", Assert.Single(Build(Advertisement("l2", list)).Rejections).Rule);
    }

    private static ConfigResult BuildWith(params LabelSelector[] selectors) =>
        Build(Advertisement("l2", new L2AdvertisementSpec { NodeSelectors = selectors }));

    private static SelectorList Compile(params LabelSelector[] selectors)
    {
        var result = BuildWith(selectors);
        Assert.Empty(result.Rejections);
        return result.Config.L2Advertisements[0].NodeSelectors;
    }
}
