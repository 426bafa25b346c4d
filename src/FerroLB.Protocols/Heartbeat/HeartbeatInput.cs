using System;
using System.Collections.Generic;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>Which fact a <see cref="HeartbeatInput"/> carries.</summary>
public enum HeartbeatInputKind : byte
{
    /// <summary>The interfaces are known, or changed, or the ownership of addresses on them did.</summary>
    LinksChanged,

    /// <summary>A heartbeat arrived; its signature was good and was taken off.</summary>
    PacketReceived,

    /// <summary>A datagram arrived that was none.</summary>
    PacketRefused,

    /// <summary>Which addresses this node owns was decided anew after it stood still, or for the first time.</summary>
    OwnershipConfirmed,

    /// <summary>This node is about to end.</summary>
    LeaveRequested,
}

/// <summary>What the world tells a <see cref="HeartbeatMachine"/>. A struct, so that nothing is allocated per heartbeat.</summary>
public readonly struct HeartbeatInput
{
    /// <summary>Which fact this is.</summary>
    public HeartbeatInputKind Kind { get; private init; }

    /// <summary>For LinksChanged: every usable interface, by index.</summary>
    public IReadOnlyList<HeartbeatLink>? Links { get; private init; }

    /// <summary>For PacketReceived: the interface's index.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For PacketReceived: the octets; read during the call only.</summary>
    public ReadOnlyMemory<byte> Packet { get; private init; }

    /// <summary>For PacketRefused: why.</summary>
    public HeartbeatRefusal Refusal { get; private init; }

    /// <summary>For OwnershipConfirmed: after which standstill; 0 before the first.</summary>
    public int Standstill { get; private init; }

    /// <summary>The interfaces, or the ownership on them, changed.</summary>
    public static HeartbeatInput LinksChanged(IReadOnlyList<HeartbeatLink> links) =>
        new() { Kind = HeartbeatInputKind.LinksChanged, Links = links };

    /// <summary>A heartbeat arrived.</summary>
    public static HeartbeatInput PacketReceived(int linkIndex, ReadOnlyMemory<byte> packet) =>
        new() { Kind = HeartbeatInputKind.PacketReceived, LinkIndex = linkIndex, Packet = packet };

    /// <summary>A datagram arrived that was none.</summary>
    public static HeartbeatInput PacketRefused(HeartbeatRefusal refusal) =>
        new() { Kind = HeartbeatInputKind.PacketRefused, Refusal = refusal };

    /// <summary>Ownership was decided with knowledge of a standstill.</summary>
    public static HeartbeatInput OwnershipConfirmed(int standstill) =>
        new() { Kind = HeartbeatInputKind.OwnershipConfirmed, Standstill = standstill };

    /// <summary>This node is about to end.</summary>
    public static HeartbeatInput LeaveRequested() => new() { Kind = HeartbeatInputKind.LeaveRequested };
}
