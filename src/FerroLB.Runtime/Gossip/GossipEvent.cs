using System;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Runtime.Gossip;

/// <summary>What the sockets tell the loop, with the envelope still on: the loop's thread alone uses the keys.</summary>
internal readonly record struct GossipEvent(
    GossipEventKind Kind,
    long Stream = 0,
    GossipAddress From = default,
    ReadOnlyMemory<byte> Octets = default,
    string Reason = "",
    GossipConnection? Connection = null,
    GossipInput? Input = null);

/// <summary>Which event this is.</summary>
internal enum GossipEventKind : byte
{
    /// <summary>A datagram came.</summary>
    Datagram,

    /// <summary>A stream was accepted.</summary>
    Accepted,

    /// <summary>A wanted stream is open.</summary>
    Opened,

    /// <summary>Octets came on a stream.</summary>
    Octets,

    /// <summary>The other side ended a stream.</summary>
    Ended,

    /// <summary>A stream did not open, or broke.</summary>
    Failed,

    /// <summary>Somebody in this process wants something.</summary>
    Wish,
}
