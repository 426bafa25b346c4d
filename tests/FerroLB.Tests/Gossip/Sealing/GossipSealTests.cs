using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Gossip.Wire;
using Xunit;

namespace FerroLB.Tests.Gossip.Sealing;

public sealed class GossipSealTests
{
    private static readonly byte[] Nonce = [.. Enumerable.Range(100, GossipSeal.NonceBytes).Select(i => (byte)i)];
    private static readonly GossipKey Other = new(new byte[16]);

    public static TheoryData<string> Datagrams => GossipVectors.Named("sealed-datagram");

    public static TheoryData<string> Streams => GossipVectors.Named("sealed-stream");

    [Theory]
    [MemberData(nameof(Datagrams))]
    public void What_serf_sealed_is_opened(string name)
    {
        var envelope = new GossipEnvelope("", [Other, GossipVectors.Key]);
        Assert.Equal(GossipRefusal.None, envelope.OpenDatagram(GossipVectors.Octets(name), out var plain));
        var messages = new List<GossipMessage>();
        Assert.Equal(0, GossipPacket.Unpack(plain.Span, messages));
        Assert.NotEmpty(messages);
    }

    [Theory]
    [MemberData(nameof(Datagrams))]
    public void With_serfs_nonce_we_seal_to_the_same_octets(string name)
    {
        var octets = GossipVectors.Octets(name);
        var plain = GossipSeal.Open([GossipVectors.Key], octets, [])!;
        Assert.Equal(octets, GossipSeal.Seal(GossipVectors.Key, octets[0], octets.AsSpan(1, GossipSeal.NonceBytes), plain, []));
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_sealed_picture_of_serf_is_opened_however_it_is_cut(string name)
    {
        var octets = GossipVectors.Octets(name);
        foreach (var piece in new[] { 1, 6, 100, octets.Length })
        {
            var opener = new GossipEnvelope("", [GossipVectors.Key]).OpenStream(isOpener: false);
            var message = new GossipStreamMessage(GossipStreamMessage.DefaultMostBytes);
            var result = GossipDecodeResult.Incomplete;
            foreach (var chunk in octets.Chunk(piece))
            {
                Assert.Equal(GossipRefusal.None, opener.Append(chunk, out var plain));
                result = message.Append(plain);
            }
            Assert.Equal(GossipDecodeResult.Ok, result);
            Assert.IsType<GossipMessage.PushPull>(message.Message);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Each_version_opens_what_it_sealed(byte version)
    {
        for (var length = 0; length < 40; length++)
        {
            var plain = new byte[length];
            var octets = GossipSeal.Seal(GossipVectors.Key, version, Nonce, plain, "bound"u8);
            Assert.Equal(GossipSeal.SealedBytes(version, length), octets.Length);
            Assert.Equal(plain, GossipSeal.Open([Other, GossipVectors.Key], octets, "bound"u8));
            Assert.Null(GossipSeal.Open([GossipVectors.Key], octets, "other"u8));
            Assert.Null(GossipSeal.Open([Other], octets, "bound"u8));
        }
    }

    [Fact]
    public void Every_changed_or_missing_octet_is_noticed()
    {
        var octets = GossipSeal.Seal(GossipVectors.Key, 1, Nonce, "message"u8, []);
        for (var i = 0; i < octets.Length; i++)
        {
            byte[] changed = [.. octets];
            changed[i] ^= 0x10;
            Assert.Null(GossipSeal.Open([GossipVectors.Key], changed, []));
            Assert.Null(GossipSeal.Open([GossipVectors.Key], octets.AsSpan(0, i), []));
        }
    }

    [Fact]
    public void The_key_of_a_MetalLB_secret_ends_with_the_digest_of_nothing()
    {
        var secret = Encoding.ASCII.GetBytes("ABCDEFGHIJKLMNOPQRSTUV");
        Assert.Equal(
            "4142434445464748494A4B4C4D4E4F50515253545556E3B0C44298FC1C149AFB", Convert.ToHexString(GossipKey.DeriveBytes(secret)));
        Assert.Equal("E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855", Convert.ToHexString(GossipKey.DeriveBytes([])));
        Assert.Equal(new string('0', 64), Convert.ToHexString(GossipKey.DeriveBytes(new byte[40])));
    }

    [Fact]
    public void A_key_does_not_show_itself() => Assert.Equal("(a key)", GossipVectors.Key.ToString());
}
