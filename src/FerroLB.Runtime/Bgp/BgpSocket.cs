using System;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Runtime.Bgp;

/// <summary>TCP sockets with what BGP wants of them: signatures (RFC 2385), TTLs (RFC 5082), interface, VRF and source address.</summary>
internal static class BgpSocket
{
    private const int LevelTcp = 6;
    private const int OptionMd5Signature = 14;
    private const int OptionSaveSyn = 27;
    private const int OptionSavedSyn = 28;
    private const int SignatureBytes = 216;
    private const int KeyOffset = 136;
    private const int KeyLengthOffset = 130;
    private const int MostKeyBytes = 80;
    private const int OptionIpv4LeastTimeToLive = 21;
    private const int OptionIpv6LeastHopLimit = 73;

    /// <summary>A socket for a connection to a peer, bound and ready to connect.</summary>
    /// <exception cref="SocketException">The source address is not this node's, the interface is gone, or the kernel refuses an
    /// option.</exception>
    public static Socket ForConnection(BgpStreamOptions options, ReadOnlySpan<byte> key)
    {
        var socket = New(options.Peer.IsIPv4);
        try
        {
            Confine(socket, options.LinkIndex, options.Vrf);
            if (!key.IsEmpty)
                Sign(socket, options.Peer, key);
            SetTimeToLive(socket, options);
            if (options.Source is { } source)
                socket.Bind(EndPoint(source, 0, options.LinkIndex));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket bound to a port on all addresses of a family, to listen with. It keeps the packets by which callers ask for
    /// connections.</summary>
    /// <exception cref="SocketException">The port is taken, or needs a right that this process lacks.</exception>
    public static Socket ForListening(bool isIPv4, int port, string vrf)
    {
        var socket = New(isIPv4);
        try
        {
            Confine(socket, 0, vrf);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            SetNumber(socket, LevelTcp, OptionSaveSyn, 1);
            // The answer to a caller is sent before it is known who it is, and may have to satisfy its TTL security.
            SetNumber(
                socket, isIPv4 ? Libc.LevelIpv4 : Libc.LevelIpv6,
                isIPv4 ? Libc.OptionIpv4TimeToLive : Libc.OptionIpv6HopLimitOfSocket, byte.MaxValue);
            socket.Bind(new IPEndPoint(isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, port));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Signs what goes to a peer and drops what comes from it unsigned; an empty key ends that.</summary>
    /// <exception cref="SocketException">The kernel has no signatures, or the key is too long.</exception>
    public static void Sign(Socket socket, IpAddress peer, ReadOnlySpan<byte> key)
    {
        if (key.Length > MostKeyBytes)
            throw new SocketException((int)SocketError.InvalidArgument, $"a TCP-MD5 key has at most {MostKeyBytes} octets");
        Span<byte> signature = stackalloc byte[SignatureBytes];
        signature.Clear();
        InetAddress.Write(signature[..InetAddress.MostBytes], peer, 0, 0);
        BitConverter.TryWriteBytes(signature[KeyLengthOffset..], (ushort)key.Length);
        key.CopyTo(signature[KeyOffset..]);
        socket.SetRawSocketOption(LevelTcp, OptionMd5Signature, signature);
    }

    /// <summary>Sets the TTL that is sent and the least that is accepted.</summary>
    /// <exception cref="SocketException">The kernel refuses.</exception>
    public static void SetTimeToLive(Socket socket, BgpStreamOptions options)
    {
        var isV4 = options.Peer.IsIPv4;
        SetNumber(
            socket, isV4 ? Libc.LevelIpv4 : Libc.LevelIpv6, isV4 ? Libc.OptionIpv4TimeToLive : Libc.OptionIpv6HopLimitOfSocket,
            options.TimeToLive);
        if (options.LeastTimeToLive == 0)
            return;
        SetNumber(
            socket, isV4 ? Libc.LevelIpv4 : Libc.LevelIpv6, isV4 ? OptionIpv4LeastTimeToLive : OptionIpv6LeastHopLimit,
            options.LeastTimeToLive);
    }

    /// <summary>The TTL or hop limit of the packet that asked for an accepted connection; 0 when the kernel did not keep it.</summary>
    public static int TimeToLiveOfCaller(Socket socket)
    {
        Span<byte> packet = stackalloc byte[128];
        var length = socket.GetRawSocketOption(LevelTcp, OptionSavedSyn, packet);
        return length < 20 ? 0 : packet[0] >> 4 == 4 ? packet[8] : packet[7];
    }

    /// <summary>Whether this node has a VRF of that name; "" is the default one.</summary>
    public static bool HasVrf(string vrf) => vrf.Length == 0 || Libc.LinkIndexOf(vrf) != 0;

    /// <summary>An address as the framework wants it.</summary>
    public static IPEndPoint EndPoint(IpAddress address, int port, int linkIndex)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.Write(bytes[..address.SizeBytes]);
        return new(
            address.IsIPv6 && linkIndex != 0
                ? new IPAddress(bytes, linkIndex)
                : new IPAddress(bytes[..address.SizeBytes]),
            port);
    }

    /// <summary>An address as the framework gives it.</summary>
    public static IpAddress AddressOf(EndPoint? endPoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        return ((IPEndPoint)endPoint!).Address.TryWriteBytes(bytes, out var count) ? IpAddress.Read(bytes[..count]) : default;
    }

    private static Socket New(bool isIPv4)
    {
        var socket = new Socket(
            isIPv4 ? System.Net.Sockets.AddressFamily.InterNetwork : System.Net.Sockets.AddressFamily.InterNetworkV6, SocketType.Stream,
            ProtocolType.Tcp);
        if (!isIPv4)
            socket.DualMode = false;
        socket.NoDelay = true;
        return socket;
    }

    private static void Confine(Socket socket, int linkIndex, string vrf)
    {
        if (linkIndex == 0 && vrf.Length > 0)
        {
            linkIndex = (int)Libc.LinkIndexOf(vrf);
            if (linkIndex == 0)
                throw new SocketException((int)SocketError.NetworkUnreachable, $"there is no VRF {vrf} on this node");
        }
        if (linkIndex != 0)
            SetNumber(socket, Libc.LevelSocket, Libc.OptionBindToLink, linkIndex);
    }

    private static void SetNumber(Socket socket, int level, int option, int value) =>
        socket.SetRawSocketOption(level, option, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in value)));
}
