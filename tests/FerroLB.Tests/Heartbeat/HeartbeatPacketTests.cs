using System;
using System.Linq;
using System.Text;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Heartbeat;

public sealed class HeartbeatPacketTests
{
    [Fact]
    public void The_octets_on_the_wire_are_those_of_the_documentation()
    {
        byte[] expected =
        [
            1, 1, 2, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9, 0, 1, 0x86, 0xA0, (byte)'n', (byte)'1',
            2, 1, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 3, (byte)'x',
        ];
        Assert.Equal(expected, Write(HeartbeatFlags.Owner, 5, 9, 100_000, "n1", (HeartbeatEntryKind.Silent, 7, 3, "x")));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var random = new SeededRandom(11);
        for (var i = 0; i < 2000; i++)
        {
            var name = Name(random);
            var entries = Enumerable.Range(0, random.Next(4)).Select(_ =>
                ((HeartbeatEntryKind)(1 + random.Next(3)), random.NextUInt64(), (uint)random.Next(int.MaxValue), Name(random))).ToArray();
            var (incarnation, sequence, interval) = (random.NextUInt64(), random.NextUInt64(), (uint)(1000 + random.Next(1_000_000)));
            var octets = Write(HeartbeatFlags.Muted, incarnation, sequence, interval, name, entries);
            Assert.Equal(HeartbeatRefusal.None, HeartbeatPacket.TryRead(octets, out var packet));
            Assert.Equal(
                (HeartbeatFlags.Muted, incarnation, sequence, interval),
                (packet.Flags, packet.Incarnation, packet.Sequence, packet.IntervalMicroseconds));
            Assert.Equal(name, Encoding.ASCII.GetString(packet.Name));
            var rest = packet.Entries;
            foreach (var (kind, about, age, other) in entries)
            {
                var entry = HeartbeatEntry.TakeFrom(ref rest);
                Assert.Equal(
                    (kind, about, age, other),
                    (entry.Kind, entry.Incarnation, entry.AgeMicroseconds, Encoding.ASCII.GetString(entry.Name)));
            }
            Assert.True(rest.IsEmpty);
        }
    }

    [Fact]
    public void A_heartbeat_cut_short_anywhere_or_with_octets_too_many_is_refused()
    {
        var octets = Write(HeartbeatFlags.Owner, 1, 1, 1000, "node", (HeartbeatEntryKind.Probe, 1, 0, "other"));
        for (var length = 0; length < octets.Length; length++)
            Assert.Equal(HeartbeatRefusal.Malformed, HeartbeatPacket.TryRead(octets.AsSpan(0, length), out _));
        Assert.Equal(HeartbeatRefusal.Malformed, HeartbeatPacket.TryRead([.. octets, 0], out _));
    }

    [Theory]
    [InlineData(0, 2, HeartbeatRefusal.Version)]
    [InlineData(2, 0, HeartbeatRefusal.Malformed)]
    [InlineData(2, 255, HeartbeatRefusal.Malformed)]
    [InlineData(3, 2, HeartbeatRefusal.Malformed)]
    [InlineData(20, 0xFF, HeartbeatRefusal.Malformed)]
    [InlineData(24, 0x20, HeartbeatRefusal.Malformed)]
    [InlineData(24, 0x80, HeartbeatRefusal.Malformed)]
    public void A_field_that_makes_no_sense_is_refused(int offset, byte value, HeartbeatRefusal expected)
    {
        var octets = Write(HeartbeatFlags.Owner, 1, 1, 1000, "node", (HeartbeatEntryKind.Probe, 1, 0, "other"));
        octets[offset] = value;
        Assert.Equal(expected, HeartbeatPacket.TryRead(octets, out _));
    }

    [Fact]
    public void More_octets_than_a_heartbeat_may_have_are_refused_unread() =>
        Assert.Equal(HeartbeatRefusal.TooLong, HeartbeatPacket.TryRead(new byte[HeartbeatPacket.MostBytes + 1], out _));

    [Fact]
    public void Entries_that_do_not_fit_are_left_out()
    {
        var writer = new HeartbeatWriter(new byte[HeartbeatPacket.MostBytes], HeartbeatFlags.None, 1, 1, 1000, "n"u8);
        var long_ = Encoding.ASCII.GetBytes(new string('x', HeartbeatPacket.MostNameBytes));
        var count = 0;
        while (writer.TryAdd(HeartbeatEntryKind.Silent, 1, 0, long_))
            count++;
        Assert.Equal(4, count);
        Assert.InRange(writer.WrittenBytes, 1, HeartbeatPacket.MostBytes);
    }

    public static byte[] Write(
        HeartbeatFlags flags, ulong incarnation, ulong sequence, uint interval, string name,
        params (HeartbeatEntryKind Kind, ulong Incarnation, uint Age, string Name)[] entries)
    {
        var buffer = new byte[HeartbeatPacket.MostBytes];
        var writer = new HeartbeatWriter(buffer, flags, incarnation, sequence, interval, Encoding.ASCII.GetBytes(name));
        foreach (var entry in entries)
            Assert.True(writer.TryAdd(entry.Kind, entry.Incarnation, entry.Age, Encoding.ASCII.GetBytes(entry.Name)));
        return buffer[..writer.WrittenBytes];
    }

    private static string Name(SeededRandom random) =>
        new([.. Enumerable.Range(0, 1 + random.Next(60)).Select(_ => (char)('!' + random.Next(94)))]);
}
