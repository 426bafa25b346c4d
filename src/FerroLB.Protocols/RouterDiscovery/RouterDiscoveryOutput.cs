using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.RouterDiscovery;

/// <summary>What a <see cref="RouterDiscoveryMachine"/> orders and tells.</summary>
public abstract record RouterDiscoveryOutput
{
    private RouterDiscoveryOutput()
    {
    }

    /// <summary>Send an ICMPv6 message with hop limit 255, from the link-local address of an interface.</summary>
    /// <param name="LinkIndex">The interface.</param>
    /// <param name="Destination">All nodes, all routers, or one of them.</param>
    /// <param name="Message">From its type on, the checksum left at zero.</param>
    public sealed record SendMessage(int LinkIndex, IpAddress Destination, ReadOnlyMemory<byte> Message) : RouterDiscoveryOutput;

    /// <summary>This is the router on an interface, in place of any before.</summary>
    /// <param name="LinkIndex">The interface.</param>
    /// <param name="Router">Its link-local address.</param>
    public sealed record TellRouter(int LinkIndex, IpAddress Router) : RouterDiscoveryOutput;
}
