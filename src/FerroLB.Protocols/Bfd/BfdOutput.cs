using System;

namespace FerroLB.Protocols.Bfd;

/// <summary>Which order a <see cref="BfdOutput"/> carries.</summary>
public enum BfdOutputKind : byte
{
    /// <summary>Open a session's socket.</summary>
    OpenSocket,

    /// <summary>Close a session's socket.</summary>
    CloseSocket,

    /// <summary>Send a datagram.</summary>
    SendDatagram,

    /// <summary>Tell that a session changed its state.</summary>
    TellState,
}

/// <summary>What a <see cref="BfdEngineMachine"/> orders. A struct, so that nothing is allocated per packet.</summary>
public readonly struct BfdOutput
{
    /// <summary>Which order this is.</summary>
    public BfdOutputKind Kind { get; private init; }

    /// <summary>The number of the session. Numbers are not used twice.</summary>
    public int Session { get; private init; }

    /// <summary>For OpenSocket: the socket. It replaces an earlier one of the session.</summary>
    public BfdSocketOptions? Options { get; private init; }

    /// <summary>
    /// For SendDatagram: the port that it goes to. Control packets leave by the session's socket; echo packets by the one that hears
    /// them, for their destination is the session's peer as well.
    /// </summary>
    public BfdChannel Channel { get; private init; }

    /// <summary>For SendDatagram: TTL or hop limit, 255; 254 for a peer's echo packet that goes back to it.</summary>
    public int TimeToLive { get; private init; }

    /// <summary>For SendDatagram: the content. Valid until the next Handle or Advance; taking others does not spoil it.</summary>
    public ReadOnlyMemory<byte> Payload { get; private init; }

    /// <summary>For TellState: what changed.</summary>
    public BfdStateChange Change { get; private init; }

    internal static BfdOutput OpenSocket(int session, BfdSocketOptions options) =>
        new() { Kind = BfdOutputKind.OpenSocket, Session = session, Options = options };

    internal static BfdOutput CloseSocket(int session) => new() { Kind = BfdOutputKind.CloseSocket, Session = session };

    internal static BfdOutput SendDatagram(int session, BfdChannel channel, int timeToLive, ReadOnlyMemory<byte> payload) => new()
    {
        Kind = BfdOutputKind.SendDatagram,
        Session = session,
        Channel = channel,
        TimeToLive = timeToLive,
        Payload = payload,
    };

    internal static BfdOutput TellState(int session, BfdStateChange change) =>
        new() { Kind = BfdOutputKind.TellState, Session = session, Change = change };
}
