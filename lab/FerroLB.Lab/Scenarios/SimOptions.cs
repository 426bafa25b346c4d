namespace FerroLB.Lab.Scenarios;

/// <summary>What one run is to be.</summary>
public sealed record SimOptions
{
    /// <summary>Fixes everything that the other options leave open.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Simulated minutes.</summary>
    public int Minutes { get; init; } = 10;

    /// <summary>Number of nodes; null lets the seed choose none or 2 to 5.</summary>
    public int? Nodes { get; init; }

    /// <summary>Replicas of the controller; null lets the seed choose.</summary>
    public int? Controllers { get; init; }

    /// <summary>What may go wrong; null lets the seed choose.</summary>
    public FaultKinds? Faults { get; init; }

    /// <summary>Number of routers; null lets the seed choose none, or 1 to 3 beside nodes.</summary>
    public int? Routers { get; init; }
}
