using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>One end of a connection on a <see cref="TcpNetwork"/>.</summary>
public sealed class TcpEnd
{
    internal TcpEnd(IpAddress local, IpAddress remote, ITcpProcess owner) => (Local, Remote, Owner) = (local, remote, owner);

    /// <summary>This end's address.</summary>
    public IpAddress Local { get; }

    /// <summary>The other end's address.</summary>
    public IpAddress Remote { get; }

    /// <summary>For the process that owns the end: what it is to it.</summary>
    public object? Tag { get; set; }

    /// <summary>Whether the process has closed it, died, or was told of its end.</summary>
    public bool IsOver { get; internal set; }

    /// <summary>Whether the process reads. One that does not is sent no more than its window holds.</summary>
    public bool IsReading { get; internal set; } = true;

    internal ITcpProcess Owner { get; }

    internal TcpEnd? Peer { get; set; }

    internal Queue<TcpPacket> Unsent { get; } = new();

    internal int UnsentBytes { get; set; }

    internal Queue<byte[]> Unread { get; } = new();

    internal int UnreadBytes { get; set; }

    internal int WindowBytes { get; set; }

    internal bool IsSending { get; set; }

    internal bool OwesWritten { get; set; }

    internal int Tries { get; set; }
}

/// <summary>What travels on a connection.</summary>
internal sealed record TcpPacket(TcpPacketKind Kind, byte[] Octets, int Port = 0);

internal enum TcpPacketKind : byte
{
    Open,
    OpenedToo,
    Octets,
    End,
    Reset,
    Refusal,
}
