using System;
using FerroLB.Lab.World;

namespace FerroLB.Lab.Scenarios;

/// <summary>What a run of a large cluster showed.</summary>
public sealed record ScaleResult
{
    /// <summary>Simulated time until every Service had an address and a node that announces it; null when that never was.</summary>
    public required TimeSpan? Start { get; init; }

    /// <summary>Rounds of faults and rest.</summary>
    public required int Rounds { get; init; }

    /// <summary>The longest time from the last fault until everything was as it should be.</summary>
    public required TimeSpan SlowestConvergence { get; init; }

    /// <summary>Comparisons of an address at rest with who announces it.</summary>
    public required long OwnersCompared { get; init; }

    /// <summary>Things that users did.</summary>
    public required long Acts { get; init; }

    /// <summary>Simulated time in all.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Events that happened.</summary>
    public required long Events { get; init; }

    /// <summary>The hash over every input and output.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>The broken promise; null when all were kept.</summary>
    public required Violation? Violation { get; init; }
}
