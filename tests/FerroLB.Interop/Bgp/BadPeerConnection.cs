using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Threading;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Interop.Bgp;

/// <summary>One connection of a <see cref="BadPeer"/>, and what it may say on it.</summary>
internal sealed class BadPeerConnection(Socket socket, SeededRandom random, CancellationToken end)
{
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(1);

    private readonly byte[] _unread = new byte[64 * 1024];

    /// <summary>Draws what is to be drawn.</summary>
    public SeededRandom Random => random;

    /// <summary>Says OPEN.</summary>
    public void SayOpen(uint asn = 65002, ushort holdSeconds = 90, byte version = 4)
    {
        var output = new ArrayBufferWriter<byte>();
        BgpMessageWriter.WriteOpen(output, BgpOpen.Of(
            asn, holdSeconds, 0xC0000201, [new BgpCapability.MultiProtocol(BgpFamily.IPv4Unicast), new BgpCapability.RouteRefresh()]));
        var message = output.WrittenSpan.ToArray();
        message[BgpFramer.HeaderBytes] = version;
        Send(message);
    }

    /// <summary>Says KEEPALIVE.</summary>
    public void SayKeepAlive() => Write(BgpMessageWriter.WriteKeepAlive);

    /// <summary>Asks for all routes.</summary>
    public void AskForRoutes() => Write(output => BgpMessageWriter.WriteRouteRefresh(output, new(BgpFamily.IPv4Unicast, 0)));

    /// <summary>Goes all the way to a session.</summary>
    public void Establish()
    {
        SayOpen();
        SayKeepAlive();
    }

    /// <summary>Sends octets.</summary>
    public void Send(ReadOnlySpan<byte> octets)
    {
        for (var rest = octets; !rest.IsEmpty;)
            rest = rest[socket.Send(rest)..];
    }

    /// <summary>Throws away what the speaker says; false when it hung up.</summary>
    public bool Drain(TimeSpan patience)
    {
        if (!socket.Poll(patience, SelectMode.SelectRead))
            return true;
        return socket.Receive(_unread) > 0;
    }

    /// <summary>Shows signs of life and reads until the speaker hangs up or the test is over.</summary>
    public void Stay()
    {
        while (!end.IsCancellationRequested)
        {
            SayKeepAlive();
            if (!Drain(SignOfLife))
                return;
        }
    }

    /// <summary>Does something again and again until the speaker hangs up or the test is over, and reads in between.</summary>
    public void Repeat(TimeSpan pause, Action step)
    {
        while (!end.IsCancellationRequested)
        {
            step();
            if (!Drain(pause))
                return;
        }
    }

    /// <summary>Does something again and again and reads nothing, until the test is over.</summary>
    public void RepeatDeaf(TimeSpan pause, Action step)
    {
        while (!end.IsCancellationRequested)
        {
            step();
            end.WaitHandle.WaitOne(pause);
        }
    }

    /// <summary>An UPDATE with as many /32 prefixes as it holds, from a number on; the number after the last of them.</summary>
    public int SayRoutes(int first)
    {
        const int Prefixes = 800;
        byte[] attributes = [0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xFD, 0xEA, 0x40, 3, 4, 10, 98, 9, 1];
        var message = new byte[BgpFramer.HeaderBytes + 4 + attributes.Length + (Prefixes * 5)];
        message.AsSpan(0, BgpFramer.MarkerBytes).Fill(byte.MaxValue);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(BgpFramer.MarkerBytes), (ushort)message.Length);
        message[BgpFramer.HeaderBytes - 1] = (byte)BgpMessageType.Update;
        message[BgpFramer.HeaderBytes + 3] = (byte)attributes.Length;
        attributes.CopyTo(message, BgpFramer.HeaderBytes + 4);
        var at = BgpFramer.HeaderBytes + 4 + attributes.Length;
        for (var i = 0; i < Prefixes; i++, at += 5)
        {
            message[at] = 32;
            BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(at + 1), 0x14000000u + (uint)(first + i));
        }
        Send(message);
        return first + Prefixes;
    }

    private void Write(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        Send(output.WrittenSpan);
    }
}
