using System;

namespace FerroLB.Lab.Scenarios;

/// <summary>How long something took among speakers, and how long it may take.</summary>
/// <param name="What">What was waited for.</param>
/// <param name="Took">How long it took; null when it had not happened within the bound.</param>
/// <param name="Bound">The longest that it may take.</param>
public sealed record MembersFigure(string What, TimeSpan? Took, TimeSpan Bound)
{
    /// <summary>Whether it happened in time.</summary>
    public bool IsMet => Took is not null;

    /// <summary>In words.</summary>
    public override string ToString() =>
        $"{What} {(Took is { } took ? $"{took.TotalSeconds:F2} s" : "NOT")} (within {Bound.TotalSeconds:0.##} s)";
}
