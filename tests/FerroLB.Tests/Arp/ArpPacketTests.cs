using System;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Arp;

public sealed class ArpPacketTests
{
    private static readonly ArpPacket Request = new(
        ArpOperation.Request, new(0x0200000000c1), IpAddress.Parse("192.0.2.1"), MacAddress.Zero, IpAddress.Parse("192.0.2.10"));

    [Fact]
    public void Request_on_the_wire_is_read()
    {
        Assert.True(EthernetHeader.TryRead(ArpVectors.Frame("request-broadcast"), out var header, out var payload));
        Assert.True(ArpPacket.TryRead(payload, out var packet));

        Assert.Equal(new(MacAddress.Broadcast, Request.SenderMac, EtherType.Arp), header);
        Assert.Equal(Request, packet);
    }

    [Fact]
    public void Frame_is_written_as_on_the_wire()
    {
        var frame = new byte[EthernetHeader.MinimumFrameBytes];
        Array.Fill(frame, (byte)0xEE);
        Request.WriteFrame(frame, MacAddress.Broadcast);

        Assert.Equal(ArpVectors.Frame("request-broadcast"), frame);
    }

    [Fact]
    public void Packet_cut_anywhere_is_refused()
    {
        var bytes = ArpVectors.Frame("request-broadcast").AsSpan(EthernetHeader.SizeBytes, ArpPacket.SizeBytes);

        Assert.True(ArpPacket.TryRead(bytes, out _));
        for (var length = 0; length < bytes.Length; length++)
            Assert.False(ArpPacket.TryRead(bytes[..length], out _));
    }

    [Fact]
    public void Every_packet_survives_its_octets()
    {
        var random = new SeededRandom(826);
        var bytes = new byte[ArpPacket.SizeBytes];
        for (var i = 0; i < 1000; i++)
        {
            var packet = new ArpPacket(
                (ArpOperation)random.Next(0x10000), Mac(random), Address(random), Mac(random), Address(random));
            var writer = new ByteWriter(bytes);
            packet.Write(ref writer);

            Assert.True(ArpPacket.TryRead(bytes, out var read));
            Assert.Equal(packet, read);
        }
    }

    private static MacAddress Mac(SeededRandom random) => new(random.NextUInt64() >> 16);

    private static IpAddress Address(SeededRandom random) => IpAddress.V4((uint)(random.NextUInt64() >> 32));
}
