namespace FerroLB.Lab.Scenarios;

/// <summary>What a run is to be in which nothing breaks unasked.</summary>
public sealed record GapsOptions
{
    /// <summary>Fixes the run.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Number of nodes, at least 3.</summary>
    public int Nodes { get; init; } = 4;

    /// <summary>Services, each with an address.</summary>
    public int Services { get; init; } = 12;

    /// <summary>Planned moves.</summary>
    public int Moves { get; init; } = 20;

    /// <summary>For how many simulated minutes the API server is away.</summary>
    public int MinutesAway { get; init; } = 60;
}
