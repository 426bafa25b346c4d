using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Arp;

/// <summary>Which order an <see cref="ArpOutput"/> carries.</summary>
public enum ArpOutputKind : byte
{
    /// <summary>Listen on an interface for requests for exactly these addresses, or stop listening.</summary>
    SetFilter,

    /// <summary>Send a frame.</summary>
    SendFrame,
}

/// <summary>What an <see cref="ArpAnnouncerMachine"/> orders. A struct, so that nothing is allocated per frame.</summary>
public readonly struct ArpOutput
{
    /// <summary>Which order this is.</summary>
    public ArpOutputKind Kind { get; private init; }

    /// <summary>The interface's index.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For SetFilter: the addresses, sorted, never changed afterwards; null stops listening.</summary>
    public IReadOnlyList<IpAddress>? Addresses { get; private init; }

    /// <summary>
    /// For SendFrame: the frame from the destination MAC on. Valid until the next Handle or Advance; taking others does not spoil it.
    /// </summary>
    public ReadOnlyMemory<byte> Frame { get; private init; }

    /// <summary>Orders an interface to be listened on, or (null) no longer.</summary>
    public static ArpOutput SetFilter(int linkIndex, IReadOnlyList<IpAddress>? addresses) =>
        new() { Kind = ArpOutputKind.SetFilter, LinkIndex = linkIndex, Addresses = addresses };

    /// <summary>Orders a frame to be sent.</summary>
    public static ArpOutput SendFrame(int linkIndex, ReadOnlyMemory<byte> frame) =>
        new() { Kind = ArpOutputKind.SendFrame, LinkIndex = linkIndex, Frame = frame };
}
