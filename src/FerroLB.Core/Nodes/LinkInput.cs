using System;
using System.Collections.Generic;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Heartbeat;

namespace FerroLB.Core.Nodes;

/// <summary>Which fact a <see cref="LinkInput"/> carries.</summary>
public enum LinkInputKind : byte
{
    /// <summary>A frame arrived on an interface.</summary>
    FrameReceived,

    /// <summary>The set of interfaces is known, or changed.</summary>
    LinksChanged,

    /// <summary>The control loop gave a command.</summary>
    CommandReceived,

    /// <summary>A heartbeat of another speaker arrived; its signature was good and was taken off.</summary>
    HeartbeatReceived,

    /// <summary>A datagram on the heartbeats' port was none of our speakers'.</summary>
    HeartbeatRefused,
}

/// <summary>
/// What the world tells a speaker's link loop. A struct, because at a hundred thousand frames per second nothing may be allocated per
/// frame.
/// </summary>
public readonly struct LinkInput
{
    /// <summary>Which fact this is.</summary>
    public LinkInputKind Kind { get; private init; }

    /// <summary>For FrameReceived and HeartbeatReceived: the interface's index.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For FrameReceived: the frame from the destination MAC on. Valid during the call only: the buffer is reused
    /// afterwards.</summary>
    public ReadOnlyMemory<byte> Frame { get; private init; }

    /// <summary>For HeartbeatReceived: the heartbeat. Valid during the call only.</summary>
    public ReadOnlyMemory<byte> Heartbeat => Frame;

    /// <summary>For HeartbeatRefused: why.</summary>
    public HeartbeatRefusal Refusal { get; private init; }

    /// <summary>For LinksChanged: all interfaces, by index.</summary>
    public IReadOnlyList<LinkState>? Links { get; private init; }

    /// <summary>For CommandReceived: the command.</summary>
    public LinkCommand? Command { get; private init; }

    /// <summary>A frame arrived.</summary>
    public static LinkInput FrameReceived(int linkIndex, ReadOnlyMemory<byte> frame) =>
        new() { Kind = LinkInputKind.FrameReceived, LinkIndex = linkIndex, Frame = frame };

    /// <summary>The interfaces are known, or changed.</summary>
    public static LinkInput LinksChanged(IReadOnlyList<LinkState> links) => new() { Kind = LinkInputKind.LinksChanged, Links = links };

    /// <summary>A heartbeat arrived.</summary>
    public static LinkInput HeartbeatReceived(int linkIndex, ReadOnlyMemory<byte> heartbeat) =>
        new() { Kind = LinkInputKind.HeartbeatReceived, LinkIndex = linkIndex, Frame = heartbeat };

    /// <summary>A datagram arrived that was none of our speakers'.</summary>
    public static LinkInput HeartbeatRefused(HeartbeatRefusal refusal) =>
        new() { Kind = LinkInputKind.HeartbeatRefused, Refusal = refusal };

    /// <summary>A command arrived.</summary>
    public static LinkInput CommandReceived(LinkCommand command) => new() { Kind = LinkInputKind.CommandReceived, Command = command };
}
