using FerroLB.Runtime.Loop;
using Xunit;

namespace FerroLB.Tests.Loop;

public sealed class HeapTrimTests
{
    private const long Mebibyte = 1 << 20;

    private long _allocated;
    private int _collected;
    private bool _mayStop = true;

    [Fact]
    public void After_a_burst_the_first_period_of_rest_collects_and_once_more_a_minute_later()
    {
        using var trim = Make();
        Assert.Equal(0, After(trim, 40 * Mebibyte));
        Assert.Equal(0, After(trim, 40 * Mebibyte));
        Assert.Equal(1, After(trim, Mebibyte));
        for (var period = 1; period < HeapTrim.SecondAfter; period++)
            Assert.Equal(0, After(trim, 0));
        Assert.Equal(0, After(trim, 2 * Mebibyte));
        Assert.Equal(1, After(trim, Mebibyte));
        for (var period = 0; period < 20; period++)
            Assert.Equal(0, After(trim, Mebibyte));
    }

    [Fact]
    public void Small_work_collects_once_it_has_added_up()
    {
        using var trim = Make();
        for (var period = 0; period < 31; period++)
            Assert.Equal(0, After(trim, Mebibyte));
        Assert.Equal(1, After(trim, Mebibyte));
    }

    [Fact]
    public void A_process_that_never_rests_is_left_to_the_collector()
    {
        using var trim = Make();
        for (var period = 0; period < 100; period++)
            Assert.Equal(0, After(trim, 2 * Mebibyte));
    }

    [Fact]
    public void While_nothing_may_stop_a_collection_waits()
    {
        using var trim = Make();
        _mayStop = false;
        Assert.Equal(0, After(trim, 40 * Mebibyte));
        Assert.Equal(0, After(trim, Mebibyte));
        _mayStop = true;
        Assert.Equal(0, After(trim, 2 * Mebibyte));
        Assert.Equal(1, After(trim, Mebibyte));
    }

    private HeapTrim Make() => new(() => _allocated, () => _collected++, () => _mayStop);

    private int After(HeapTrim trim, long bytes)
    {
        _collected = 0;
        _allocated += bytes;
        trim.Look();
        return _collected;
    }
}
