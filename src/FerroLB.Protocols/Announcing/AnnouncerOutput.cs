using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>Which order an <see cref="AnnouncerOutput"/> carries.</summary>
public enum AnnouncerOutputKind : byte
{
    /// <summary>Listen on an interface for requests for exactly these addresses, or stop listening.</summary>
    SetFilter,

    /// <summary>Send a frame.</summary>
    SendFrame,

    /// <summary>Become a member of a multicast group on an interface (NDP only).</summary>
    JoinGroup,

    /// <summary>Be a member no longer.</summary>
    LeaveGroup,
}

/// <summary>What an announcer orders. A struct, so that nothing is allocated per frame.</summary>
public readonly struct AnnouncerOutput
{
    /// <summary>Which order this is.</summary>
    public AnnouncerOutputKind Kind { get; private init; }

    /// <summary>The interface's index.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For SetFilter: the addresses, sorted, never changed afterwards; null stops listening.</summary>
    public IReadOnlyList<IpAddress>? Addresses { get; private init; }

    /// <summary>
    /// For SendFrame: the frame from the destination MAC on. Valid until the next Handle or Advance; taking others does not spoil it.
    /// </summary>
    public ReadOnlyMemory<byte> Frame { get; private init; }

    /// <summary>For JoinGroup and LeaveGroup: the group.</summary>
    public IpAddress Group { get; private init; }

    /// <summary>Orders an interface to be listened on, or (null) no longer.</summary>
    public static AnnouncerOutput SetFilter(int linkIndex, IReadOnlyList<IpAddress>? addresses) =>
        new() { Kind = AnnouncerOutputKind.SetFilter, LinkIndex = linkIndex, Addresses = addresses };

    /// <summary>Orders a frame to be sent.</summary>
    public static AnnouncerOutput SendFrame(int linkIndex, ReadOnlyMemory<byte> frame) =>
        new() { Kind = AnnouncerOutputKind.SendFrame, LinkIndex = linkIndex, Frame = frame };

    /// <summary>Orders a group to be joined on an interface, or left.</summary>
    public static AnnouncerOutput Membership(int linkIndex, IpAddress group, bool isMember) => new()
    {
        Kind = isMember ? AnnouncerOutputKind.JoinGroup : AnnouncerOutputKind.LeaveGroup,
        LinkIndex = linkIndex,
        Group = group,
    };
}
