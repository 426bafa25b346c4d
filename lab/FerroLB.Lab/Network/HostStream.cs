using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>One end of a TCP connection.</summary>
public sealed class HostStream
{
    internal HostStream(IpAddress local, IpAddress remote) => (Local, Remote) = (local, remote);

    /// <summary>This end's host.</summary>
    public IpAddress Local { get; }

    /// <summary>The other end's host.</summary>
    public IpAddress Remote { get; }

    /// <summary>For the process that owns the end: its own number for it.</summary>
    public long Number { get; set; }

    /// <summary>Whether the process has closed it, or died.</summary>
    public bool IsClosed { get; internal set; }

    internal HostStream? Peer { get; set; }

    internal Queue<HostSegment> Unsent { get; } = new();

    internal bool IsSending { get; set; }

    internal int Tries { get; set; }
}

/// <summary>What travels on a connection.</summary>
internal sealed record HostSegment(HostSegmentKind Kind, byte[] Octets);

internal enum HostSegmentKind : byte
{
    Open,
    OpenedToo,
    Established,
    Octets,
    End,
    Reset,
}
