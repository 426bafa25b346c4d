using System;
using System.Collections.Immutable;
using FerroLB.Core.Status;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>What a <see cref="BgpNode"/> orders and tells.</summary>
public abstract record BgpNodeOutput
{
    private BgpNodeOutput()
    {
    }

    /// <summary>Open, write or close a connection of a session.</summary>
    /// <param name="Peer">The number of the session. Numbers are not used twice.</param>
    /// <param name="Order">The order: OpenStream, WriteStream or CloseStream.</param>
    public sealed record OrderStream(int Peer, BgpSessionOutput Order) : BgpNodeOutput;

    /// <summary>Listen to these ports and no others; for each that is not listened to yet, tell
    /// <see cref="BgpNodeInput.ListenTried"/>.</summary>
    public sealed record Listen(ImmutableArray<BgpListenWish> Wishes) : BgpNodeOutput;

    /// <summary>Let a caller in: its connection is one of a session from now on.</summary>
    /// <param name="Connection">The number of the connection, which is that of the session's stream.</param>
    /// <param name="Peer">The number of the session.</param>
    /// <param name="Options">What is asked of the connection.</param>
    public sealed record AdmitConnection(long Connection, int Peer, BgpStreamOptions Options) : BgpNodeOutput;

    /// <summary>Close a caller's connection without a word.</summary>
    /// <param name="Connection">The number of the connection.</param>
    public sealed record RefuseConnection(long Connection) : BgpNodeOutput;

    /// <summary>Hear router solicitations and advertisements on these interfaces and no others.</summary>
    /// <param name="Links">Their indices, ascending.</param>
    public sealed record HearRouters(ImmutableArray<int> Links) : BgpNodeOutput;

    /// <summary>Send a router solicitation or advertisement with hop limit 255.</summary>
    /// <param name="LinkIndex">The interface.</param>
    /// <param name="Destination">To whom.</param>
    /// <param name="Message">The ICMPv6 message, from its type on, without its checksum.</param>
    public sealed record SendRouterMessage(int LinkIndex, IpAddress Destination, ReadOnlyMemory<byte> Message) : BgpNodeOutput;

    /// <summary>Watch a path, or watch it no longer.</summary>
    public sealed record WishBfd(BfdInput Wish) : BgpNodeOutput;

    /// <summary>How the sessions are; the newest report counts.</summary>
    public sealed record Report(BgpReport Sessions) : BgpNodeOutput;

    /// <summary>Write a log line.</summary>
    public sealed record WriteLog(LogEvent Event) : BgpNodeOutput;

    /// <summary>Change a metric.</summary>
    public sealed record ChangeMetric(MetricChange Change) : BgpNodeOutput;

    /// <summary>All peers were taken leave of: the answer to <see cref="BgpCommand.ShutDown"/>.</summary>
    public sealed record TellSilent : BgpNodeOutput;
}
