using System;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>Which order or news a <see cref="HeartbeatOutput"/> carries.</summary>
public enum HeartbeatOutputKind : byte
{
    /// <summary>Send a heartbeat from an interface.</summary>
    SendPacket,

    /// <summary>What is thought of a peer changed.</summary>
    PeerChanged,

    /// <summary>Others on an interface hold this node to be silent: it should announce its addresses there once more.</summary>
    Accused,

    /// <summary>This process stood still so long that others may have taken its addresses: nothing may be answered from now on.</summary>
    StoodStill,

    /// <summary>It is known again what this node owns: it may answer.</summary>
    Resumed,

    /// <summary>This node's incarnation was behind what others remember and was raised above it.</summary>
    IncarnationRaised,

    /// <summary>Another node bears this one's name.</summary>
    NameConflict,
}

/// <summary>What a <see cref="HeartbeatMachine"/> orders and tells. A struct, so that nothing is allocated per heartbeat.</summary>
public readonly struct HeartbeatOutput
{
    /// <summary>Which order or news this is.</summary>
    public HeartbeatOutputKind Kind { get; private init; }

    /// <summary>For SendPacket and Accused: the interface's index.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For SendPacket: the octets to be signed and sent. Valid until the next Handle or Advance.</summary>
    public ReadOnlyMemory<byte> Packet { get; private init; }

    /// <summary>For PeerChanged: the peer as it is thought of now.</summary>
    public HeartbeatPeerState? Peer { get; private init; }

    /// <summary>For Accused: who does.</summary>
    public string? By { get; private init; }

    /// <summary>For PeerChanged: how long nothing was heard of the peer; for StoodStill: how long this process stood.</summary>
    public TimeSpan Span { get; private init; }

    internal static HeartbeatOutput SendPacket(int linkIndex, ReadOnlyMemory<byte> packet) =>
        new() { Kind = HeartbeatOutputKind.SendPacket, LinkIndex = linkIndex, Packet = packet };

    internal static HeartbeatOutput PeerChanged(HeartbeatPeerState peer, TimeSpan silence) =>
        new() { Kind = HeartbeatOutputKind.PeerChanged, Peer = peer, Span = silence };

    internal static HeartbeatOutput Accused(int linkIndex, string by) =>
        new() { Kind = HeartbeatOutputKind.Accused, LinkIndex = linkIndex, By = by };

    internal static HeartbeatOutput Plain(HeartbeatOutputKind kind, TimeSpan span = default) => new() { Kind = kind, Span = span };
}
