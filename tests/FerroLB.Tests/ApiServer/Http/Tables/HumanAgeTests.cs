using System;
using FerroLB.ApiServer.Http.Tables;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.Tables;

public sealed class HumanAgeTests
{
    [Theory]
    [InlineData(-10, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(0, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(125, "2m5s")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(10_799, "179m")]
    [InlineData(10_800, "3h")]
    [InlineData(10_860, "3h1m")]
    [InlineData(28_800, "8h")]
    [InlineData(172_799, "47h")]
    [InlineData(172_800, "2d")]
    [InlineData(176_400, "2d1h")]
    [InlineData(691_200, "8d")]
    [InlineData(63_071_999, "729d")]
    [InlineData(63_072_000, "2y")]
    [InlineData(63_158_400, "2y1d")]
    [InlineData(252_288_000, "8y")]
    public void Ages_are_printed_as_Kubernetes_prints_them(long seconds, string expected) =>
        Assert.Equal(expected, HumanAge.Of(TimeSpan.FromSeconds(seconds)));

    [Fact]
    public void Age_of_nothing_is_unknown() => Assert.Equal("<unknown>", HumanAge.Since("", DateTimeOffset.UnixEpoch));
}
