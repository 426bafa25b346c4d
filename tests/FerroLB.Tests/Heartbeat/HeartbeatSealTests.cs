using System;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Heartbeat;

public sealed class HeartbeatSealTests
{
    private static readonly byte[] Heartbeat = [1, 2, 3, 4, 5];
    private static readonly HeartbeatSeal Ours = HeartbeatSeal.FromSecret("secret"u8);

    [Fact]
    public void The_signature_is_the_published_one()
    {
        // Computed with Python's hmac: hmac(hmac("secret", "ferrolb heartbeat 1"), 01 0102030405)[:16].
        Assert.Equal("010102030405B5D8546B879CE69DE78DEFB2E7478F75", Convert.ToHexString(Close(Ours)));
    }

    [Fact]
    public void What_was_signed_is_opened_with_the_same_secret_only()
    {
        var datagram = Close(Ours);
        Assert.Equal(HeartbeatRefusal.None, Ours.Open(datagram, out var octets));
        Assert.Equal(Heartbeat, datagram[1..(1 + octets)]);
        Assert.Equal(HeartbeatRefusal.Signature, HeartbeatSeal.FromSecret("other"u8).Open(datagram, out _));
        Assert.Equal(HeartbeatRefusal.Signature, HeartbeatSeal.None.Open(datagram, out _));
        Assert.Equal(HeartbeatRefusal.Signature, Ours.Open(Close(HeartbeatSeal.None), out _));
        Assert.Equal(HeartbeatRefusal.None, HeartbeatSeal.None.Open(Close(HeartbeatSeal.None), out octets));
        Assert.Equal(Heartbeat.Length, octets);
    }

    [Fact]
    public void One_changed_bit_anywhere_is_noticed()
    {
        var datagram = Close(Ours);
        for (var bit = 0; bit < datagram.Length * 8; bit++)
        {
            datagram[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.NotEqual(HeartbeatRefusal.None, Ours.Open(datagram, out _));
            datagram[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void A_datagram_of_any_length_is_opened_or_refused_and_nothing_else()
    {
        var random = new SeededRandom(5);
        for (var i = 0; i < 20_000; i++)
        {
            var datagram = new byte[random.Next(HeartbeatPacket.MostBytes + 64)];
            for (var k = 0; k < datagram.Length; k++)
                datagram[k] = (byte)(k == 0 ? random.Next(3) : random.Next(256));
            Assert.NotEqual(HeartbeatRefusal.None, Ours.Open(datagram, out _));
            _ = HeartbeatSeal.None.Open(datagram, out var octets);
            Assert.InRange(octets, 0, Math.Max(0, datagram.Length - 1));
        }
    }

    [Fact]
    public void The_secret_is_never_shown() => Assert.Equal("(a key)", Ours.ToString());

    [Fact]
    public void Signing_and_verifying_allocate_nothing()
    {
        var datagram = new byte[Heartbeat.Length + HeartbeatSeal.MostOverheadBytes];
        var allocated = AllocationMeter.LeastBytes(() =>
        {
            for (var i = 0; i < 1000; i++)
                Ours.Open(datagram.AsSpan(0, Ours.Close(Heartbeat, datagram)), out _);
        });
        Assert.Equal(0, allocated);
    }

    private static byte[] Close(HeartbeatSeal seal)
    {
        var datagram = new byte[Heartbeat.Length + HeartbeatSeal.MostOverheadBytes];
        return datagram[..seal.Close(Heartbeat, datagram)];
    }
}
