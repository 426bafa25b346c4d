using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// BFD control and echo packets, and the engine around them. An input is read as a list of events: an octet that says which (datagram,
/// session, time), one that varies it, and the octets of the datagram. Discriminators of ours in a datagram are written as 1 and 2.
/// </summary>
public sealed class BfdFuzzTarget : IFuzzTarget
{
    private const int MostDatagrams = 100_000;

    private static readonly IpAddress Local = IpAddress.Parse("192.0.2.1");
    private static readonly BfdSessionKey[] Keys =
    [
        new(false, IpAddress.Parse("192.0.2.2"), Local, 1), new(true, IpAddress.Parse("192.0.2.3"), Local),
    ];

    private readonly byte[] _buffer = new byte[512];
    private readonly SortedDictionary<int, BfdState> _states = [];
    private BfdEngineMachine _engine = new(new SeededRandom(1));
    private Instant _now;
    private int _sent;

    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => [];

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var events = new List<byte> { 4, (byte)random.Next(256), 4, (byte)random.Next(256) };
        var bytes = new byte[BfdPacket.SizeBytes];
        for (var i = random.Next(10); i >= 0; i--)
        {
            var writer = new ByteWriter(bytes);
            new BfdPacket(
                (BfdState)random.Next(4), BfdDiagnostic.None, (byte)random.Next(5), 1 + (uint)random.Next(3), (uint)random.Next(4),
                (uint)random.Next(1_000_000), (uint)random.Next(1_000_000), (uint)random.Next(100_000))
            {
                IsPoll = random.Chance(0.3),
                IsFinal = random.Chance(0.3),
                IsDemand = random.Chance(0.1),
            }.Write(ref writer);
            events.AddRange([(byte)random.Next(4), (byte)bytes.Length, .. bytes, 7, (byte)random.Next(256)]);
        }
        return [.. events];
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => 300_000 + 2_048L * inputBytes;

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        (_engine, _now, _sent) = (new(new SeededRandom(7)), Instant.FromSeconds(1), 0);
        _states.Clear();
        for (var at = 0; at + 1 < input.Length;)
        {
            var (kind, argument) = (input.Span[at] & 7, input.Span[at + 1]);
            at += 2;
            if (kind < 4)
            {
                var length = Math.Min(argument, input.Length - at);
                Receive(input.Slice(at, length).Span, kind, input.Span[at - 2]);
                at += length;
            }
            else
            {
                Meet(kind, argument);
            }
            if (Drain() is { } fault)
                return fault;
            if (kind == 7 && Pass(TimeSpan.FromMilliseconds(20 * argument)) is { } late)
                return late;
        }
        return null;
    }

    private void Receive(ReadOnlySpan<byte> datagram, int kind, byte variant)
    {
        datagram.CopyTo(_buffer);
        var channel = kind == 3 ? BfdChannel.Echo : kind == 2 ? BfdChannel.MultiHop : BfdChannel.SingleHop;
        NameSession(datagram.Length, channel == BfdChannel.Echo ? 4 : 8);
        var timeToLive = (variant & 0x80) == 0 ? 255 : variant;
        var from = Keys[channel == BfdChannel.MultiHop ? 1 : 0].Peer;
        _engine.Handle(
            BfdInput.DatagramReceived(channel, from, Local, 1, timeToLive, _buffer.AsMemory(0, datagram.Length)), _now);
    }

    private void NameSession(int length, int at)
    {
        var sessions = _engine.Sessions;
        if (length >= at + 4 && _buffer[at + 3] is > 0 and var number && number <= sessions.Count)
            BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(at), sessions[number - 1].LocalDiscriminator);
    }

    private void Meet(int kind, byte argument)
    {
        var key = Keys[argument & 1];
        switch (kind)
        {
            case 4:
                _engine.Handle(BfdInput.SessionWanted(key, ConfigOf(argument)), _now);
                break;
            case 5:
                _engine.Handle((argument & 2) == 0 ? BfdInput.SessionUnwanted(key) : BfdInput.ShutdownRequested(), _now);
                break;
            case 6:
                _engine.Handle(BfdInput.SocketFailed(argument), _now);
                break;
        }
    }

    private static BfdSessionConfig ConfigOf(byte argument) => new()
    {
        EchoMode = (argument & 2) != 0,
        PassiveMode = (argument & 4) != 0,
        DetectMultiplier = argument >> 6,
        TransmitInterval = TimeSpan.FromMilliseconds(10 * (argument >> 3 & 3)),
        ReceiveInterval = TimeSpan.FromMilliseconds(10 * (argument >> 4 & 3)),
    };

    private string? Pass(TimeSpan span)
    {
        var end = _now + span;
        while (_engine.NextDeadline is { } due && due <= end)
        {
            _now = due > _now ? due : _now;
            _engine.Advance(_now);
            if (_engine.NextDeadline <= _now)
                return $"still wants to be woken at {_engine.NextDeadline}, which is not after {_now}";
            if (Drain() is { } fault)
                return fault;
        }
        _now = end;
        return null;
    }

    private string? Drain()
    {
        while (_engine.TryTake(out var output))
        {
            if (output.Kind == BfdOutputKind.TellState)
            {
                var known = _states.GetValueOrDefault(output.Session, BfdState.Down);
                if (known != output.Change.From)
                    return $"session {output.Session} was told to be {known} and changes from {output.Change.From}";
                _states[output.Session] = output.Change.To;
            }
            if (output.Kind != BfdOutputKind.SendDatagram)
                continue;
            if (++_sent > MostDatagrams)
                return $"sent more than {MostDatagrams} datagrams";
            if (output.Channel != BfdChannel.Echo && BfdPacket.Read(output.Payload.Span, out _) is not BfdDropReason.None and var reason)
                return $"sent {Convert.ToHexString(output.Payload.Span)}, which is wrong in its {reason}";
        }
        return null;
    }
}
