using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.RouterDiscovery;

/// <summary>What the world tells a <see cref="RouterDiscoveryMachine"/>.</summary>
public abstract record RouterDiscoveryInput
{
    private RouterDiscoveryInput()
    {
    }

    /// <summary>A router is looked for on an interface. Told again, it changes the addresses that are advertised.</summary>
    /// <param name="LinkIndex">The interface.</param>
    /// <param name="Local">Our link-local address on it.</param>
    /// <param name="Mac">Our hardware address on it; zero when it has none.</param>
    public sealed record LinkWanted(int LinkIndex, IpAddress Local, MacAddress Mac) : RouterDiscoveryInput;

    /// <summary>No router is looked for on an interface any more, or it is gone.</summary>
    /// <param name="LinkIndex">The interface.</param>
    public sealed record LinkUnwanted(int LinkIndex) : RouterDiscoveryInput;

    /// <summary>An ICMPv6 message came that no router has forwarded: its hop limit is 255, its checksum right.</summary>
    /// <param name="LinkIndex">The interface.</param>
    /// <param name="Source">Who sent it.</param>
    /// <param name="Message">From its type on; read during the call only.</param>
    public sealed record MessageReceived(int LinkIndex, IpAddress Source, ReadOnlyMemory<byte> Message) : RouterDiscoveryInput;
}
