using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Loop;
using Xunit;

namespace FerroLB.Tests.Loop;

public sealed class NodeLoopTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<NodeOutput> _executed = new();

    [Fact]
    public async Task Inputs_arrive_in_order_after_the_clock_and_outputs_are_executed()
    {
        var node = new ScriptedNode
        {
            React = input => input is NodeInput.WatchClosed closed ? new NodeOutput.CancelKubeRequest(closed.RequestId) : null,
        };
        using var loop = Start(node);
        for (var id = 1L; id <= 5; id++)
            await loop.PostAsync(new NodeInput.WatchClosed(id, ""), CancellationToken.None);
        Until(() => _executed.Count == 5);
        Assert.IsType<NodeInput.ClockRead>(node.Inputs.First());
        Assert.Equal([1, 2, 3, 4, 5], _executed.Cast<NodeOutput.CancelKubeRequest>().Select(c => c.RequestId));
        Assert.Equal("snapshot", loop.Snapshot);
    }

    [Fact]
    public async Task The_clock_is_told_again_only_when_the_last_reading_is_old()
    {
        var node = new ScriptedNode();
        using var loop = Start(node);
        for (var id = 1L; id <= 200; id++)
            await loop.PostAsync(new NodeInput.WatchClosed(id, ""), CancellationToken.None);
        Until(() => node.Inputs.OfType<NodeInput.WatchClosed>().Count() == 200);
        var first = node.Inputs.OfType<NodeInput.ClockRead>().First().Utc;
        var last = node.Inputs.OfType<NodeInput.ClockRead>().Last().Utc;
        Assert.True(node.Inputs.OfType<NodeInput.ClockRead>().Count() <= 1 + (last - first).TotalSeconds + 1);
    }

    [Fact]
    public void A_deadline_advances_the_machine_without_any_input()
    {
        var node = new ScriptedNode { Period = TimeSpan.FromMilliseconds(5) };
        using var loop = Start(node);
        loop.Report(new LinkReport.LinksChanged([]));
        Until(() => node.AdvanceCount >= 3);
    }

    [Fact]
    public async Task Of_reports_that_wait_only_the_newest_is_told()
    {
        using var hold = new ManualResetEventSlim();
        var node = new ScriptedNode
        {
            React = input =>
            {
                if (input is NodeInput.WatchClosed)
                    hold.Wait(Patience);
                return null;
            },
        };
        using var loop = Start(node);
        await loop.PostAsync(new NodeInput.WatchClosed(1, ""), CancellationToken.None);
        Until(() => node.Inputs.OfType<NodeInput.WatchClosed>().Any());
        for (var i = 1; i <= 10; i++)
            loop.Report(new LinkReport.LinksChanged([new(i, $"eth{i}", MacAddress.Zero)]));
        hold.Set();
        Until(() => node.Inputs.OfType<NodeInput.LinkReported>().Any());
        var report = Assert.Single(node.Inputs.OfType<NodeInput.LinkReported>()).Report;
        Assert.Equal(10, Assert.Single(((LinkReport.LinksChanged)report).Links).Index);
    }

    [Fact]
    public async Task When_the_queue_is_full_those_who_post_wait_until_there_is_room()
    {
        using var hold = new ManualResetEventSlim();
        var node = new ScriptedNode
        {
            React = input =>
            {
                hold.Wait(Patience);
                return null;
            },
        };
        using var loop = Start(node);
        var posted = 0;
        var poster = Task.Run(async () =>
        {
            for (var id = 1L; id <= 10_000; id++)
            {
                await loop.PostAsync(new NodeInput.WatchClosed(id, ""), CancellationToken.None);
                Interlocked.Increment(ref posted);
            }
        });
        Until(() => Volatile.Read(ref posted) >= 4096);
        Assert.False(poster.IsCompleted);
        hold.Set();
        await poster.WaitAsync(Patience);
        Until(() => node.Inputs.OfType<NodeInput.WatchClosed>().Count() == 10_000);
    }

    [Fact]
    public async Task A_shutdown_is_told_once_and_its_completion_ends_the_loop_cleanly()
    {
        var node = new ScriptedNode();
        using var loop = Start(node);
        loop.RequestShutdown();
        loop.RequestShutdown();
        Assert.Equal(LoopEnd.Clean, await loop.Completion.WaitAsync(Patience));
        Assert.Single(node.Inputs.OfType<NodeInput.ShutdownRequested>());
    }

    [Fact]
    public async Task A_broken_invariant_ends_the_loop_and_says_which()
    {
        var node = new ScriptedNode
        {
            React = input =>
            {
                Invariant.Check(input is not NodeInput.WatchClosed, "two owners of one address");
                return null;
            },
        };
        using var loop = Start(node);
        await loop.PostAsync(new NodeInput.WatchClosed(1, ""), CancellationToken.None);
        var end = await loop.Completion.WaitAsync(Patience);
        Assert.Equal(LoopEnd.Broken, end.ExitCode);
        Assert.Contains("two owners of one address", end.Reason, StringComparison.Ordinal);
    }

    private NodeLoop<string> Start(ScriptedNode node)
    {
        var loop = new NodeLoop<string>(node, () => "snapshot", _executed.Enqueue);
        loop.Start();
        return loop;
    }

    private static void Until(Func<bool> condition) => Assert.True(SpinWait.SpinUntil(condition, Patience));
}
