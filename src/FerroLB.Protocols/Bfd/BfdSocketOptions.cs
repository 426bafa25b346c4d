using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bfd;

/// <summary>
/// The UDP socket that a session's control packets leave by. Echo packets leave by the socket that hears them, because peers return them
/// to the port that they came from.
/// </summary>
/// <param name="Key">The session.</param>
/// <param name="SourcePort">The port to bind, 49152-65535, kept for the life of the session.</param>
public sealed record BfdSocketOptions(BfdSessionKey Key, int SourcePort)
{
    /// <summary>The peer's port.</summary>
    public int DestinationPort => BfdPort.Of(Key.Channel);

    /// <summary>TTL or hop limit.</summary>
    public int TimeToLive { get; init; } = BfdPort.TimeToLive;

    /// <summary>TOS or traffic class.</summary>
    public int TrafficClass { get; init; } = BfdPort.TrafficClass;

    /// <summary>The address to bind; null for any.</summary>
    public IpAddress? Local => Key.Local;
}
