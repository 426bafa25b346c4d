namespace FerroLB.Core.Kube.Objects;

/// <summary>metallb.io/v1beta1 BFDProfile: timers and modes of BFD sessions. Every null means the default.</summary>
public sealed record BfdProfile : KubeObject
{
    /// <summary>Shortest interval at which packets are accepted, in milliseconds.</summary>
    public int? ReceiveIntervalMilliseconds { get; init; }

    /// <summary>Shortest interval at which packets are sent, in milliseconds.</summary>
    public int? TransmitIntervalMilliseconds { get; init; }

    /// <summary>Packets that may be lost.</summary>
    public int? DetectMultiplier { get; init; }

    /// <summary>Interval of echo packets, in milliseconds.</summary>
    public int? EchoIntervalMilliseconds { get; init; }

    /// <summary>Whether echo packets are sent.</summary>
    public bool? EchoMode { get; init; }

    /// <summary>Whether the peer must begin.</summary>
    public bool? PassiveMode { get; init; }

    /// <summary>Lowest TTL accepted from a peer several hops away.</summary>
    public int? MinimumTtl { get; init; }
}
