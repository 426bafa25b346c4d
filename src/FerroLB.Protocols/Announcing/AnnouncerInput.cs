using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Announcing;

/// <summary>Which fact an <see cref="AnnouncerInput"/> carries.</summary>
public enum AnnouncerInputKind : byte
{
    /// <summary>A frame arrived.</summary>
    FrameReceived,

    /// <summary>The set of usable interfaces is known, or changed.</summary>
    LinksChanged,

    /// <summary>This node owns an address from now on, or on other interfaces than before.</summary>
    AddressAnnounced,

    /// <summary>This node no longer owns an address, and nobody else does: silence.</summary>
    AddressRetracted,

    /// <summary>Another node owns an address from now on: answer until it is heard, for a second at most.</summary>
    AddressYielded,

    /// <summary>Somebody wants an owned address to be announced unasked again.</summary>
    RefreshRequested,
}

/// <summary>
/// What the world tells an announcer. A struct, so that nothing is allocated per frame. An announcer ignores addresses of the family that
/// it does not speak for.
/// </summary>
public readonly struct AnnouncerInput
{
    /// <summary>Which fact this is.</summary>
    public AnnouncerInputKind Kind { get; private init; }

    /// <summary>For FrameReceived: the interface's index.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For FrameReceived: the frame from the destination MAC on; read during the call only.</summary>
    public ReadOnlyMemory<byte> Frame { get; private init; }

    /// <summary>For LinksChanged: every usable interface.</summary>
    public IReadOnlyList<AnnouncingLink>? Links { get; private init; }

    /// <summary>For LinksChanged: MACs of this node's other interfaces; null for none.</summary>
    public IReadOnlyCollection<MacAddress>? OwnMacs { get; private init; }

    /// <summary>For the facts about an address: which one.</summary>
    public IpAddress Address { get; private init; }

    /// <summary>For AddressAnnounced: names of the interfaces; null means every usable one.</summary>
    public IReadOnlyCollection<string>? Interfaces { get; private init; }

    /// <summary>A frame arrived.</summary>
    public static AnnouncerInput FrameReceived(int linkIndex, ReadOnlyMemory<byte> frame) =>
        new() { Kind = AnnouncerInputKind.FrameReceived, LinkIndex = linkIndex, Frame = frame };

    /// <summary>The usable interfaces are known, or changed.</summary>
    public static AnnouncerInput LinksChanged(IReadOnlyList<AnnouncingLink> links, IReadOnlyCollection<MacAddress>? ownMacs = null) =>
        new() { Kind = AnnouncerInputKind.LinksChanged, Links = links, OwnMacs = ownMacs };

    /// <summary>This node owns an address on some interfaces, or (null) on all.</summary>
    public static AnnouncerInput AddressAnnounced(IpAddress address, IReadOnlyCollection<string>? interfaces) =>
        new() { Kind = AnnouncerInputKind.AddressAnnounced, Address = address, Interfaces = interfaces };

    /// <summary>This node no longer owns an address.</summary>
    public static AnnouncerInput AddressRetracted(IpAddress address) =>
        new() { Kind = AnnouncerInputKind.AddressRetracted, Address = address };

    /// <summary>Another node owns an address from now on.</summary>
    public static AnnouncerInput AddressYielded(IpAddress address) =>
        new() { Kind = AnnouncerInputKind.AddressYielded, Address = address };

    /// <summary>An owned address shall be announced unasked again.</summary>
    public static AnnouncerInput RefreshRequested(IpAddress address) =>
        new() { Kind = AnnouncerInputKind.RefreshRequested, Address = address };
}
