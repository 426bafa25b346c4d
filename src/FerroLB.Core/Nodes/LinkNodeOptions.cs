using System;
using FerroLB.Protocols.Heartbeat;

namespace FerroLB.Core.Nodes;

/// <summary>What an operator may choose for a <see cref="LinkNode"/>.</summary>
public sealed record LinkNodeOptions
{
    /// <summary>Interfaces that are not even listed.</summary>
    public InterfaceExclusions Exclusions { get; init; } = InterfaceExclusions.None;

    /// <summary>How often an address is announced unasked after its first burst; zero for never. Not negative.</summary>
    public TimeSpan GratuitousInterval { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How heartbeats are sent and judged; null for not at all.</summary>
    public HeartbeatConfig? Heartbeats { get; init; }

    /// <summary>Whether a debug line is written for every frame; allocates, so only at log level debug.</summary>
    public bool LogsFrames { get; init; }
}
