using System;
using FerroLB.Core;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Kube.Watch;

public sealed class WorkQueueTests
{
    private readonly WorkQueue<ObjectKey> _queue = new(new(TimeSpan.FromMilliseconds(5), TimeSpan.FromSeconds(1)));

    [Fact]
    public void A_key_marked_many_times_comes_out_once_in_the_order_of_its_first_mark()
    {
        _queue.Mark(Key("b"));
        _queue.Mark(Key("a"));
        _queue.Mark(Key("b"));

        Assert.Equal("b", Take());
        Assert.Equal("a", Take());
        Assert.Null(Take());
    }

    [Fact]
    public void A_failed_key_comes_back_after_a_delay_that_doubles_up_to_the_cap()
    {
        var now = Instant.Zero;
        foreach (var expectedMilliseconds in new[] { 5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000 })
        {
            _queue.Retry(Key("a"), now);
            var due = _queue.NextDeadline;
            Assert.Equal(now + TimeSpan.FromMilliseconds(expectedMilliseconds), due);
            _queue.Advance(due!.Value - new TimeSpan(1));
            Assert.Null(Take());
            now = due.Value;
            _queue.Advance(now);
            Assert.Equal("a", Take());
        }
    }

    [Fact]
    public void Success_forgets_the_failures()
    {
        _queue.Retry(Key("a"), Instant.Zero);
        _queue.Retry(Key("a"), Instant.Zero);
        _queue.Forget(Key("a"));
        Assert.Null(_queue.NextDeadline);

        _queue.Retry(Key("a"), Instant.Zero);
        Assert.Equal(Instant.FromMilliseconds(5), _queue.NextDeadline);
    }

    [Fact]
    public void A_mark_does_not_wait_for_the_back_off()
    {
        _queue.Retry(Key("a"), Instant.Zero);
        _queue.Mark(Key("a"));
        Assert.Equal("a", Take());
        _queue.Advance(Instant.FromSeconds(10));
        Assert.Null(Take());
    }

    private static ObjectKey Key(string name) => new("ns", name);

    private string? Take() => _queue.TryTake(out var key) ? key.Name : null;
}
