using System;
using System.Globalization;

namespace FerroLB.Protocols.Primitives;

/// <summary>
/// A point on the monotonic clock of one process, in ticks of 100 ns since an arbitrary origin. It is not wall time: it never steps, and
/// two processes' instants cannot be compared. Machines receive it as an argument and never read a clock themselves.
/// </summary>
/// <param name="Ticks">Ticks of 100 ns since the origin; not negative.</param>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>The origin of the clock.</summary>
    public static readonly Instant Zero = new(0);

    /// <summary>Later than every other instant.</summary>
    public static readonly Instant MaxValue = new(long.MaxValue);

    /// <summary>Makes an instant from milliseconds since the origin.</summary>
    public static Instant FromMilliseconds(long milliseconds) => new(milliseconds * TimeSpan.TicksPerMillisecond);

    /// <summary>Makes an instant from seconds since the origin.</summary>
    public static Instant FromSeconds(long seconds) => new(seconds * TimeSpan.TicksPerSecond);

    /// <summary>The time since the origin.</summary>
    public TimeSpan SinceOrigin => new(Ticks);

    /// <summary>The earlier of two deadlines, where null means none.</summary>
    public static Instant? Earlier(Instant? left, Instant? right) =>
        left is not { } a ? right : right is not { } b ? left : a <= b ? a : b;

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    /// <summary>The instant a span later; saturates at <see cref="MaxValue"/>.</summary>
    public static Instant operator +(Instant instant, TimeSpan span) =>
        span.Ticks > 0 && instant.Ticks > long.MaxValue - span.Ticks ? MaxValue : new(instant.Ticks + span.Ticks);

    /// <summary>The instant a span earlier.</summary>
    public static Instant operator -(Instant instant, TimeSpan span) => new(instant.Ticks - span.Ticks);

    /// <summary>The span from <paramref name="right"/> to <paramref name="left"/>.</summary>
    public static TimeSpan operator -(Instant left, Instant right) => new(left.Ticks - right.Ticks);

    /// <summary>Whether one instant is before another.</summary>
    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    /// <summary>Whether one instant is after another.</summary>
    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    /// <summary>Whether one instant is not after another.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    /// <summary>Whether one instant is not before another.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    /// <summary>Seconds since the origin with microseconds, as in "12.345678s".</summary>
    public override string ToString() => (Ticks / 1e7).ToString("F6", CultureInfo.InvariantCulture) + "s";
}
