using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Gossip.Wire;

public sealed class GossipPacketTests
{
    private static readonly GossipAddress Here = new(IpAddress.Parse("10.99.0.2"), 7946);

    public static TheoryData<string> Datagrams => GossipVectors.Named("datagram");

    public static TheoryData<GossipMessage> Messages =>
    [
        new GossipMessage.Ping(1, "gamma", Here, "alpha"),
        new GossipMessage.Ping(uint.MaxValue, "", null, ""),
        new GossipMessage.IndirectPing(70_000, Here, "gamma", true, Here, "alpha"),
        new GossipMessage.IndirectPing(200, Here with { Port = 0 }, "gamma", false, null, ""),
        new GossipMessage.Nack(300),
        new GossipMessage.Suspect(7, "beta", "alpha"),
        new GossipMessage.Dead(0, new string('n', 255), ""),
    ];

    [Theory]
    [MemberData(nameof(Datagrams))]
    public void What_serf_sends_is_read(string name)
    {
        var (messages, refused) = Read(GossipVectors.Octets(name));
        Assert.Equal(0, refused);
        Assert.Equal(GossipVectors.Reads(name), messages.Select(message => message.Type.ToString()));
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("ack")]
    [InlineData("indirect-ping")]
    [InlineData("nack")]
    [InlineData("alive")]
    [InlineData("suspect")]
    [InlineData("dead")]
    [InlineData("compound-alive")]
    [InlineData("compound-ping-suspect")]
    public void What_serf_sends_is_what_we_would_send(string name)
    {
        var octets = GossipVectors.Octets(name);
        var (messages, _) = Read(octets);
        var hasChecksum = octets[0] == (byte)GossipMessageType.HasCrc;
        Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(
            GossipPacket.Pack([.. messages.Select(GossipCodec.Encode)], compresses: false, hasChecksum)));
    }

    [Theory]
    [InlineData("compressed")]
    [InlineData("compressed-crc")]
    public void What_serf_compressed_is_what_we_would_compress(string name)
    {
        var octets = GossipVectors.Octets(name);
        var hasChecksum = octets[0] == (byte)GossipMessageType.HasCrc;
        var body = hasChecksum ? octets[GossipPacket.CrcBytes..] : octets;
        var inner = Lzw.Decompress(body.AsSpan(body.AsSpan().IndexOf("Buf"u8) + 6), 65_536)!;
        Assert.Equal(Convert.ToHexString(octets), Convert.ToHexString(GossipPacket.Pack([inner], compresses: true, hasChecksum)));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_message_comes_back_as_it_went(GossipMessage message) =>
        Assert.Equal([message], Read(GossipPacket.Pack([GossipCodec.Encode(message)], compresses: false, hasChecksum: true)).Messages);

    [Fact]
    public void An_alive_message_says_all_that_serf_said()
    {
        var alive = Assert.IsType<GossipMessage.Alive>(Assert.Single(Read(GossipVectors.Octets("alive")).Messages));
        Assert.Equal("gamma", alive.Node);
        Assert.Equal(new GossipAddress(IpAddress.Parse("10.99.0.4"), 7946), alive.Address);
        Assert.Equal(1u, alive.Incarnation);
        Assert.Equal([0xFF, 0x80], alive.Meta);
        Assert.Equal(new GossipVersions(1, 5, 2, 2, 5, 5), alive.Versions);
    }

    [Fact]
    public void Text_and_octets_of_the_newer_encoding_mean_the_same()
    {
        // {Node: str8 "beta", SeqNo: uint64 5, unknown: [nil, {a: 1.5}], SourceAddr: bin8, SourcePort: int16}
        byte[] packet =
        [
            0x00, 0x85, 0xD9, 4, .. "Node"u8, 0xD9, 4, .. "beta"u8, 0xA5, .. "SeqNo"u8, 0xCF, 0, 0, 0, 0, 0, 0, 0, 5,
            0xA7, .. "unknown"u8, 0x92, 0xC0, 0x81, 0xA1, (byte)'a', 0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0,
            0xAA, .. "SourceAddr"u8, 0xC4, 4, 10, 99, 0, 2, 0xAA, .. "SourcePort"u8, 0xD1, 0x1F, 0x0A,
        ];
        Assert.Equal([new GossipMessage.Ping(5, "beta", Here, "")], Read(packet).Messages);
    }

    [Fact]
    public void An_IPv4_address_in_sixteen_octets_is_passed_on_in_sixteen()
    {
        byte[] mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 99, 0, 2];
        var alive = new GossipMessage.Alive(1, "a", mapped, Here, [], GossipVersions.Default, true);
        var read = Assert.IsType<GossipMessage.Alive>(Assert.Single(Read(GossipCodec.Encode(alive)).Messages));
        Assert.Equal(Here, read.Address);
        Assert.Equal(mapped, read.AddressBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0080FF")]
    [InlineData("0081A44E6F64")]
    [InlineData("0081A44E6F646501")]
    [InlineData("0081A5536571 4E6FFF")]
    [InlineData("0081A5536571 4E6FD0FF")]
    [InlineData("0382A44E6F6465A0")]
    [InlineData("0381A44E6F6465A2C328")]
    [InlineData("04 82 A4 41646472 A3 0A6300 A4 4E6F6465 A161")]
    [InlineData("04 82 A4 41646472 A4 00000000 A4 4E6F6465 A161")]
    [InlineData("07")]
    [InlineData("0703 0001")]
    [InlineData("0982A4416C676F01A342756600")]
    [InlineData("0982A4416C676F00A3427566A3FFFFFF")]
    [InlineData("0C000000000B81A55365714E6F04")]
    [InlineData("0D81A54572726F72A16E")]
    [InlineData("F4")]
    [InlineData("FF")]
    public void Nonsense_is_counted_and_nothing_else(string hex)
    {
        var (messages, refused) = Read(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.DoesNotContain(messages, message => message is not GossipMessage.Ping { Node: "" });
        Assert.True(refused == 1 || hex == "0080FF");
    }

    [Fact]
    public void A_compound_that_is_cut_short_keeps_its_whole_parts()
    {
        var nack = GossipCodec.Encode(new GossipMessage.Nack(1));
        var packet = GossipPacket.Pack([nack, nack, nack], compresses: false, hasChecksum: false);
        var (messages, refused) = Read(packet[..^1]);
        Assert.Equal(2, messages.Count);
        Assert.Equal(1, refused);
    }

    [Fact]
    public void A_packet_within_packets_without_end_is_left_at_the_fourth_level()
    {
        var packet = GossipCodec.Encode(new GossipMessage.Nack(1));
        for (var i = 0; i < 4; i++)
            packet = [0x07, 1, (byte)(packet.Length >> 8), (byte)packet.Length, .. packet];
        Assert.Equal((0, 1), (Read(packet).Messages.Count, Read(packet).Refused));
        Assert.Single(Read(packet[4..]).Messages);
    }

    [Fact]
    public void A_small_packet_that_unpacks_to_megabytes_is_refused()
    {
        var bomb = GossipPacket.Compressed(new byte[1_000_000]);
        Assert.True(bomb.Length < 10_000);
        Assert.Equal((0, 1), (Read(bomb).Messages.Count, Read(bomb).Refused));
    }

    private static (List<GossipMessage> Messages, int Refused) Read(byte[] packet)
    {
        var messages = new List<GossipMessage>();
        var refused = GossipPacket.Unpack(packet, messages);
        return (messages, refused);
    }
}
