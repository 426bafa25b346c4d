namespace FerroLB.Lab.Network;

/// <summary>A process with connections on a <see cref="TcpNetwork"/>. It is never called while it gives an order.</summary>
public interface ITcpProcess
{
    /// <summary>Somebody opened a connection to this process.</summary>
    void Accepted(TcpEnd end);

    /// <summary>A connection that this process opened is there.</summary>
    void Opened(TcpEnd end);

    /// <summary>Octets arrived.</summary>
    void Received(TcpEnd end, byte[] octets);

    /// <summary>The kernel has taken all that was to be written.</summary>
    void Written(TcpEnd end);

    /// <summary>The connection did not open, was closed by the other side, or broke.</summary>
    void Ended(TcpEnd end, TcpEnding how);
}
