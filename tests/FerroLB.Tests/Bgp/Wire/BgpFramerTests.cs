using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bgp.Wire;

public sealed class BgpFramerTests
{
    private const string Marker = "ffffffffffffffffffffffffffffffff";

    [Fact]
    public void Messages_come_out_whole_wherever_the_stream_is_cut()
    {
        byte[] stream =
        [
            .. BgpOctets.Message(BgpMessageType.Open, new byte[10]),
            .. BgpOctets.Message(BgpMessageType.KeepAlive, []),
            .. BgpOctets.Message(BgpMessageType.Update, Enumerable.Range(0, 3000).Select(i => (byte)(i & 255)).ToArray()),
            .. BgpOctets.Message(BgpMessageType.RouteRefresh, [0, 1, 0, 1]),
            .. BgpOctets.Message(BgpMessageType.Notification, [6, 2]),
        ];
        var random = new SeededRandom(1);
        for (var run = 0; run < 200; run++)
        {
            var framer = new BgpFramer();
            var again = new List<byte>();
            for (var at = 0; at < stream.Length;)
            {
                var take = Math.Min(stream.Length - at, 1 + random.Next(run % 2 == 0 ? 5 : 2000));
                framer.Append(stream.AsSpan(at, take));
                at += take;
                while (framer.TryTake(out var frame))
                    again.AddRange(BgpOctets.Message(frame.Type, frame.Body.Span));
            }
            Assert.Null(framer.Error);
            Assert.Equal(0, framer.PendingBytes);
            Assert.Equal(stream, again);
        }
    }

    [Theory]
    [InlineData("00ffffffffffffffffffffffffffffff 0013 04", BgpHeaderSubcode.ConnectionNotSynchronized, "")]
    [InlineData("fffffffffffffffffffffffffffffffe 0000 09", BgpHeaderSubcode.ConnectionNotSynchronized, "")]
    [InlineData(Marker + "0012 04", BgpHeaderSubcode.BadMessageLength, "0012")]
    [InlineData(Marker + "0000 04", BgpHeaderSubcode.BadMessageLength, "0000")]
    [InlineData(Marker + "1001 02", BgpHeaderSubcode.BadMessageLength, "1001")]
    [InlineData(Marker + "ffff 02", BgpHeaderSubcode.BadMessageLength, "ffff")]
    [InlineData(Marker + "001c 01", BgpHeaderSubcode.BadMessageLength, "001c")]
    [InlineData(Marker + "0016 02", BgpHeaderSubcode.BadMessageLength, "0016")]
    [InlineData(Marker + "0014 03", BgpHeaderSubcode.BadMessageLength, "0014")]
    [InlineData(Marker + "0014 04", BgpHeaderSubcode.BadMessageLength, "0014")]
    [InlineData(Marker + "0016 05", BgpHeaderSubcode.BadMessageLength, "0016")]
    [InlineData(Marker + "0013 00", BgpHeaderSubcode.BadMessageType, "00")]
    [InlineData(Marker + "0013 06", BgpHeaderSubcode.BadMessageType, "06")]
    [InlineData(Marker + "1000 ff", BgpHeaderSubcode.BadMessageType, "ff")]
    public void A_wrong_header_is_answered_before_its_body_comes(string header, BgpHeaderSubcode subcode, string data)
    {
        var framer = new BgpFramer();
        framer.Append(BgpOctets.Hex(header));
        Assert.False(framer.TryTake(out _));
        Assert.Equal(BgpNotification.Header(subcode, BgpOctets.Hex(data)), framer.Error);
        framer.Append(BgpOctets.Message(BgpMessageType.KeepAlive, []));
        Assert.False(framer.TryTake(out _));
    }

    [Fact]
    public void Messages_before_a_wrong_header_are_taken_first()
    {
        var framer = new BgpFramer();
        framer.Append([.. BgpOctets.Message(BgpMessageType.KeepAlive, []), .. new byte[19]]);
        Assert.True(framer.TryTake(out var frame));
        Assert.Equal(BgpMessageType.KeepAlive, frame.Type);
        Assert.False(framer.TryTake(out _));
        Assert.NotNull(framer.Error);
    }

    [Fact]
    public void Long_messages_pass_when_both_sides_offered_them()
    {
        var update = BgpOctets.Message(BgpMessageType.Update, new byte[BgpFramer.MostExtendedBytes - BgpFramer.HeaderBytes]);
        Assert.Equal(65516, BgpOctets.FrameOf(update, extended: true).Body.Length);
        var framer = new BgpFramer { AllowsExtendedMessages = true };
        framer.Append(BgpOctets.Message(BgpMessageType.Open, new byte[5000]));
        Assert.False(framer.TryTake(out _));
        Assert.Equal((byte)BgpHeaderSubcode.BadMessageLength, framer.Error?.Subcode);
    }

    [Fact]
    public void A_stream_costs_no_memory_once_it_flows()
    {
        var framer = new BgpFramer();
        var stream = Enumerable.Repeat(BgpOctets.Message(BgpMessageType.Update, new byte[1000]), 20).SelectMany(m => m).ToArray();
        Assert.Equal(0, AllocationMeter.LeastBytes(() =>
        {
            for (var at = 0; at < stream.Length; at += 100)
            {
                framer.Append(stream.AsSpan(at, Math.Min(100, stream.Length - at)));
                while (framer.TryTake(out _))
                {
                }
            }
        }));
    }
}
