using System;

namespace FerroLB.Lab.Scenarios;

/// <summary>What a run of speakers without a cluster is to be.</summary>
public sealed record MembersOptions
{
    /// <summary>Fixes the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of speakers.</summary>
    public required int Nodes { get; init; }

    /// <summary>Simulated minutes, after one in which they meet.</summary>
    public int Minutes { get; init; } = 10;

    /// <summary>The share of deliveries that get lost, 0-1.</summary>
    public double LossChance { get; init; } = 0.05;

    /// <summary>How often owners of addresses, which all are, say that they live; zero for never.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(100);
}
