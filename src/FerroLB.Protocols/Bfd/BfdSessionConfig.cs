using System;

namespace FerroLB.Protocols.Bfd;

/// <summary>How a session is held: a BFD profile. Values outside of the ranges are cut to them.</summary>
public sealed record BfdSessionConfig
{
    /// <summary>The interval of echo packets that is stated when echo is out of question.</summary>
    public static readonly TimeSpan StandardEchoInterval = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>The shortest interval at which control packets are accepted, 1 ms to 60 s.</summary>
    public TimeSpan ReceiveInterval { get; init => field = Cut(value); } = TimeSpan.FromMilliseconds(300);

    /// <summary>The shortest interval at which control packets are sent, 1 ms to 60 s.</summary>
    public TimeSpan TransmitInterval { get; init => field = Cut(value); } = TimeSpan.FromMilliseconds(300);

    /// <summary>How many intervals without a packet take the session down, 1-255.</summary>
    public int DetectMultiplier { get; init => field = Math.Clamp(value, 1, 255); } = 3;

    /// <summary>The interval of echo packets in both directions, 1 ms to 60 s.</summary>
    public TimeSpan EchoInterval { get; init => field = Cut(value); } = StandardEchoInterval;

    /// <summary>Whether echo packets are sent, to peers one hop away that return them.</summary>
    public bool EchoMode { get; init; }

    /// <summary>Whether nothing is sent before the peer was heard.</summary>
    public bool PassiveMode { get; init; }

    /// <summary>The lowest TTL accepted from a peer some hops away, 1-255.</summary>
    public int MinimumTtl { get; init => field = Math.Clamp(value, 1, BfdPort.TimeToLive); } = 254;

    private static TimeSpan Cut(TimeSpan value) => value < Shortest ? Shortest : value > Longest ? Longest : value;
}
