using System;

namespace FerroLB.Lab.Scenarios;

/// <summary>What a run of a large cluster is to be.</summary>
public sealed record ScaleOptions
{
    /// <summary>Fixes the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Services, each with an address.</summary>
    public required int Services { get; init; }

    /// <summary>Number of nodes.</summary>
    public required int Nodes { get; init; }

    /// <summary>Simulated minutes after all Services have an address.</summary>
    public int Minutes { get; init; } = 60;

    /// <summary>What may go wrong.</summary>
    public FaultKinds Faults { get; init; } = FaultKinds.All;

    /// <summary>How often owners say that they live. Two hundred that say so ten times per second make a thousand heartbeats per second,
    /// each heard two hundred times: more than everything else together.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1);
}
