using System;
using System.Linq;
using FerroLB.Protocols.Gossip.Sealing;
using Xunit;

namespace FerroLB.Tests.Gossip.Sealing;

public sealed class GossipEnvelopeTests
{
    private static readonly byte[] Nonce = new byte[GossipSeal.NonceBytes];
    private static readonly byte[] Plain = [0x0B, 0x81, 0xA5, .. "SeqNo"u8, 4];
    private static readonly byte[] Header = [244, 5, .. "green"u8];

    private static readonly GossipEnvelope Open = new("", []);
    private static readonly GossipEnvelope Labelled = new("green", []);
    private static readonly GossipEnvelope Sealed = new("", [GossipVectors.Key]);
    private static readonly GossipEnvelope Both = new("green", [GossipVectors.Key]);

    [Fact]
    public void A_label_stands_in_front_in_plain_text() =>
        Assert.Equal([.. Header, .. Plain], Labelled.CloseDatagram(Plain, default));

    [Fact]
    public void A_label_is_bound_to_the_seal_behind_it()
    {
        var datagram = Both.CloseDatagram(Plain, Nonce);
        Assert.Equal(Header, datagram[..Header.Length]);
        Assert.Equal(Plain, GossipSeal.Open([GossipVectors.Key], datagram.AsSpan(Header.Length), "green"u8));
        Assert.Null(GossipSeal.Open([GossipVectors.Key], datagram.AsSpan(Header.Length), []));
    }

    [Fact]
    public void A_datagram_passes_between_equal_envelopes_only()
    {
        GossipEnvelope[] envelopes = [Open, Labelled, Sealed, Both, new("red", [GossipVectors.Key]), new("green", [new(new byte[32])])];
        foreach (var from in envelopes)
        {
            foreach (var to in envelopes)
            {
                var refusal = to.OpenDatagram(from.CloseDatagram(Plain, Nonce), out var plain);
                // Without a key a seal cannot be told from any other message: it is the message that makes no sense then.
                var passes = refusal == GossipRefusal.None && plain.Span.SequenceEqual(Plain);
                Assert.Equal(from == to, passes);
            }
        }
    }

    [Fact]
    public void While_keys_are_rolled_out_plain_text_passes_too()
    {
        var lenient = new GossipEnvelope("", [GossipVectors.Key], verifiesIncoming: false, verifiesOutgoing: false);
        Assert.False(lenient.Seals);
        Assert.Equal(Plain, lenient.CloseDatagram(Plain, default));
        Assert.Equal(GossipRefusal.None, lenient.OpenDatagram(Plain, out var plain));
        Assert.Equal(Plain, plain.ToArray());
        Assert.Equal(GossipRefusal.None, lenient.OpenDatagram(Sealed.CloseDatagram(Plain, Nonce), out plain));
        Assert.Equal(Plain, plain.ToArray());
    }

    [Theory]
    [InlineData("F4", GossipRefusal.MalformedLabel)]
    [InlineData("F400", GossipRefusal.MalformedLabel)]
    [InlineData("F40567", GossipRefusal.MalformedLabel)]
    [InlineData("F403726564", GossipRefusal.OtherLabel)]
    [InlineData("0B", GossipRefusal.OtherLabel)]
    [InlineData("", GossipRefusal.OtherLabel)]
    public void A_datagram_with_a_wrong_label_is_refused(string hex, GossipRefusal refusal) =>
        Assert.Equal(refusal, Labelled.OpenDatagram(Convert.FromHexString(hex), out _));

    [Fact]
    public void A_label_of_another_is_refused_where_none_is_wanted() =>
        Assert.Equal(GossipRefusal.OtherLabel, Open.OpenDatagram(Labelled.CloseDatagram(Plain, default), out _));

    [Fact]
    public void On_a_stream_only_the_side_that_opened_it_writes_the_label()
    {
        Assert.Equal([.. Header, .. Plain], Labelled.CloseStreamMessage(Plain, default, isOpener: true));
        Assert.Equal(Plain, Labelled.CloseStreamMessage(Plain, default, isOpener: false));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_stream_passes_between_equal_envelopes_however_it_is_cut(bool isOpener)
    {
        foreach (var envelope in new[] { Open, Labelled, Sealed, Both })
        {
            foreach (var piece in new[] { 1, 3, 1_000 })
            {
                var opener = envelope.OpenStream(!isOpener);
                byte[] passed = [];
                foreach (var chunk in envelope.CloseStreamMessage(Plain, Nonce, isOpener).Chunk(piece))
                {
                    Assert.Equal(GossipRefusal.None, opener.Append(chunk, out var plain));
                    passed = [.. passed, .. plain];
                }
                Assert.Equal(Plain, passed);
            }
        }
    }

    [Fact]
    public void A_sealed_stream_is_bound_to_its_length_and_label()
    {
        var octets = Both.CloseStreamMessage(Plain, Nonce, isOpener: false);
        Assert.Equal([10, 0, 0, 0, (byte)(octets.Length - 5)], octets[..5]);
        Assert.Equal(Plain, GossipSeal.Open([GossipVectors.Key], octets.AsSpan(5), [.. octets[..5], .. "green"u8]));
    }

    [Theory]
    [InlineData("F403726564", GossipRefusal.OtherLabel)]
    [InlineData("F400", GossipRefusal.MalformedLabel)]
    [InlineData("06", GossipRefusal.OtherLabel)]
    [InlineData("F405677265656E06", GossipRefusal.NotSealedByUs)]
    [InlineData("F405677265656E0A0140000100", GossipRefusal.TooLong)]
    [InlineData("F405677265656E0A00000001FF", GossipRefusal.NotSealedByUs)]
    public void A_stream_that_does_not_belong_here_is_refused(string hex, GossipRefusal refusal) =>
        Assert.Equal(refusal, Both.OpenStream(isOpener: false).Append(Convert.FromHexString(hex), out _));

    [Fact]
    public void A_sealed_stream_is_refused_without_a_key() =>
        Assert.Equal(GossipRefusal.SealedWithoutKey, Open.OpenStream(isOpener: true).Append([10, 0, 0, 0, 40], out _));

    [Fact]
    public void The_overhead_is_what_a_datagram_grows_by() => Assert.All(
        new[] { Open, Labelled, Sealed, Both },
        envelope => Assert.Equal(envelope.MostOverheadBytes, envelope.CloseDatagram(Plain, Nonce).Length - Plain.Length));

    [Fact]
    public void A_label_that_is_too_long_is_a_programming_error() =>
        Assert.Throws<ArgumentException>(() => new GossipEnvelope(new string('x', 256), []));
}
