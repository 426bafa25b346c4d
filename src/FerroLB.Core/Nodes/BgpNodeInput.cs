using System;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>What the world tells a <see cref="BgpNode"/>.</summary>
public abstract record BgpNodeInput
{
    private BgpNodeInput()
    {
    }

    /// <summary>The control loop orders something.</summary>
    public sealed record Commanded(BgpCommand Command) : BgpNodeInput;

    /// <summary>Something happened on a connection of a session.</summary>
    /// <param name="Peer">The number of the session.</param>
    /// <param name="Input">What.</param>
    public sealed record StreamHappened(int Peer, BgpSessionInput Input) : BgpNodeInput;

    /// <summary>Somebody opened a connection to a port that is listened to; it waits to be admitted or refused.</summary>
    public sealed record ConnectionAccepted(BgpCaller Caller) : BgpNodeInput;

    /// <summary>A port that is to be listened to was tried.</summary>
    /// <param name="Point">Which.</param>
    /// <param name="Problem">What is wrong with it; null when it is listened to.</param>
    public sealed record ListenTried(BgpListenPoint Point, string? Problem) : BgpNodeInput;

    /// <summary>A router solicitation or advertisement came, not forwarded by a router and with the right checksum.</summary>
    /// <param name="LinkIndex">The interface.</param>
    /// <param name="Source">Who sent it.</param>
    /// <param name="Message">The ICMPv6 message, from its type on.</param>
    public sealed record RouterMessageReceived(int LinkIndex, IpAddress Source, ReadOnlyMemory<byte> Message) : BgpNodeInput;

    /// <summary>Router advertisements cannot be heard or sent.</summary>
    /// <param name="Reason">The system's words.</param>
    public sealed record RouterMessagesFailed(string Reason) : BgpNodeInput;

    /// <summary>BFD found or lost a path.</summary>
    public sealed record BfdChanged(BfdStateChange Change) : BgpNodeInput;
}
