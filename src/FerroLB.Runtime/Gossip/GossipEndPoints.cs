using System;
using System.Net;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Gossip;

/// <summary>Addresses of members as the framework's sockets want and give them.</summary>
internal static class GossipEndPoints
{
    public static IPEndPoint ToEndPoint(this GossipAddress address) => new(new IPAddress(address.ToBytes()), address.Port);

    public static GossipAddress ToGossipAddress(this EndPoint endPoint)
    {
        var ip = (IPEndPoint)endPoint;
        Span<byte> bytes = stackalloc byte[16];
        return ip.Address.TryWriteBytes(bytes, out var count) && GossipAddress.TryRead(bytes[..count], (ushort)ip.Port, out var address)
            ? address
            : new(IpAddress.V4(0), 0);
    }
}
