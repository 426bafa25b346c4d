using System;
using System.Collections.Generic;
using FerroLB.Lab.Routers;
using FerroLB.Lab.World;

namespace FerroLB.Lab.Scenarios;

/// <summary>What a run of a cluster with many routers showed.</summary>
public sealed record RoutersResult
{
    /// <summary>The broken promise; null when all were kept.</summary>
    public required Violation? Violation { get; init; }

    /// <summary>The last lines of the trace; empty when all is well.</summary>
    public IReadOnlyList<string> Tail { get; init; } = [];

    /// <summary>Rounds of faults and rest.</summary>
    public int Rounds { get; init; }

    /// <summary>Those in which some routers were left alone and their sessions watched.</summary>
    public int WatchedRounds { get; init; }

    /// <summary>Sessions of routers left alone, each watched for a round.</summary>
    public long SessionsWatched { get; init; }

    /// <summary>Connections that speakers tried to open.</summary>
    public long Attempts { get; init; }

    /// <summary>Sessions established.</summary>
    public long Established { get; init; }

    /// <summary>Established sessions that ended.</summary>
    public long Ended { get; init; }

    /// <summary>UPDATEs that routers heard.</summary>
    public long Updates { get; init; }

    /// <summary>Wrong messages of routers that were answered by the right NOTIFICATION.</summary>
    public long AnsweredFaults { get; init; }

    /// <summary>Routes of routers that were compared with the model, at rest.</summary>
    public long RoutesCompared { get; init; }

    /// <summary>The most nodes that a router found one prefix behind.</summary>
    public int WidestSpread { get; init; }

    /// <summary>The longest time from the last fault until every router knew what it must.</summary>
    public TimeSpan SlowestConvergence { get; init; }

    /// <summary>How often each fault of a router happened.</summary>
    public IReadOnlyDictionary<RouterFault, int> Faults { get; init; } = new SortedDictionary<RouterFault, int>();

    /// <summary>Events that happened.</summary>
    public long Events { get; init; }

    /// <summary>The hash over every input and output.</summary>
    public ulong TraceHash { get; init; }
}
