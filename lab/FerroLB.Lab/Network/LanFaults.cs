using System;

namespace FerroLB.Lab.Network;

/// <summary>How bad a segment is.</summary>
public sealed record LanFaults
{
    /// <summary>A good wire: every frame arrives once, after 20 to 200 microseconds.</summary>
    public static readonly LanFaults None = new();

    /// <summary>The share of deliveries that get lost, 0-1.</summary>
    public double LossChance { get; init; }

    /// <summary>The share of deliveries that arrive twice, 0-1.</summary>
    public double DuplicateChance { get; init; }

    /// <summary>The quickest delivery.</summary>
    public TimeSpan LeastDelay { get; init; } = TimeSpan.FromMicroseconds(20);

    /// <summary>The slowest delivery; frames may overtake one another.</summary>
    public TimeSpan MostDelay { get; init; } = TimeSpan.FromMicroseconds(200);
}
