using System;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Primitives;

public sealed class SeededRandomTests
{
    [Fact]
    public void Numbers_are_those_of_split_mix_64()
    {
        var random = new SeededRandom(1234567);

        Assert.Equal(6457827717110365317UL, random.NextUInt64());
        Assert.Equal(3203168211198807973UL, random.NextUInt64());
        Assert.Equal(9817491932198370423UL, random.NextUInt64());
    }

    [Fact]
    public void Forks_are_the_same_in_every_version()
    {
        var fork = new SeededRandom(42).Fork("arp");

        Assert.Equal(0xB0034AEFB09CB644, fork.NextUInt64());
        Assert.Equal(0x361B5D181FB70CE5UL, fork.NextUInt64());
        Assert.Equal(0x254076D55C68C849UL, new SeededRandom(42).Fork("ndp").NextUInt64());
    }

    [Fact]
    public void Fork_depends_on_the_seed_and_the_name_but_not_on_earlier_draws()
    {
        var random = new SeededRandom(42);
        random.NextUInt64();

        Assert.Equal(new SeededRandom(42).Fork("arp").NextUInt64(), random.Fork("arp").NextUInt64());
        Assert.NotEqual(new SeededRandom(43).Fork("arp").NextUInt64(), random.Fork("arp").NextUInt64());
    }

    [Fact]
    public void Choices_below_a_limit_are_the_same_in_every_version()
    {
        var random = new SeededRandom(7);

        foreach (var expected in new[] { 38, 1, 90, 58, 45, 24, 46, 32 })
            Assert.Equal(expected, random.Next(100));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void Choices_stay_below_the_limit(int limit)
    {
        var random = new SeededRandom(11);
        for (var i = 0; i < 1000; i++)
            Assert.InRange(random.Next(limit), 0, limit - 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Limit_must_be_positive(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).Next(limit));

    [Fact]
    public void Fractions_chances_and_spans_follow_the_same_stream()
    {
        Assert.Equal(0.3898297483912715, new SeededRandom(7).NextDouble());
        Assert.True(new SeededRandom(7).Chance(0.39));
        Assert.False(new SeededRandom(7).Chance(0.38));
        Assert.Equal(
            TimeSpan.FromSeconds(10) + TimeSpan.FromTicks(38982974),
            new SeededRandom(7).Between(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)));
        Assert.Equal(TimeSpan.FromSeconds(10), new SeededRandom(7).Between(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)));
    }
}
