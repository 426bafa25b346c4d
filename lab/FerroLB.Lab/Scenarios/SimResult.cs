using System;
using System.Collections.Generic;
using FerroLB.Lab.World;

namespace FerroLB.Lab.Scenarios;

/// <summary>What one run showed.</summary>
public sealed record SimResult
{
    /// <summary>The run's seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The hash over every input and output of every machine.</summary>
    public required ulong TraceHash { get; init; }

    /// <summary>Events that happened.</summary>
    public required long Events { get; init; }

    /// <summary>The broken promise; null when all were kept.</summary>
    public required Violation? Violation { get; init; }

    /// <summary>The last lines of the trace; empty when all is well.</summary>
    public IReadOnlyList<string> Tail { get; init; } = [];

    /// <summary>Rounds of faults and rest.</summary>
    public int Rounds { get; init; }

    /// <summary>Single acts at rest, each compared with what it justifies.</summary>
    public int Steps { get; init; }

    /// <summary>Addresses given to Services.</summary>
    public long Assignments { get; init; }

    /// <summary>How often somebody else became the leading controller.</summary>
    public int LeaderChanges { get; init; }

    /// <summary>Addresses that a former leader gave before the new one gave any.</summary>
    public int LateGifts { get; init; }

    /// <summary>Comparisons, at rest, of an address that a node must answer for with who answered.</summary>
    public long OwnersCompared { get; init; }

    /// <summary>Routes of routers that were compared with the model, at rest.</summary>
    public long RoutesCompared { get; init; }

    /// <summary>The longest time from the last fault until everything was as it should be.</summary>
    public TimeSpan SlowestConvergence { get; init; }

    /// <summary>What was allowed to go wrong.</summary>
    public FaultKinds Faults { get; init; }
}
