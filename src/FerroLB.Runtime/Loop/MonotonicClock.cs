using System.Diagnostics;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Loop;

/// <summary>The one clock of the process: monotonic, from the process's first reading on.</summary>
internal static class MonotonicClock
{
    private static readonly long Origin = Stopwatch.GetTimestamp();

    /// <summary>Now.</summary>
    public static Instant Now => new(Stopwatch.GetElapsedTime(Origin).Ticks);
}
