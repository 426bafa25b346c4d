using System;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Scenarios;
using Xunit;

namespace FerroLB.Tests.Lab;

public sealed class MembersRunTests
{
    private static readonly MachineFactory Machines = new(
        _ => throw new NotSupportedException("there are no controllers"),
        _ => throw new NotSupportedException("there are no control loops"),
        start => LinkMachine.Of(new(
            new LinkNodeOptions
            {
                Heartbeats = new(start.Node, (ulong)start.Utc.ToUnixTimeMilliseconds(), start.HeartbeatInterval),
            },
            start.Seed)));

    [Fact]
    public void With_a_twentieth_lost_all_speakers_know_each_other_and_nobody_is_thought_dead()
    {
        var result = Run(new() { Seed = 2, Nodes = 10, Minutes = 2 });
        Assert.True(result.AllMet);
        Assert.Equal((0, 0), (result.WronglyLost, result.WronglySilent));
        Assert.InRange(result.HeartbeatsPerSecond, 90, 300);
        Assert.InRange(result.GossipBytesPerSecond, 50, 3_000);
        Assert.Equal(result.TraceHash, Run(new() { Seed = 2, Nodes = 10, Minutes = 2 }).TraceHash);
    }

    [Fact]
    public void On_a_wire_that_loses_most_the_wrongly_lost_are_counted()
    {
        var result = Run(new() { Seed = 2, Nodes = 5, Minutes = 3, LossChance = 0.98 });
        Assert.False(result.AllMet);
        Assert.True(result.WronglyLost > 0);
        Assert.True(result.WronglySilent > 0);
        Assert.True(result.Suspicions > 0);
    }

    [Fact]
    public void Many_owners_stretch_the_interval_so_that_a_LAN_carries_a_thousand_heartbeats_per_second()
    {
        var result = Run(new() { Seed = 2, Nodes = 30, Minutes = 1, LossChance = 0, HeartbeatInterval = TimeSpan.FromMilliseconds(5) });
        Assert.InRange(result.HeartbeatsPerSecond, 500, 1_100);
    }

    private static MembersResult Run(MembersOptions options) => new MembersRun(options, Machines).Run();
}
