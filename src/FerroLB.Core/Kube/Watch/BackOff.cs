using System;

namespace FerroLB.Core.Kube.Watch;

/// <summary>An exponential back-off: the first delay, doubled for every further failure, never longer than the last.</summary>
/// <param name="First">Delay after the first failure.</param>
/// <param name="Longest">The longest delay.</param>
public readonly record struct BackOff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The delay after so many failures in a row, at least one.</summary>
    public TimeSpan After(int failures)
    {
        // Forty doublings of a millisecond are thirty-five years: beyond that only the cap matters, and the shift must not overflow.
        var doublings = Math.Clamp(failures - 1, 0, 40);
        var ticks = (UInt128)(ulong)First.Ticks << doublings;
        return ticks >= (UInt128)(ulong)Longest.Ticks ? Longest : new((long)ticks);
    }
}
