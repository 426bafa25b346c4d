using System;
using System.Linq;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Gossip.Wire;

public sealed class GossipStreamMessageTests
{
    public static TheoryData<string> Streams => GossipVectors.Named("stream");

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_picture_of_serf_is_read_however_it_is_cut(string name)
    {
        var octets = GossipVectors.Octets(name);
        foreach (var piece in new[] { 1, 7, 64, octets.Length })
        {
            var message = new GossipStreamMessage(GossipStreamMessage.DefaultMostBytes);
            var results = octets.Chunk(piece).Select(chunk => message.Append(chunk)).ToArray();
            Assert.All(results[..^1], result => Assert.Equal(GossipDecodeResult.Incomplete, result));
            Assert.Equal(GossipDecodeResult.Ok, results[^1]);
            var picture = Assert.IsType<GossipMessage.PushPull>(message.Message);
            Assert.True(picture.IsJoin);
            Assert.Contains(picture.States, state => state.State == GossipMemberState.Alive && state.Statement.Node is "alpha" or "gamma");
        }
    }

    [Fact]
    public void A_picture_comes_back_as_it_went_compressed_or_not()
    {
        // Enough of it, and little alike, that the compressor's table fills up several times.
        var random = new SeededRandom(4);
        var states = Enumerable.Range(0, 400).Select(i => State(i, random)).ToArray();
        var plain = GossipStreamMessage.Encode(new(false, states, 0));
        Assert.True(plain.Length > 100_000);
        foreach (var octets in new[] { plain, GossipStreamMessage.Compress(plain) })
        {
            var message = new GossipStreamMessage(GossipStreamMessage.DefaultMostBytes);
            Assert.Equal(GossipDecodeResult.Ok, message.Append(octets));
            var picture = Assert.IsType<GossipMessage.PushPull>(message.Message);
            Assert.Equal(Convert.ToHexString(plain), Convert.ToHexString(GossipStreamMessage.Encode(picture)));
        }
    }

    [Theory]
    [InlineData("0683A44A6F696EC3A54E6F646573CE00100000AC557365725374617465 4C656E00")]
    [InlineData("0683A44A6F696EC3A54E6F646573D0FFAC557365725374617465 4C656E00")]
    [InlineData("0683A44A6F696EC3A54E6F64657300AC557365725374617465 4C656ECE7FFFFFFF")]
    [InlineData("05")]
    [InlineData("F4")]
    [InlineData("0982A4416C676F00A3427566A3FFFFFF")]
    [InlineData("0881AA557365724D73674C656ECE7FFFFFFF")]
    public void Nonsense_on_a_stream_is_known_as_such(string hex)
    {
        var octets = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Equal(GossipDecodeResult.Malformed, new GossipStreamMessage(1_000_000).Append(octets));
    }

    [Fact]
    public void A_message_longer_than_allowed_is_refused_before_it_is_held()
    {
        var message = new GossipStreamMessage(1_000);
        Assert.Equal(GossipDecodeResult.Incomplete, message.Append([0x06, 0x83]));
        Assert.Equal(GossipDecodeResult.Malformed, message.Append(new byte[999]));
        Assert.True(message.HeldBytes <= 1_000);
    }

    [Fact]
    public void A_compressed_message_may_not_hold_another()
    {
        var nested = GossipStreamMessage.Compress(GossipStreamMessage.Compress(GossipStreamMessage.Encode(new(true, [], 0))));
        Assert.Equal(GossipDecodeResult.Malformed, new GossipStreamMessage(1_000_000).Append(nested));
    }

    [Fact]
    public void The_state_of_the_program_above_is_waited_for_and_ignored()
    {
        byte[] octets = [.. GossipStreamMessage.Encode(new(true, [], 0))[..^1], 5, 1, 2, 3, 4];
        var message = new GossipStreamMessage(1_000_000);
        Assert.Equal(GossipDecodeResult.Incomplete, message.Append(octets));
        Assert.Equal(GossipDecodeResult.Ok, message.Append([5]));
        Assert.Equal(new GossipMessage.PushPull(true, [], 5), Assert.IsType<GossipMessage.PushPull>(message.Message) with { States = [] });
    }

    private static GossipMessage.NodeState State(int number, SeededRandom random)
    {
        var address = new GossipAddress(IpAddress.V4(0x0A000000u + (uint)number), 7946);
        byte[] meta = [.. Enumerable.Range(0, 300).Select(_ => (byte)random.Next(256))];
        return new(
            (GossipMemberState)(number % 4),
            new((uint)number * 70_000, $"node-{number}", address.ToBytes(), address, meta, GossipVersions.Default, true));
    }
}
