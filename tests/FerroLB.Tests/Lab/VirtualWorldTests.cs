using System;
using System.Collections.Generic;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

public sealed class VirtualWorldTests
{
    [Fact]
    public void Events_fire_by_instant_and_then_in_the_order_of_scheduling()
    {
        var world = new VirtualWorld(1);
        var log = new EventLog(world);
        world.After(TimeSpan.FromSeconds(2), log, 3);
        world.After(TimeSpan.FromSeconds(1), log, 1);
        world.After(TimeSpan.FromSeconds(1), log, 2);
        world.RunUntil(Instant.FromSeconds(5));
        Assert.Equal([(1, 1.0), (2, 1.0), (3, 2.0)], log.Fired);
        Assert.Equal(Instant.FromSeconds(5), world.Now);
    }

    [Fact]
    public void Events_after_the_end_stay_for_later()
    {
        var world = new VirtualWorld(1);
        var log = new EventLog(world);
        world.After(TimeSpan.FromSeconds(3), log, 1);
        world.RunUntil(Instant.FromSeconds(2));
        Assert.Empty(log.Fired);
        world.RunUntil(Instant.FromSeconds(3));
        Assert.Single(log.Fired);
    }

    [Fact]
    public void A_violation_stops_the_run_and_the_first_one_stands()
    {
        var world = new VirtualWorld(1);
        var log = new EventLog(world) { ReportsAt = 1 };
        world.After(TimeSpan.FromSeconds(1), log, 1);
        world.After(TimeSpan.FromSeconds(2), log, 2);
        world.RunUntil(Instant.FromSeconds(9));
        world.Report("test", "a second one");
        Assert.Single(log.Fired);
        Assert.Equal(new Violation(Instant.FromSeconds(1), "test", "planted"), world.Violation);
    }

    [Fact]
    public void A_run_that_repeats_itself_without_end_is_a_violation()
    {
        var world = new VirtualWorld(1) { EventLimit = 1_000 };
        world.After(TimeSpan.Zero, new Loop(world));
        world.RunUntil(Instant.FromSeconds(1));
        Assert.Contains("more than 1000 events", world.Violation!.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    [InlineData(-200)]
    [InlineData(100_000)]
    public void A_drifting_clock_reaches_a_deadline_at_the_instant_it_names_and_not_before(int driftPartsPerMillion)
    {
        var world = new VirtualWorld(1);
        world.RunUntil(Instant.FromSeconds(7));
        var clock = new NodeClock(world, Instant.FromSeconds(1_000), driftPartsPerMillion, TimeSpan.Zero);
        var random = new SeededRandom(5);
        for (var i = 0; i < 200; i++)
        {
            var deadline = clock.Now + random.Between(TimeSpan.FromTicks(1), TimeSpan.FromMinutes(10));
            var at = clock.ToWorld(deadline);
            world.RunUntil(new(at.Ticks - 1));
            Assert.True(clock.Now < deadline);
            world.RunUntil(at);
            Assert.True(clock.Now >= deadline);
        }
    }

    [Fact]
    public void A_starved_box_acts_late_but_acts_and_a_paused_one_works_off_its_inputs_when_it_goes_on()
    {
        var world = new VirtualWorld(1);
        var shell = new Echo(world);
        var box = new MachineBox<int, int>(world, "box", new NodeClock(world, Instant.Zero, 0, TimeSpan.Zero), shell, shell);
        box.Feed(1);
        box.MostLateness = TimeSpan.FromMilliseconds(500);
        box.Feed(2);
        Assert.Equal([1], shell.Told);
        world.RunUntil(Instant.FromSeconds(1));
        Assert.Equal([1, 2], shell.Told);
        Assert.InRange(shell.LastAt.SinceOrigin.TotalSeconds, 0.000_001, 0.5);
        box.MostLateness = TimeSpan.Zero;
        box.Pause();
        box.Feed(3);
        world.RunUntil(Instant.FromSeconds(2));
        Assert.Equal(2, shell.Told.Count);
        box.Resume();
        Assert.Equal([1, 2, 3], shell.Told);
    }

    [Fact]
    public void The_trace_hash_depends_on_instant_source_and_content()
    {
        var hashes = new HashSet<ulong>
        {
            HashOf(1, "a", 1), HashOf(2, "a", 1), HashOf(1, "b", 1), HashOf(1, "a", 2),
        };
        Assert.Equal(4, hashes.Count);
        Assert.Equal(HashOf(1, "a", 1), HashOf(1, "a", 1));
    }

    private static ulong HashOf(long seconds, string source, long detail)
    {
        var trace = new Trace(9);
        var hash = new TraceHash(0);
        hash.Add(detail);
        trace.Record(Instant.FromSeconds(seconds), source, hash);
        return trace.Hash;
    }

    private sealed class Echo(VirtualWorld world) : IMachine<int, int>, IMachineShell<int, int>
    {
        private readonly Queue<int> _waiting = new();

        public List<int> Told { get; } = [];

        public Instant LastAt { get; private set; }

        public Instant? NextDeadline => null;

        public void Handle(in int input, Instant now) => _waiting.Enqueue(input);

        public void Advance(Instant now)
        {
        }

        public bool TryTake(out int output) => _waiting.TryDequeue(out output);

        public void Execute(in int output)
        {
            Told.Add(output);
            LastAt = world.Now;
        }

        public void TraceInput(in int input, ref TraceHash hash) => hash.Add(input);

        public void TraceOutput(in int output, ref TraceHash hash) => hash.Add(output);
    }

    private sealed class EventLog(VirtualWorld world) : IEventTarget
    {
        public List<(int Code, double Seconds)> Fired { get; } = [];

        public int ReportsAt { get; init; }

        public void Fire(int code, object? payload)
        {
            Fired.Add((code, world.Now.SinceOrigin.TotalSeconds));
            if (code == ReportsAt)
                world.Report("test", "planted");
        }
    }

    private sealed class Loop(VirtualWorld world) : IEventTarget
    {
        public void Fire(int code, object? payload) => world.After(TimeSpan.Zero, this);
    }
}
