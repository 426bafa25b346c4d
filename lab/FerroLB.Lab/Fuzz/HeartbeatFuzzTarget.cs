using System;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// Datagrams on the heartbeats' port, for a machine that owns addresses on two interfaces. The first octet of an input says on which of
/// them the datagram arrives, how much time has passed, and whether it is signed well first, without which mutations would hardly ever get
/// past the signature. What was read must be read again from what is written, and every heartbeat sent must be well formed.
/// </summary>
public sealed class HeartbeatFuzzTarget : IFuzzTarget
{
    private const int MostPeers = 1024;
    private static readonly string[] Names = ["node-a", "node-b", "node-c", "x"];

    private readonly HeartbeatSeal _seal = HeartbeatSeal.FromSecret("secret"u8);
    private readonly HeartbeatMachine _machine = new(new("node-a", 1000, TimeSpan.FromMilliseconds(100)), new SeededRandom(1));
    private readonly byte[] _written = new byte[HeartbeatPacket.MostBytes];
    private readonly byte[] _datagram = new byte[HeartbeatPacket.MostBytes + HeartbeatSeal.MostOverheadBytes];
    private Instant _now = Instant.FromSeconds(1);
    private bool _isPrepared;

    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => Names;

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var buffer = new byte[HeartbeatPacket.MostBytes];
        var flags = random.Chance(0.8) ? HeartbeatFlags.Owner : (HeartbeatFlags)random.Next(8);
        var writer = new HeartbeatWriter(
            buffer, flags, (ulong)random.Next(4) + 998, random.NextUInt64() >> random.Next(64), (uint)(1000 + random.Next(200_000)),
            Name(random));
        for (var entries = random.Next(4); entries > 0; entries--)
        {
            _ = writer.TryAdd(
                (HeartbeatEntryKind)(1 + random.Next(3)), (ulong)random.Next(4) + 998, (uint)random.Next(400_000), Name(random));
        }
        return [(byte)random.Next(256), .. buffer.AsSpan(0, writer.WrittenBytes)];
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => 65_536 + 16L * inputBytes;

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        Prepare();
        if (input.IsEmpty)
            return null;
        var how = input.Span[0];
        var datagram = input[1..];
        if ((how & 1) != 0 && datagram.Length <= HeartbeatPacket.MostBytes)
            datagram = _datagram.AsMemory(0, _seal.Close(datagram.Span, _datagram));
        _now += TimeSpan.FromMilliseconds(how >> 4);
        var refusal = _seal.Open(datagram.Span, out var octets);
        if (refusal != HeartbeatRefusal.None)
        {
            _machine.Handle(HeartbeatInput.PacketRefused(refusal), _now);
            return Drain();
        }
        var heartbeat = datagram.Slice(1, octets);
        if (HeartbeatPacket.TryRead(heartbeat.Span, out var packet) == HeartbeatRefusal.None &&
            WriteAgain(packet, heartbeat.Span) is { } fault)
            return fault;
        _machine.Handle(HeartbeatInput.PacketReceived(1 + (how >> 1 & 1), heartbeat), _now);
        return Drain();
    }

    private static byte[] Name(SeededRandom random) => System.Text.Encoding.ASCII.GetBytes(Names[random.Next(Names.Length)]);

    private void Prepare()
    {
        if (_isPrepared)
            return;
        _isPrepared = true;
        _machine.Handle(HeartbeatInput.LinksChanged([new(1, true, true), new(2, true, true)]), _now);
        _machine.Handle(HeartbeatInput.OwnershipConfirmed(0), _now);
        _ = Drain();
    }

    private string? WriteAgain(in HeartbeatPacket packet, ReadOnlySpan<byte> read)
    {
        var writer = new HeartbeatWriter(
            _written, packet.Flags, packet.Incarnation, packet.Sequence, packet.IntervalMicroseconds, packet.Name);
        var entries = packet.Entries;
        while (!entries.IsEmpty)
        {
            var entry = HeartbeatEntry.TakeFrom(ref entries);
            if (!writer.TryAdd(entry.Kind, entry.Incarnation, entry.AgeMicroseconds, entry.Name.ToArray()))
                return "an entry that was read does not fit";
        }
        return _written.AsSpan(0, writer.WrittenBytes).SequenceEqual(read) ? null : "what was read is written otherwise";
    }

    private string? Drain()
    {
        while (_machine.TryTake(out var output))
        {
            if (output.Kind == HeartbeatOutputKind.SendPacket &&
                HeartbeatPacket.TryRead(output.Packet.Span, out _) != HeartbeatRefusal.None)
                return $"sent {Convert.ToHexString(output.Packet.Span)}, which is no heartbeat";
        }
        var peers = 0;
        foreach (var _ in _machine.Peers)
            peers++;
        return peers > MostPeers ? $"remembers {peers} peers" : null;
    }
}
