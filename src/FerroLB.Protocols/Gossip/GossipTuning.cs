using System;

namespace FerroLB.Protocols.Gossip;

/// <summary>The numbers of the protocol. The names are those of MetalLB's tuning file.</summary>
public sealed record GossipTuning
{
    /// <summary>For members in one network: a failure is known within 5 to 7 s.</summary>
    public static readonly GossipTuning Lan = new();

    /// <summary>For members far apart.</summary>
    public static readonly GossipTuning Wan = new()
    {
        TcpTimeout = TimeSpan.FromSeconds(30),
        SuspicionMult = 6,
        PushPullInterval = TimeSpan.FromSeconds(60),
        ProbeTimeout = TimeSpan.FromSeconds(3),
        ProbeInterval = TimeSpan.FromSeconds(5),
        GossipNodes = 4,
        GossipInterval = TimeSpan.FromMilliseconds(500),
        GossipToTheDeadTime = TimeSpan.FromSeconds(60),
    };

    /// <summary>How long a stream may take to open, and again to bring its message.</summary>
    public TimeSpan TcpTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many others are asked to ping a member that did not answer.</summary>
    public int IndirectChecks { get; init; } = 3;

    /// <summary>A broadcast is sent this many times the decimal logarithm of the number of members (plus one), rounded up.</summary>
    public int RetransmitMult { get; init; } = 4;

    /// <summary>A suspicion lasts this many times the decimal logarithm (at least 1) probe intervals, once enough others confirm.</summary>
    public int SuspicionMult { get; init; } = 4;

    /// <summary>A suspicion that nobody confirms lasts this many times longer.</summary>
    public int SuspicionMaxTimeoutMult { get; init; } = 6;

    /// <summary>How often the whole picture is exchanged with one random member; zero for never.</summary>
    public TimeSpan PushPullInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a ping may take before others are asked.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How often one member is probed, and how long a probe may take.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether a member that does not answer datagrams is not asked on a stream either.</summary>
    public bool DisableTcpPings { get; init; }

    /// <summary>How many times longer probes may take while this member's own health is in doubt.</summary>
    public int AwarenessMaxMultiplier { get; init; } = 8;

    /// <summary>To how many random members broadcasts are sent per interval.</summary>
    public int GossipNodes { get; init; } = 3;

    /// <summary>How often broadcasts are sent that found no other datagram to travel with; zero for never.</summary>
    public TimeSpan GossipInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a failed member is still told about things, so that it can refute.</summary>
    public TimeSpan GossipToTheDeadTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether what is not sealed is refused, when there is a key.</summary>
    public bool GossipVerifyIncoming { get; init; } = true;

    /// <summary>Whether messages are sealed, when there is a key.</summary>
    public bool GossipVerifyOutgoing { get; init; } = true;

    /// <summary>Whether messages are compressed where that pays.</summary>
    public bool EnableCompression { get; init; } = true;

    /// <summary>How many datagrams may wait to be read.</summary>
    public int HandoffQueueDepth { get; init; } = 1024;

    /// <summary>Most octets of a datagram.</summary>
    public int UdpBufferSize { get; init; } = 1400;

    /// <summary>How often memberlist looks at the length of its queue; ours needs no such look.</summary>
    public TimeSpan QueueCheckInterval { get; init; } = TimeSpan.FromSeconds(30);
}
