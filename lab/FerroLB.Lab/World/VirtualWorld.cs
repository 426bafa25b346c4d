using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.World;

/// <summary>
/// One universe on one thread: a clock that jumps from event to event, a queue of what is to happen, the run's randomness, and the trace.
/// Nothing here has ever heard of FerroLB. A run goes like this: the scenario builds segments, an API server and machines, each holding a
/// fork of the run's seed; whatever takes time (a frame on a wire, a request on its way, a deadline of a machine) is an event; the world
/// takes the earliest, sets its clock to that instant, and fires it. Events of one instant fire in the order in which they were scheduled,
/// so a run is a function of its seed: the same trace, the same hash, in this process and in every other. A machine's inputs and outputs
/// all pass through its box, which hashes them. A checker that sees a broken promise reports a violation; the run stops there, because what
/// follows would only be consequences.
/// </summary>
public sealed class VirtualWorld
{
    private readonly PriorityQueue<ScheduledEvent, EventKey> _queue = new(1024);
    private long _sequence;

    /// <summary>Makes an empty universe.</summary>
    public VirtualWorld(ulong seed)
    {
        Seed = seed;
        Random = new SeededRandom(seed);
        Trace = new Trace(seed);
    }

    /// <summary>The run's seed.</summary>
    public ulong Seed { get; }

    /// <summary>Fork it by name; never draw from it directly.</summary>
    public SeededRandom Random { get; }

    /// <summary>What the run leaves behind.</summary>
    public Trace Trace { get; }

    /// <summary>The world's time.</summary>
    public Instant Now { get; private set; }

    /// <summary>Events fired so far.</summary>
    public long EventCount { get; private set; }

    /// <summary>The most events that a run may have; a run that needs more is stuck in a loop.</summary>
    public long EventLimit { get; init; } = 50_000_000;

    /// <summary>The first broken promise; null while all is well.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>Schedules an event after a delay; a negative delay counts as none.</summary>
    public void After(TimeSpan delay, IEventTarget target, int code = 0, object? payload = null) =>
        At(delay.Ticks <= 0 ? Now : Now + delay, target, code, payload);

    /// <summary>Schedules an event at an instant; the past counts as now.</summary>
    public void At(Instant at, IEventTarget target, int code = 0, object? payload = null)
    {
        if (at == Instant.MaxValue)
            return;
        _queue.Enqueue(new(target, code, payload), new(Math.Max(at.Ticks, Now.Ticks), _sequence++));
    }

    /// <summary>Fires events up to and including an instant, or until a violation.</summary>
    public void RunUntil(Instant end)
    {
        while (Violation is null && _queue.TryPeek(out var next, out var key) && key.Ticks <= end.Ticks)
        {
            _queue.Dequeue();
            Now = new(key.Ticks);
            if (++EventCount > EventLimit)
            {
                Report("world", $"more than {EventLimit} events: something repeats itself without end");
                return;
            }
            next.Target.Fire(next.Code, next.Payload);
        }
        if (Violation is null && Now < end)
            Now = end;
    }

    /// <summary>Reports a broken promise; the first one stands.</summary>
    public void Report(string checker, string what)
    {
        if (Violation is not null)
            return;
        Violation = new(Now, checker, what);
        Trace.Line(Now, checker, "VIOLATION " + what);
    }

    private readonly record struct ScheduledEvent(IEventTarget Target, int Code, object? Payload);

    private readonly record struct EventKey(long Ticks, long Sequence) : IComparable<EventKey>
    {
        public int CompareTo(EventKey other)
        {
            var byTime = Ticks.CompareTo(other.Ticks);
            return byTime != 0 ? byTime : Sequence.CompareTo(other.Sequence);
        }
    }
}
