using System;

namespace FerroLB.Lab.Scenarios;

/// <summary>What a run of a cluster with many routers is to be.</summary>
public sealed record RoutersOptions
{
    /// <summary>Fixes the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of routers, each the peer of every node.</summary>
    public int Peers { get; init; } = 50;

    /// <summary>Number of nodes.</summary>
    public int Nodes { get; init; } = 3;

    /// <summary>Simulated time.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(24);
}
