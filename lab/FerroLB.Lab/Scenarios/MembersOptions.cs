using System;

namespace FerroLB.Lab.Scenarios;

/// <summary>What a run of speakers without a cluster is to be.</summary>
public sealed record MembersOptions
{
    /// <summary>Fixes the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of speakers.</summary>
    public required int Nodes { get; init; }

    /// <summary>Simulated minutes in which nobody dies.</summary>
    public int Minutes { get; init; } = 10;

    /// <summary>The share of deliveries that get lost, 0-1, all the time. A fifth as many arrive twice.</summary>
    public double LossChance { get; init; } = 0.05;

    /// <summary>The slowest delivery; those of one moment overtake one another.</summary>
    public TimeSpan MostDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How often owners of addresses, which all are, say that they live; zero for never.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Whether afterwards a speaker dies and comes back, one stands still, a way is cut and the LAN falls into two
    /// halves.</summary>
    public bool HasTroubles { get; init; } = true;
}
