using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Bgp.Session;

/// <summary>Two machines that connect to each other through a network that delays, cuts and resets.</summary>
internal sealed class BgpSessionPair
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private readonly SeededRandom _random;
    private readonly List<Wire> _wires = [];
    private readonly PriorityQueue<Action, (Instant At, long Number)> _pending = new();
    private long _numbers;
    private Instant _now = Instant.FromSeconds(1);

    public BgpSessionPair(ulong seed)
    {
        _random = new SeededRandom(seed).Fork("network");
        var config = BgpSessionWorld.Config with { HoldTimeSeconds = 9, KeepAliveSeconds = 3 };
        Machines =
        [
            new(config, new SeededRandom(seed).Fork("a"), _now),
            new(
                config with
                {
                    LocalAsn = BgpSessionWorld.PeerAsn,
                    PeerAsn = BgpSessionWorld.LocalAsn,
                    Identifier = (uint)(seed % 2) + 0x0A000000,
                },
                new SeededRandom(seed).Fork("b"), _now),
        ];
        for (var i = 0; i < 2; i++)
            Give(i, new BgpSessionInput.StartRequested());
    }

    public BgpSessionMachine[] Machines { get; }

    public int OpenStreams => _wires.Count(wire => wire.IsOpen);

    public void Run(TimeSpan span, double troubleProbability)
    {
        for (var end = _now + span; _now < end; _now += Step)
        {
            while (_pending.TryPeek(out var action, out var due) && due.At <= _now)
            {
                _pending.Dequeue();
                action();
            }
            for (var i = 0; i < 2; i++)
            {
                if (!(Machines[i].NextDeadline <= _now))
                    continue;
                Machines[i].Advance(_now);
                Drain(i);
            }
            if (_random.Chance(troubleProbability) && _wires.FindLast(wire => wire.IsOpen) is { } victim)
                Break(victim);
        }
    }

    public override string ToString() => string.Join(", ", Machines.Select(machine => $"{machine.State} {machine.Snapshot.LastError}"));

    private void Give(int side, BgpSessionInput input)
    {
        Machines[side].Handle(input, _now);
        Drain(side);
    }

    private void Drain(int side)
    {
        while (Machines[side].TryTake(out var output))
        {
            switch (output)
            {
                case BgpSessionOutput.OpenStream open:
                    Connect(side, open.Stream);
                    break;
                case BgpSessionOutput.WriteStream write when Find(side, write.Stream) is { } wire:
                    var bytes = write.Bytes.ToArray();
                    Later(wire, 1 - side, stream => new BgpSessionInput.StreamBytes(stream, bytes));
                    Later(wire, side, stream => new BgpSessionInput.StreamWritable(stream));
                    break;
                case BgpSessionOutput.CloseStream close when Find(side, close.Stream) is { } wire:
                    wire.IsClosedBy[side] = true;
                    Later(wire, 1 - side, stream => new BgpSessionInput.StreamClosed(stream), () => wire.IsClosedBy[1 - side] = true);
                    break;
            }
        }
    }

    private void Connect(int side, long stream)
    {
        var wire = new Wire();
        wire.Streams[side] = stream;
        wire.Streams[1 - side] = ++_numbers;
        _wires.Add(wire);
        if (_random.Chance(0.1))
        {
            wire.IsClosedBy[0] = wire.IsClosedBy[1] = true;
            Later(wire, side, _ => new BgpSessionInput.StreamFailed(stream, BgpStreamFailure.Refused, "refused"), isForced: true);
            return;
        }
        Later(wire, side, number => new BgpSessionInput.StreamOpened(number, BgpSessionWorld.Local));
        Later(wire, 1 - side, number => new BgpSessionInput.StreamAccepted(number, BgpSessionWorld.Local));
    }

    private void Break(Wire wire)
    {
        for (var side = 0; side < 2; side++)
        {
            var victim = side;
            Later(
                wire, side, stream => new BgpSessionInput.StreamFailed(stream, BgpStreamFailure.Reset, "reset"),
                () => wire.IsClosedBy[victim] = true);
        }
    }

    // Octets of one direction keep their order; a side that has closed hears no more.
    private void Later(Wire wire, int side, Func<long, BgpSessionInput> input, Action? then = null, bool isForced = false)
    {
        var at = _now + _random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(300));
        at = at > wire.Latest[side] ? at : wire.Latest[side];
        wire.Latest[side] = at;
        _pending.Enqueue(
            () =>
            {
                if (wire.IsClosedBy[side] && !isForced)
                    return;
                Give(side, input(wire.Streams[side]));
                then?.Invoke();
            },
            (at, ++_numbers));
    }

    private Wire? Find(int side, long stream) =>
        _wires.FindLast(wire => wire.Streams[side] == stream && !wire.IsClosedBy[side]);

    private sealed class Wire
    {
        public long[] Streams { get; } = new long[2];

        public bool[] IsClosedBy { get; } = new bool[2];

        public Instant[] Latest { get; } = new Instant[2];

        public bool IsOpen => !IsClosedBy[0] && !IsClosedBy[1];

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Streams[0]}-{Streams[1]}");
    }
}
