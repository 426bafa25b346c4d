using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Loop;
using Xunit;

namespace FerroLB.Tests.Loop;

public sealed class LinkCommandQueueTests
{
    private static readonly ObjectKey Web = new("default", "web");
    private static readonly ObjectKey Mail = new("default", "mail");

    [Fact]
    public void A_newer_command_takes_the_place_of_an_older_one_of_its_Service()
    {
        var queue = new LinkCommandQueue(10);
        Assert.True(queue.Put(Announce(Web, "10.0.0.1")));
        Assert.False(queue.Put(Announce(Mail, "10.0.0.2")));
        queue.Put(new LinkCommand.RetractService(Web));
        Assert.True(queue.TryTake(out var first));
        Assert.Equal(new LinkCommand.RetractService(Web), first);
        Assert.True(queue.TryTake(out var second));
        Assert.Equal(Mail, Assert.IsType<LinkCommand.AnnounceService>(second).Service);
        Assert.False(queue.TryTake(out _));
    }

    [Fact]
    public async Task A_full_queue_makes_the_control_loop_wait_but_takes_news_of_a_Service_that_waits_already()
    {
        var queue = new LinkCommandQueue(1);
        queue.Put(Announce(Web, "10.0.0.1"));
        queue.Put(Announce(Web, "10.0.0.9"));
        var waiting = Task.Run(() => queue.Put(Announce(Mail, "10.0.0.2")));
        Assert.True(SpinWait.SpinUntil(() => waiting.Status == TaskStatus.Running, 60_000));
        Assert.False(waiting.IsCompleted);
        Assert.True(queue.TryTake(out var first));
        Assert.Equal("10.0.0.9", Assert.IsType<LinkCommand.AnnounceService>(first).Wishes[0].Address.ToString());
        Assert.True(await waiting);
        Assert.True(queue.TryTake(out _));
    }

    [Fact]
    public async Task Closing_frees_those_who_wait()
    {
        var queue = new LinkCommandQueue(1);
        queue.Put(Announce(Web, "10.0.0.1"));
        var waiting = Task.Run(() => queue.Put(Announce(Mail, "10.0.0.2")));
        queue.Close();
        Assert.False(await waiting);
    }

    private static LinkCommand.AnnounceService Announce(ObjectKey service, string address) =>
        new(service, [new(IpAddress.Parse(address), null)]);
}
