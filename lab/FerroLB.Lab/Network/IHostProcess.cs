using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>A process with one UDP and one listening TCP socket, and the streams that it opened and accepted.</summary>
public interface IHostProcess
{
    /// <summary>A datagram arrived.</summary>
    void Receive(IpAddress from, byte[] octets);

    /// <summary>Somebody opened a stream to this process.</summary>
    void Accepted(HostStream stream);

    /// <summary>A stream that this process opened is there.</summary>
    void Opened(HostStream stream);

    /// <summary>Octets arrived on a stream.</summary>
    void Receive(HostStream stream, byte[] octets);

    /// <summary>The other side ended a stream, or it broke for a reason.</summary>
    void Ended(HostStream stream, string? failure);
}
