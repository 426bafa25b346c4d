using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bfd;

public sealed class BfdPairTests
{
    private static readonly BfdSessionConfig Quick = new()
    {
        ReceiveInterval = TimeSpan.FromMilliseconds(10),
        TransmitInterval = TimeSpan.FromMilliseconds(10),
    };

    [Fact]
    public void Two_ends_are_up_as_soon_as_both_run()
    {
        var pair = new Pair(1, Quick, sessions: 1);
        pair.Run(TimeSpan.FromMilliseconds(100));
        Assert.All(pair.Sessions, session => Assert.Equal(BfdState.Up, session.State));
    }

    [Fact]
    public void A_path_that_is_cut_is_noticed_within_three_intervals_and_heals()
    {
        var pair = new Pair(2, Quick, sessions: 4);
        pair.Run(TimeSpan.FromSeconds(1));
        pair.LossProbability = 1;
        pair.Run(TimeSpan.FromMilliseconds(31));
        Assert.All(pair.Sessions, session => Assert.Equal(BfdState.Down, session.State));
        pair.LossProbability = 0;
        pair.Run(TimeSpan.FromSeconds(3));
        Assert.All(pair.Sessions, session => Assert.Equal(BfdState.Up, session.State));
    }

    [Fact]
    public void Nothing_is_lost_and_nothing_flaps_on_a_clean_path_for_an_hour()
    {
        var pair = new Pair(3, new(), sessions: 2);
        pair.Run(TimeSpan.FromHours(1));
        Assert.All(pair.Sessions, session => Assert.Equal((1, 0), (session.Counters.UpEvents, session.Counters.DownEvents)));
    }

    [Fact]
    public void Sessions_come_up_through_heavy_loss_and_their_changes_alternate()
    {
        for (var seed = 1UL; seed <= 30; seed++)
        {
            var pair = new Pair(seed, Quick, sessions: 3) { LossProbability = 0.4 };
            pair.Run(TimeSpan.FromSeconds(20));
            Assert.All(pair.Sessions, session => Assert.True(session.Counters.UpEvents > 0, $"seed {seed}"));
            Assert.All(pair.Sessions, session => Assert.InRange(session.Counters.UpEvents - session.Counters.DownEvents, 0, 1));
            pair.LossProbability = 0;
            pair.Run(TimeSpan.FromSeconds(5));
            Assert.All(pair.Sessions, session => Assert.Equal(BfdState.Up, session.State));
        }
    }

    [Fact]
    public void Sixty_four_sessions_at_ten_milliseconds_allocate_nothing()
    {
        var pair = new Pair(4, Quick, sessions: 64);
        pair.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(0, AllocationMeter.LeastBytes(() => pair.Run(TimeSpan.FromSeconds(1))));
        Assert.All(pair.Sessions, session => Assert.InRange(session.Counters.ControlOut, 600, 1_000));
        Assert.All(pair.Sessions, session => Assert.Equal(0, session.Counters.DownEvents));
    }

    /// <summary>Two engines with a wire between them that takes no time and may lose packets.</summary>
    private sealed class Pair
    {
        private readonly BfdEngineMachine[] _engines;
        private readonly SeededRandom _loss;
        private readonly byte[] _wire = new byte[256];
        private readonly Queue<int> _pending = new();
        private Instant _now = Instant.FromSeconds(1);

        public Pair(ulong seed, BfdSessionConfig config, int sessions)
        {
            _loss = new SeededRandom(seed).Fork("loss");
            _engines = [new(new SeededRandom(seed).Fork("a")), new(new SeededRandom(seed).Fork("b"))];
            for (var i = 0; i < 2 * sessions; i++)
            {
                var number = (uint)(i / 2);
                _engines[i % 2].Handle(BfdInput.SessionWanted(new(true, Address(1 - i % 2, number), Address(i % 2, number)), config), _now);
                Deliver();
            }
        }

        public double LossProbability { get; set; }

        public IEnumerable<BfdSessionSnapshot> Sessions => _engines.SelectMany(engine => engine.Sessions);

        public void Run(TimeSpan span)
        {
            var end = _now + span;
            while (Instant.Earlier(_engines[0].NextDeadline, _engines[1].NextDeadline) is { } due && due <= end)
            {
                _now = due > _now ? due : _now;
                _engines[0].Advance(_now);
                _engines[1].Advance(_now);
                Deliver();
            }
            _now = end;
        }

        private void Deliver()
        {
            _pending.Enqueue(0);
            _pending.Enqueue(1);
            while (_pending.TryDequeue(out var sender))
            {
                while (_engines[sender].TryTake(out var output))
                {
                    if (output.Kind != BfdOutputKind.SendDatagram || _loss.Chance(LossProbability))
                        continue;
                    output.Payload.Span.CopyTo(_wire);
                    var number = (uint)(output.Session - 1);
                    _engines[1 - sender].Handle(
                        BfdInput.DatagramReceived(
                            output.Channel, Address(sender, number), Address(1 - sender, number), 1, 254,
                            _wire.AsMemory(0, output.Payload.Length)),
                        _now);
                    _pending.Enqueue(1 - sender);
                }
            }
        }

        private static IpAddress Address(int side, uint number) => IpAddress.V4(0x0A000000u + 0x10000u * (uint)side + number);
    }
}
