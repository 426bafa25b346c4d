using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bfd;

/// <summary>Which fact a <see cref="BfdInput"/> carries.</summary>
public enum BfdInputKind : byte
{
    /// <summary>A datagram arrived.</summary>
    DatagramReceived,

    /// <summary>Somebody wants a session, or wants it held differently.</summary>
    SessionWanted,

    /// <summary>Nobody wants a session any more.</summary>
    SessionUnwanted,

    /// <summary>A session's socket could not be opened or bound.</summary>
    SocketFailed,

    /// <summary>The process will end.</summary>
    ShutdownRequested,
}

/// <summary>What the world tells a <see cref="BfdEngineMachine"/>. A struct, so that nothing is allocated per packet.</summary>
public readonly struct BfdInput
{
    /// <summary>Which fact this is.</summary>
    public BfdInputKind Kind { get; private init; }

    /// <summary>For DatagramReceived: the port that it came to.</summary>
    public BfdChannel Channel { get; private init; }

    /// <summary>For DatagramReceived: its source address.</summary>
    public IpAddress From { get; private init; }

    /// <summary>For DatagramReceived: its destination address.</summary>
    public IpAddress To { get; private init; }

    /// <summary>For DatagramReceived: the interface that it came in on.</summary>
    public int LinkIndex { get; private init; }

    /// <summary>For DatagramReceived: the VRF that it came in on; null or "" for the default one.</summary>
    public string? Vrf { get; private init; }

    /// <summary>For DatagramReceived: its TTL or hop limit.</summary>
    public int TimeToLive { get; private init; }

    /// <summary>For DatagramReceived: its content; read during the call only.</summary>
    public ReadOnlyMemory<byte> Payload { get; private init; }

    /// <summary>For SessionWanted and SessionUnwanted: the session.</summary>
    public BfdSessionKey Key { get; private init; }

    /// <summary>For SessionWanted: how to hold it.</summary>
    public BfdSessionConfig? Config { get; private init; }

    /// <summary>For SocketFailed: the number of the session.</summary>
    public int Session { get; private init; }

    /// <summary>A datagram arrived.</summary>
    public static BfdInput DatagramReceived(
        BfdChannel channel, IpAddress from, IpAddress to, int linkIndex, int timeToLive, ReadOnlyMemory<byte> payload,
        string? vrf = null) =>
        new()
        {
            Kind = BfdInputKind.DatagramReceived,
            Channel = channel,
            From = from,
            To = to,
            LinkIndex = linkIndex,
            TimeToLive = timeToLive,
            Payload = payload,
            Vrf = vrf,
        };

    /// <summary>Somebody wants a session, or wants it held differently from now on.</summary>
    public static BfdInput SessionWanted(BfdSessionKey key, BfdSessionConfig config) =>
        new() { Kind = BfdInputKind.SessionWanted, Key = key, Config = config };

    /// <summary>Nobody wants a session any more.</summary>
    public static BfdInput SessionUnwanted(BfdSessionKey key) => new() { Kind = BfdInputKind.SessionUnwanted, Key = key };

    /// <summary>The socket that <see cref="BfdOutputKind.OpenSocket"/> ordered is not to be had.</summary>
    public static BfdInput SocketFailed(int session) => new() { Kind = BfdInputKind.SocketFailed, Session = session };

    /// <summary>The process will end: peers are told that it is on purpose.</summary>
    public static BfdInput ShutdownRequested() => new() { Kind = BfdInputKind.ShutdownRequested };
}
