using System;
using System.Runtime.InteropServices;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Runtime.Bfd;

/// <summary>
/// Where a session's datagrams go and how: control packets by a socket with a port of its own, echo packets by the socket that hears them,
/// because the peer returns them to where they came from. A packet that the kernel refuses is lost, as on any wire.
/// </summary>
internal sealed unsafe class BfdSender : IDisposable
{
    private const int EchoControlBytes = 64;
    private const int ControlHeaderBytes = 16;

    private readonly int _descriptor;
    private readonly BfdSessionKey _key;
    private readonly byte[] _peer = GC.AllocateArray<byte>(InetAddress.MostBytes, pinned: true);
    private readonly byte[] _echoPeer = GC.AllocateArray<byte>(InetAddress.MostBytes, pinned: true);
    private readonly int _peerBytes;

    private BfdSender(int descriptor, BfdSocketOptions options)
    {
        (_descriptor, _key) = (descriptor, options.Key);
        _peerBytes = InetAddress.Write(_peer, _key.Peer, options.DestinationPort, _key.LinkIndex);
        InetAddress.Write(_echoPeer, _key.Peer, BfdPort.Of(BfdChannel.Echo), _key.LinkIndex);
    }

    /// <summary>The session's VRF and family, which choose the sockets that hear it.</summary>
    public BfdSessionKey Key => _key;

    /// <summary>Opens a session's socket.</summary>
    /// <exception cref="LinuxException">The local address is not this node's, the port is taken, or the interface is gone.</exception>
    public static BfdSender Open(BfdSocketOptions options)
    {
        var (key, family) = (options.Key, options.Key.Peer.Family);
        var descriptor = InetSocket.OpenDatagram(family, key.Vrf);
        try
        {
            if (key.LinkIndex != 0)
                InetSocket.BindToLink(descriptor, key.LinkIndex);
            InetSocket.SetTimeToLive(descriptor, family, options.TimeToLive);
            InetSocket.SetTrafficClass(descriptor, family, options.TrafficClass);
            InetSocket.Bind(descriptor, options.Local ?? IpAddress.From(family, 0), options.SourcePort, key.LinkIndex);
            return new(descriptor, options);
        }
        catch
        {
            _ = Libc.Close(descriptor);
            throw;
        }
    }

    /// <summary>Sends a control packet.</summary>
    public void Send(ReadOnlySpan<byte> payload)
    {
        fixed (byte* bytes = payload)
            _ = Libc.SendTo(_descriptor, bytes, (nuint)payload.Length, Libc.MessageDontWait, PeerOf(_peer), (uint)_peerBytes);
    }

    /// <summary>Sends an echo packet by the socket that hears them.</summary>
    public void SendEcho(BfdListener listener, ReadOnlySpan<byte> payload, int timeToLive)
    {
        var control = stackalloc byte[EchoControlBytes];
        var controlBytes = WriteControl(new(control, EchoControlBytes), timeToLive);
        fixed (byte* bytes = payload)
        {
            var vector = new IoVector { Start = bytes, Length = (nuint)payload.Length };
            var slot = new MessageSlot
            {
                Name = PeerOf(_echoPeer),
                NameLength = (uint)_peerBytes,
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = (nuint)controlBytes,
            };
            _ = Libc.SendMany(listener.Descriptor, &slot, 1, Libc.MessageDontWait);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(_descriptor);

    // TTL, and the session's own address and interface, for the socket that hears echoes serves all sessions.
    private int WriteControl(Span<byte> control, int timeToLive)
    {
        control.Clear();
        var isV4 = _key.Peer.IsIPv4;
        var used = Begin(
            control, isV4 ? Libc.LevelIpv4 : Libc.LevelIpv6, isV4 ? Libc.OptionIpv4TimeToLive : Libc.OptionIpv6HopLimit, sizeof(int));
        BitConverter.TryWriteBytes(control[ControlHeaderBytes..], timeToLive);
        var info = control[used..];
        var data = info[ControlHeaderBytes..];
        if (isV4)
        {
            BitConverter.TryWriteBytes(data, _key.LinkIndex);
            _key.Local?.Write(data.Slice(4, 4));
            return used + Begin(info, Libc.LevelIpv4, Libc.OptionIpv4PacketInfo, 12);
        }
        _key.Local?.Write(data[..16]);
        BitConverter.TryWriteBytes(data[16..], _key.LinkIndex);
        return used + Begin(info, Libc.LevelIpv6, Libc.OptionIpv6PacketInfo, 20);
    }

    /// <summary>Writes the head of one piece of ancillary data; the octets that it takes with its data and padding.</summary>
    private static int Begin(Span<byte> control, int level, int kind, int dataBytes)
    {
        BitConverter.TryWriteBytes(control, (ulong)(ControlHeaderBytes + dataBytes));
        BitConverter.TryWriteBytes(control[8..], level);
        BitConverter.TryWriteBytes(control[12..], kind);
        return ControlHeaderBytes + (dataBytes + 7 & ~7);
    }

    private static void* PeerOf(byte[] name) => (void*)Marshal.UnsafeAddrOfPinnedArrayElement(name, 0);
}
