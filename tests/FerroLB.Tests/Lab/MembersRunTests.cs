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
    public void With_a_twentieth_lost_nobody_is_thought_dead_who_lives_and_all_agree_soon_after_whatever_happens_to_one()
    {
        var result = Run(new() { Seed = 2, Nodes = 10, Minutes = 2 });
        Assert.True(result.IsRight, string.Join('\n', result.Figures));
        Assert.Equal((0, 0), (result.WronglyLost, result.WronglySilent));
        Assert.InRange(result.HeartbeatsPerSecond, 90, 300);
        Assert.InRange(result.GossipBytesPerSecond, 50, 3_000);
        Assert.Equal(9, result.Figures.Count);
        Assert.Equal(result.TraceHash, Run(new() { Seed = 2, Nodes = 10, Minutes = 2 }).TraceHash);
    }

    [Fact]
    public void A_hundred_speakers_that_start_together_know_each_other_within_seconds_and_after_few_exchanges()
    {
        var result = Run(new() { Seed = 2, Nodes = 100, Minutes = 1, HeartbeatInterval = TimeSpan.Zero, HasTroubles = false });
        Assert.True(result.IsRight, string.Join('\n', result.Figures));
        Assert.InRange(result.MeetingBytes, 10_000, 400_000);
        Assert.InRange(result.GossipBytesPerSecond, 50, 3_000);
    }

    [Fact]
    public void On_a_wire_that_loses_most_the_wronged_are_counted_and_what_comes_too_late_is_said()
    {
        var result = Run(new() { Seed = 2, Nodes = 5, Minutes = 3, LossChance = 0.8 });
        Assert.False(result.IsRight);
        Assert.True(result.WronglySilent > 0);
        Assert.True(result.Suspicions > 0);
        Assert.Contains(result.Figures, figure => !figure.IsMet);
    }

    [Fact]
    public void Many_owners_stretch_the_interval_so_that_a_LAN_carries_a_thousand_heartbeats_per_second()
    {
        var result = Run(new()
        {
            Seed = 2,
            Nodes = 30,
            Minutes = 1,
            LossChance = 0.1,
            HeartbeatInterval = TimeSpan.FromMilliseconds(5),
            HasTroubles = false,
        });
        Assert.InRange(result.HeartbeatsPerSecond, 800, 1_000);
    }

    private static MembersResult Run(MembersOptions options) => new MembersRun(options, Machines).Run();
}
