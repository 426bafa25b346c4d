using System.Linq;
using FerroLB.Core.Nodes;
using Xunit;

namespace FerroLB.Tests.Nodes;

public sealed class InterfaceExclusionsTests
{
    private static readonly string[] Shipped =
    [
        "^docker.*", "^cbr.*", "^dummy.*", "^virbr.*", "^lxcbr.*", "^veth.*", "^lo$", "^cali.*", "^tunl.*", "^flannel.*", "^kube-ipvs.*",
        "^cni.*", "^nodelocaldns.*", "^lxc.*",
    ];

    [Theory]
    [InlineData("lo", true)]
    [InlineData("lo0", false)]
    [InlineData("docker0", true)]
    [InlineData("veth1234", true)]
    [InlineData("cni0", true)]
    [InlineData("eth0", false)]
    [InlineData("bond0", false)]
    [InlineData("mydocker", false)]
    [InlineData("", false)]
    public void Names_are_matched_against_every_pattern(string name, bool isExcluded)
    {
        Assert.True(InterfaceExclusions.TryCreate(Shipped, out var exclusions, out _));
        Assert.Equal(isExcluded, exclusions.Excludes(name));
    }

    [Fact]
    public void Patterns_are_not_anchored()
    {
        Assert.True(InterfaceExclusions.TryCreate(["th"], out var exclusions, out _));
        Assert.True(exclusions.Excludes("eth0"));
        Assert.False(exclusions.Excludes("ETH0"));
    }

    [Fact]
    public void No_pattern_excludes_nothing()
    {
        Assert.True(InterfaceExclusions.TryCreate([], out var exclusions, out _));
        Assert.False(exclusions.Excludes("lo"));
        Assert.False(InterfaceExclusions.None.Excludes("lo"));
    }

    [Theory]
    [InlineData("^eth[[:digit:]]+$", "eth12", true)]
    [InlineData("^eth[[:digit:]]+$", "ethd:", false)]
    [InlineData("^eth[^[:digit:]]", "ethx", true)]
    [InlineData("^(?P<kind>tap|tun)", "tun0", true)]
    public void Patterns_of_re2_mean_what_they_meant(string pattern, string name, bool isExcluded)
    {
        Assert.True(InterfaceExclusions.TryCreate([pattern], out var exclusions, out _));
        Assert.Equal(isExcluded, exclusions.Excludes(name));
    }

    [Theory]
    [InlineData("[[:vowel:]]")]
    [InlineData("^eth(")]
    [InlineData("[z-a]")]
    [InlineData("*")]
    [InlineData("(?=eth)")]
    [InlineData("(a)\\1")]
    public void Pattern_that_cannot_be_used_is_named_with_a_remedy(string pattern)
    {
        Assert.False(InterfaceExclusions.TryCreate(["^lo$", pattern], out var exclusions, out var error));

        Assert.Null(exclusions);
        Assert.StartsWith($"announcedInterfacesToExclude[1]: \"{pattern}\" is not a usable regular expression: ", error);
        Assert.Contains("\"^docker.*\"", error);
    }

    [Fact]
    public void Pattern_that_would_back_track_for_ever_is_matched_in_linear_time()
    {
        Assert.True(InterfaceExclusions.TryCreate(["^(a+)+$"], out var exclusions, out _));
        Assert.False(exclusions.Excludes(string.Concat(Enumerable.Repeat("a", 10_000)) + "b"));
    }
}
