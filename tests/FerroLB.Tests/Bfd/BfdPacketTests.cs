using System;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bfd;

public sealed class BfdPacketTests
{
    // What bfdd of FRR 8.4 and BIRD 2.0.12 send first, and what FRR sends as Poll when it is up.
    [Theory]
    [InlineData("2040031889abcdef00000000000f4240000493e00000c350", BfdState.Down, 3, 0x89ABCDEF, 0, 1_000_000, 300_000, 50_000, false)]
    [InlineData("2040051800000001000000000" + "00f42400000271000000000", BfdState.Down, 5, 1, 0, 1_000_000, 10_000, 0, false)]
    [InlineData("20e0031889abcdef01020304000493e0000493e00000c350", BfdState.Up, 3, 0x89ABCDEF, 0x01020304, 300_000, 300_000, 50_000, true)]
    public void Packets_of_other_daemons_are_read_and_written_alike(
        string hex, BfdState state, byte multiplier, uint mine, uint yours, uint tx, uint rx, uint echo, bool isPoll)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(BfdDropReason.None, BfdPacket.Read(bytes, out var packet));
        Assert.Equal(
            new BfdPacket(state, BfdDiagnostic.None, multiplier, mine, yours, tx, rx, echo) { IsPoll = isPoll }, packet);
        var written = new byte[BfdPacket.SizeBytes];
        var writer = new ByteWriter(written);
        packet.Write(ref writer);
        Assert.Equal(bytes, written);
    }

    [Fact]
    public void Every_flag_and_field_survives_a_round_trip()
    {
        var random = new SeededRandom(5);
        var bytes = new byte[BfdPacket.SizeBytes];
        uint Any() => (uint)(random.NextUInt64() >> 32);
        for (var i = 0; i < 2_000; i++)
        {
            var packet = new BfdPacket(
                (BfdState)random.Next(4), (BfdDiagnostic)random.Next(32), (byte)(1 + random.Next(255)), Any() | 1, Any() | 1, Any(), Any(),
                Any())
            {
                IsPoll = random.Chance(0.5),
                IsFinal = random.Chance(0.5),
                IsControlPlaneIndependent = random.Chance(0.5),
                IsDemand = random.Chance(0.5),
            };
            var writer = new ByteWriter(bytes);
            packet.Write(ref writer);
            Assert.Equal(BfdDropReason.None, BfdPacket.Read(bytes, out var again));
            Assert.Equal(packet, again);
        }
    }

    [Fact]
    public void A_packet_that_is_cut_short_is_never_used()
    {
        var bytes = Convert.FromHexString("20c0031889abcdef01020304000493e0000493e00000c350");
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(BfdDropReason.Length, BfdPacket.Read(bytes.AsSpan(0, length), out _));
    }

    [Fact]
    public void An_echo_packet_is_read_as_written_and_nothing_else_is_taken_for_one()
    {
        var bytes = new byte[BfdEcho.SizeBytes];
        var writer = new ByteWriter(bytes);
        new BfdEcho(5, 0x1122334455667788).Write(ref writer);
        Assert.True(BfdEcho.TryRead(bytes, out var echo));
        Assert.Equal(new BfdEcho(5, 0x1122334455667788), echo);
        Assert.False(BfdEcho.TryRead(bytes.AsSpan(1), out _));
        Assert.False(BfdEcho.TryRead([.. bytes, 0], out _));
        bytes[0] = 2;
        Assert.False(BfdEcho.TryRead(bytes, out _));
    }
}
