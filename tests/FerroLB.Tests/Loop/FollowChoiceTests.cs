using System.Linq;
using FerroLB.Runtime.Loop;
using Xunit;

namespace FerroLB.Tests.Loop;

public sealed class FollowChoiceTests
{
    private readonly FollowChoice _choice = new();

    [Fact]
    public void Loop_looks_after_every_burst_as_long_as_frames_come()
    {
        for (var i = 0; i < 10; i++)
        {
            Assert.True(_choice.Begins());
            _choice.End(hasCome: true);
        }
    }

    [Fact]
    public void Loop_looks_ever_more_seldom_while_nothing_comes_but_never_stops_to_try()
    {
        int[] skipped = [.. Enumerable.Range(0, 10).Select(_ => SkippedAfterNothing())];

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 64, 64, 64], skipped);
    }

    [Fact]
    public void One_frame_that_comes_makes_the_loop_look_every_time_again()
    {
        for (var i = 0; i < 5; i++)
            SkippedAfterNothing();

        _choice.End(hasCome: true);

        Assert.True(_choice.Begins());
        Assert.Equal(1, SkippedAfterNothing());
    }

    private int SkippedAfterNothing()
    {
        _choice.End(hasCome: false);
        var skipped = 0;
        while (!_choice.Begins())
            skipped++;
        return skipped;
    }
}
