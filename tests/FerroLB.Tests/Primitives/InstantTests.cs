using System;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Primitives;

public sealed class InstantTests
{
    [Fact]
    public void Spans_are_added_and_measured()
    {
        var start = Instant.FromSeconds(3);

        Assert.Equal(Instant.FromMilliseconds(4100), start + TimeSpan.FromMilliseconds(1100));
        Assert.Equal(TimeSpan.FromMilliseconds(1100), Instant.FromMilliseconds(4100) - start);
        Assert.Equal(Instant.FromSeconds(2), start - TimeSpan.FromSeconds(1));
        Assert.Equal("4.100000s", Instant.FromMilliseconds(4100).ToString());
    }

    [Fact]
    public void Addition_saturates()
    {
        Assert.Equal(Instant.MaxValue, Instant.MaxValue + TimeSpan.FromTicks(1));
        Assert.Equal(Instant.MaxValue, Instant.FromSeconds(1) + TimeSpan.MaxValue);
    }

    [Fact]
    public void Earlier_takes_null_for_never()
    {
        Instant? one = Instant.FromSeconds(1);
        Instant? two = Instant.FromSeconds(2);

        Assert.Null(Instant.Earlier(null, null));
        Assert.Equal(one, Instant.Earlier(one, null));
        Assert.Equal(one, Instant.Earlier(null, one));
        Assert.Equal(one, Instant.Earlier(two, one));
        Assert.Equal(one, Instant.Earlier(one, two));
    }
}
