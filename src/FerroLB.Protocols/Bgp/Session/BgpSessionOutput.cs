using System;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>What a <see cref="BgpSessionMachine"/> orders and tells.</summary>
public abstract record BgpSessionOutput
{
    private BgpSessionOutput()
    {
    }

    /// <summary>Open a connection to the peer.</summary>
    public sealed record OpenStream(long Stream, BgpStreamOptions Options) : BgpSessionOutput;

    /// <summary>
    /// Write octets on a connection; answer StreamWritable when the kernel has taken them all. The next order comes after that answer,
    /// except a last one before <see cref="CloseStream"/>, which is to be appended.
    /// </summary>
    /// <param name="Stream">Its number.</param>
    /// <param name="Bytes">Valid until the answer, or until the connection is closed.</param>
    public sealed record WriteStream(long Stream, ReadOnlyMemory<byte> Bytes) : BgpSessionOutput;

    /// <summary>
    /// Close a connection, or give up opening it. What was ordered to be written is written first if that takes no longer than a second
    /// or so; octets that come are thrown away. Nothing more is to be said about the connection.
    /// </summary>
    public sealed record CloseStream(long Stream) : BgpSessionOutput;

    /// <summary>The session is established: send all routes, and the End-of-RIB marks.</summary>
    /// <param name="Negotiated">What both sides can.</param>
    /// <param name="Local">Our address of the connection.</param>
    public sealed record SessionUp(BgpNegotiated Negotiated, IpAddress Local) : BgpSessionOutput;

    /// <summary>The session is established no longer: the peer has forgotten all routes, or keeps them as stale.</summary>
    public sealed record SessionDown(BgpSessionError Error) : BgpSessionOutput;

    /// <summary>There is room for UPDATEs again.</summary>
    public sealed record ReadyToWrite : BgpSessionOutput;

    /// <summary>The peer wants all routes of a family again (RFC 2918).</summary>
    public sealed record RefreshRequested(BgpFamily Family) : BgpSessionOutput;

    /// <summary>The state changed.</summary>
    public sealed record TellState(BgpSessionState From, BgpSessionState To) : BgpSessionOutput;

    /// <summary>Something went wrong that is worth a word to the operator; repeated errors are told once.</summary>
    public sealed record TellError(BgpSessionError Error) : BgpSessionOutput;
}
