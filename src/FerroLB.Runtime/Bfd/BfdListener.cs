using System;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Runtime.Bfd;

/// <summary>The socket that hears one of BFD's ports, of one family, in one VRF.</summary>
internal sealed class BfdListener : IDisposable
{
    private const int ReceiveBufferOctets = 1 << 20;

    private BfdListener(int descriptor, BfdChannel channel, AddressFamily family, string vrf) =>
        (Descriptor, Channel, Family, Vrf) = (descriptor, channel, family, vrf);

    /// <summary>The file descriptor.</summary>
    public int Descriptor { get; }

    /// <summary>Which port it hears.</summary>
    public BfdChannel Channel { get; }

    /// <summary>The family that it hears.</summary>
    public AddressFamily Family { get; }

    /// <summary>The VRF that it hears; "" for the default one.</summary>
    public string Vrf { get; }

    /// <summary>Opens the socket.</summary>
    /// <exception cref="LinuxException">Another program of this node has the port, or there is no such VRF.</exception>
    public static BfdListener Open(BfdChannel channel, AddressFamily family, string vrf)
    {
        var port = BfdPort.Of(channel);
        var descriptor = InetSocket.OpenDatagram(family, vrf);
        try
        {
            InetSocket.SetTimeToLive(descriptor, family, BfdPort.TimeToLive);
            InetSocket.SetTrafficClass(descriptor, family, BfdPort.TrafficClass);
            _ = Libc.TrySetNumber(descriptor, Libc.LevelSocket, Libc.OptionReceiveBuffer, ReceiveBufferOctets);
            var isSet = family == AddressFamily.IPv4
                ? Libc.TrySetNumber(descriptor, Libc.LevelIpv4, Libc.OptionIpv4ReceiveTimeToLive, 1)
                    && Libc.TrySetNumber(descriptor, Libc.LevelIpv4, Libc.OptionIpv4PacketInfo, 1)
                : Libc.TrySetNumber(descriptor, Libc.LevelIpv6, Libc.OptionIpv6ReceiveHopLimit, 1)
                    && Libc.TrySetNumber(descriptor, Libc.LevelIpv6, Libc.OptionIpv6ReceivePacketInfo, 1);
            if (!isSet)
                throw LinuxException.FromLastError($"ask for the TTL of datagrams to port {port}");
            InetSocket.Bind(descriptor, IpAddress.From(family, 0), port, 0);
            return new(descriptor, channel, family, vrf);
        }
        catch
        {
            _ = Libc.Close(descriptor);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(Descriptor);
}
