using System;

namespace FerroLB.Lab.Scenarios;

/// <summary>What one part of a <see cref="GapsRun"/> showed.</summary>
/// <param name="What">What happened meanwhile.</param>
/// <param name="Questions">Questions for addresses that somebody had to answer.</param>
/// <param name="Unanswered">Those that nobody answered.</param>
/// <param name="LongestGap">The longest time for which an address was not answered.</param>
/// <param name="GapBound">How long that may be.</param>
/// <param name="Notes">Further figures, in words.</param>
/// <param name="Fault">What was not as promised, beside gaps; null when all was well.</param>
public sealed record GapsStory(
    string What, long Questions, long Unanswered, TimeSpan LongestGap, TimeSpan GapBound, string Notes, string? Fault)
{
    /// <summary>Whether all was as promised.</summary>
    public bool IsRight => Fault is null && LongestGap <= GapBound && Questions > 0;

    /// <summary>In words.</summary>
    public override string ToString() =>
        $"{What}: {Questions} questions, {Unanswered} unanswered, longest gap {LongestGap.TotalMilliseconds:F0} ms " +
        $"(at most {GapBound.TotalMilliseconds:F0})" +
        $"{(Notes.Length > 0 ? "; " : "")}{Notes}{(Fault is null ? "" : "; NOT AS PROMISED: " + Fault)}";
}
