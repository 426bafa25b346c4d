namespace FerroLB.Core.Config;

/// <summary>A valid BFDProfile. What the user left out has its default.</summary>
/// <param name="Name">The object's name.</param>
public sealed record BfdProfileConfig(string Name)
{
    /// <summary>Shortest interval at which control packets are accepted, in milliseconds, 10-60000.</summary>
    public int ReceiveIntervalMilliseconds { get; init; } = 300;

    /// <summary>Shortest interval at which control packets are sent, in milliseconds, 10-60000.</summary>
    public int TransmitIntervalMilliseconds { get; init; } = 300;

    /// <summary>How many intervals without a packet take the session down, 2-255.</summary>
    public int DetectMultiplier { get; init; } = 3;

    /// <summary>Interval of echo packets in both directions, in milliseconds, 10-60000.</summary>
    public int EchoIntervalMilliseconds { get; init; } = 50;

    /// <summary>Whether echo packets are used, to peers one hop away.</summary>
    public bool EchoMode { get; init; }

    /// <summary>Whether the peer has to begin.</summary>
    public bool PassiveMode { get; init; }

    /// <summary>Lowest TTL accepted from a peer several hops away, 1-254.</summary>
    public int MinimumTtl { get; init; } = 254;
}
