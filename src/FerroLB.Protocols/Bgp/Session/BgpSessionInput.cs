using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>
/// What the world tells a <see cref="BgpSessionMachine"/>. The machine numbers the connections that it opens with negative numbers, the
/// world those that it accepts with others.
/// </summary>
public abstract record BgpSessionInput
{
    private BgpSessionInput()
    {
    }

    /// <summary>The session is wanted.</summary>
    public sealed record StartRequested : BgpSessionInput;

    /// <summary>The session is not wanted any more.</summary>
    /// <param name="Reason">Why, which decides what the peer is told.</param>
    /// <param name="Text">For the peer's operator (RFC 9003); "" for none.</param>
    public sealed record StopRequested(BgpStopReason Reason, string Text = "") : BgpSessionInput;

    /// <summary>An operator wants the session to begin anew: Cease 4.</summary>
    /// <param name="Text">For the peer's operator (RFC 9003); "" for none.</param>
    public sealed record ResetRequested(string Text = "") : BgpSessionInput;

    /// <summary>The session is to be held differently. It is begun anew unless only timers differ.</summary>
    public sealed record ConfigChanged(BgpSessionConfig Config) : BgpSessionInput;

    /// <summary>A connection that the machine ordered is open.</summary>
    /// <param name="Stream">Its number.</param>
    /// <param name="Local">Our address.</param>
    public sealed record StreamOpened(long Stream, IpAddress Local) : BgpSessionInput;

    /// <summary>The peer opened a connection, from its address and with the key that is configured.</summary>
    /// <param name="Stream">Its number.</param>
    /// <param name="Local">Our address.</param>
    public sealed record StreamAccepted(long Stream, IpAddress Local) : BgpSessionInput;

    /// <summary>Octets came on a connection.</summary>
    /// <param name="Stream">Its number.</param>
    /// <param name="Bytes">Read during the call only.</param>
    public sealed record StreamBytes(long Stream, ReadOnlyMemory<byte> Bytes) : BgpSessionInput;

    /// <summary>The kernel has taken all that was ordered to be written on a connection.</summary>
    public sealed record StreamWritable(long Stream) : BgpSessionInput;

    /// <summary>The peer closed a connection.</summary>
    public sealed record StreamClosed(long Stream) : BgpSessionInput;

    /// <summary>A connection did not open, or broke.</summary>
    /// <param name="Stream">Its number.</param>
    /// <param name="Failure">In which way.</param>
    /// <param name="Reason">The system's words.</param>
    public sealed record StreamFailed(long Stream, BgpStreamFailure Failure, string Reason) : BgpSessionInput;

    /// <summary>Whole UPDATE or ROUTE-REFRESH messages are to be sent, at most as many octets as
    /// <see cref="BgpSessionMachine.FreeWriteBytes"/> said. Copied during the call. Ignored unless the session is established.</summary>
    public sealed record MessagesWritten(ReadOnlyMemory<byte> Messages) : BgpSessionInput;

    /// <summary>BFD has lost the path to the peer.</summary>
    public sealed record BfdWentDown : BgpSessionInput;

    /// <summary>BFD has found the path to the peer.</summary>
    public sealed record BfdCameUp : BgpSessionInput;
}
