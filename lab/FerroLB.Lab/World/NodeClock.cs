using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.World;

/// <summary>
/// The clocks of one machine: a monotonic one with its own origin that runs a little fast or slow, and a wall clock that is off by some
/// seconds and may step. The world's time is nobody's clock.
/// </summary>
public sealed class NodeClock(VirtualWorld world, Instant origin, int driftPartsPerMillion, TimeSpan wallOffset)
{
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Instant _bornAt = world.Now;

    /// <summary>What the monotonic clock shows.</summary>
    public Instant Now => ToLocal(world.Now);

    /// <summary>What the wall clock shows.</summary>
    public DateTimeOffset Utc => Epoch + world.Now.SinceOrigin + WallOffset;

    /// <summary>How far the wall clock is off; a change is a step.</summary>
    public TimeSpan WallOffset { get; set; } = wallOffset;

    /// <summary>The true wall time.</summary>
    public static DateTimeOffset TrueUtc(Instant world) => Epoch + world.SinceOrigin;

    /// <summary>The first instant of the world at which this clock shows at least the given reading.</summary>
    public Instant ToWorld(Instant local)
    {
        if (local <= origin)
            return _bornAt;
        if (local.Ticks - origin.Ticks > TimeSpan.TicksPerDay * 365)
            return Instant.MaxValue;
        var elapsed = (Int128)(local.Ticks - origin.Ticks) * 1_000_000 / (1_000_000 + driftPartsPerMillion);
        var guess = new Instant(_bornAt.Ticks + (long)elapsed);
        while (ToLocal(guess) < local)
            guess = new(guess.Ticks + 1);
        return guess;
    }

    private Instant ToLocal(Instant at)
    {
        var elapsed = at.Ticks - _bornAt.Ticks;
        return new(origin.Ticks + elapsed + (long)((Int128)elapsed * driftPartsPerMillion / 1_000_000));
    }
}
