using System;
using System.Linq;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Heartbeat;

public sealed class HeartbeatMachineTests
{
    private readonly HeartbeatLan _lan = new();

    [Fact]
    public void An_owner_sends_one_heartbeat_per_interval_and_who_owns_nothing_sends_none()
    {
        _lan.Add("a");
        _lan.Add("b", isOwner: false);
        _lan.Run(1000);
        _lan.Sent.Clear();
        _lan.Run(10_000);
        Assert.Equal(100, _lan.Sent.Count);
        Assert.All(_lan.Sent, sent => Assert.Equal("a", sent.From));
        Assert.Equal(HeartbeatVerdict.Heard, _lan.Verdict("b", "a"));
        Assert.Equal(HeartbeatVerdict.NotJudged, _lan.Verdict("a", "b"));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(10)]
    public void Three_missed_heartbeats_make_a_dead_owner_silent_for_everybody(int intervalMs)
    {
        foreach (var name in (string[])["a", "b", "c"])
            _lan.Add(name, intervalMs: intervalMs);
        _lan.Run(1037);
        _lan.Kill("a");
        var last = _lan.Sent.Last(sent => sent.From == "a").At;
        _lan.Run(10 * intervalMs);
        var silent = _lan.Changes.Where(change => change.Peer.Verdict == HeartbeatVerdict.Silent).ToList();
        Assert.Equal([("b", "a"), ("c", "a")], silent.Select(change => (change.Who, change.Peer.Name)).Order());
        Assert.All(silent, change => Assert.InRange((change.At - last).TotalMilliseconds / intervalMs, 3.0, 3.1));
    }

    [Fact]
    public void A_tenth_of_all_heartbeats_lost_for_an_hour_makes_nobody_silent()
    {
        _lan.Loss = 0.1;
        foreach (var name in (string[])["a", "b", "c"])
            _lan.Add(name);
        _lan.Run(3_600_000);
        Assert.Empty(_lan.CalledSilent);
        Assert.InRange(_lan.Sent.Count, 108_000, 216_000);
    }

    [Fact]
    public void Half_of_all_heartbeats_lost_widens_the_patience_instead_of_flapping()
    {
        _lan.Loss = 0.5;
        foreach (var name in (string[])["a", "b", "c"])
            _lan.Add(name);
        _lan.Run(600_000);
        Assert.InRange(_lan.CalledSilent.Count(), 0, 3);
    }

    [Fact]
    public void Who_is_heard_by_another_is_not_silent()
    {
        _lan.IsCut = (from, to) => (from, to) == ("a", "b");
        foreach (var name in (string[])["a", "b", "c"])
            _lan.Add(name);
        _lan.IsCut = (_, _) => false;
        _lan.Run(1000);
        _lan.IsCut = (from, to) => (from, to) == ("a", "b");
        _lan.Run(10_000);
        Assert.Empty(_lan.CalledSilent);
        _lan.Kill("a");
        _lan.Run(1000);
        Assert.Equal([("b", "a"), ("c", "a")], _lan.CalledSilent.Order());
    }

    [Fact]
    public void Between_two_nodes_a_loss_in_one_direction_is_told_to_the_one_not_heard_and_does_not_make_them_alternate()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        _lan.IsCut = (from, to) => (from, to) == ("a", "b");
        _lan.Run(60_000);
        Assert.Equal([("b", "a")], _lan.CalledSilent);
        Assert.InRange(_lan.News.Count(news => news == ("a", HeartbeatOutputKind.Accused)), 5, 10);
        _lan.IsCut = (_, _) => false;
        _lan.Run(200);
        Assert.Equal(HeartbeatVerdict.Heard, _lan.Verdict("b", "a"));
        _lan.IsCut = (from, to) => (from, to) == ("a", "b");
        _lan.Run(9000);
        Assert.Equal(HeartbeatVerdict.Heard, _lan.Verdict("b", "a"));
        _lan.Run(2000);
        Assert.Equal(HeartbeatVerdict.Silent, _lan.Verdict("b", "a"));
    }

    [Fact]
    public void A_loss_that_comes_and_goes_is_believed_less_and_less_often()
    {
        _lan.Add("a");
        _lan.Add("b");
        for (var i = 0; i < 1800; i++)
        {
            var isCut = i % 2 == 1;
            _lan.IsCut = (from, _) => isCut && from == "a";
            _lan.Run(2000);
        }
        // An hour: after 10, 20, 40, 80, 160, 320, 600, 600, 600, 600, 600 seconds.
        Assert.InRange(_lan.CalledSilent.Count(), 8, 14);
    }

    [Fact]
    public void Who_starts_anew_is_judged_anew()
    {
        _lan.Add("a");
        _lan.Add("b");
        for (var life = 0UL; life < 5; life++)
        {
            _lan.Run(1000);
            _lan.Kill("a");
            _lan.Run(1000);
            Assert.Equal(HeartbeatVerdict.Silent, _lan.Verdict("b", "a"));
            _lan.Add("a", incarnation: 2000 + life);
            _lan.Run(200);
            Assert.Equal(HeartbeatVerdict.Heard, _lan.Verdict("b", "a"));
        }
    }

    [Fact]
    public void A_new_life_that_owns_nothing_is_not_judged_any_more()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        _lan.Kill("a");
        _lan.Run(1000);
        _lan.Add("a", isOwner: false, incarnation: 2000);
        _lan.Run(200);
        Assert.Equal(HeartbeatVerdict.NotJudged, _lan.Verdict("b", "a"));
    }

    [Fact]
    public void A_node_that_lost_its_last_address_says_so_and_is_not_judged()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        _lan.Own("a", isOwner: false);
        _lan.Run(5000);
        Assert.Empty(_lan.CalledSilent);
        Assert.Equal(HeartbeatVerdict.NotJudged, _lan.Verdict("b", "a"));
    }

    [Fact]
    public void Words_that_get_lost_are_asked_for()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        _lan.IsCut = (from, _) => from == "a";
        _lan.Own("a", isOwner: false);
        _lan.Run(5000);
        Assert.Equal(HeartbeatVerdict.Silent, _lan.Verdict("b", "a"));
        _lan.IsCut = (_, _) => false;
        _lan.Run(7000);
        Assert.Equal(HeartbeatVerdict.NotJudged, _lan.Verdict("b", "a"));
    }

    [Fact]
    public void Who_leaves_is_counted_out_at_once_and_by_its_own_word()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        _lan.Tell("a", HeartbeatInput.LeaveRequested());
        _lan.Run(1);
        Assert.Equal(HeartbeatVerdict.Left, _lan.Verdict("b", "a"));
        _lan.Kill("a");
        _lan.Run(5000);
        Assert.Empty(_lan.CalledSilent);
    }

    [Fact]
    public void Who_has_started_anew_and_does_not_know_yet_what_it_owns_says_nothing_and_stays_counted_out()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        _lan.Tell("a", HeartbeatInput.LeaveRequested());
        _lan.Run(100);
        _lan.Kill("a");
        _lan.Add("a", isOwner: false, incarnation: 2000, knowsWhatItOwns: false);
        _lan.Run(1000);
        // It misses heartbeats of b, would ask for them, is asked itself whether it heard a third, and misses that one for good.
        _lan.Add("c");
        _lan.Run(500);
        _lan.IsCut = (from, to) => (from, to) is ("b", "a") or ("c", "b");
        _lan.Run(600);
        _lan.IsCut = (_, _) => false;
        _lan.Kill("c");
        _lan.Run(1000);
        Assert.DoesNotContain(_lan.Sent, sent => sent.From == "a" && sent.At > _lan.Now - TimeSpan.FromMilliseconds(3000));
        Assert.Equal(HeartbeatVerdict.Left, _lan.Verdict("b", "a"));
        Assert.DoesNotContain(_lan.CalledSilent, called => called.Who == "a");

        _lan.Tell("a", HeartbeatInput.OwnershipConfirmed(0));
        _lan.Run(300);
        Assert.Equal(HeartbeatVerdict.NotJudged, _lan.Verdict("b", "a"));
        Assert.Equal([("a", "c")], _lan.CalledSilent.Where(called => called.Who == "a"));
    }

    [Fact]
    public void What_was_heard_before_keeps_no_dead_node_alive()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        var recorded = _lan.Sent.Where(sent => sent.From == "a").Select(sent => sent.Packet).ToList();
        _lan.Kill("a");
        for (var i = 0; i < 100; i++)
        {
            foreach (var packet in recorded)
                _lan.Tell("b", HeartbeatInput.PacketReceived(HeartbeatLan.Link, packet));
            _lan.Run(10);
        }
        Assert.Equal(HeartbeatVerdict.Silent, _lan.Verdict("b", "a"));
        Assert.Equal(100 * recorded.Count, _lan["b"].TakeRefused(HeartbeatRefusal.Replayed));
    }

    [Fact]
    public void Heartbeats_of_a_former_life_are_refused_and_who_sends_them_learns_it()
    {
        _lan.Add("a", incarnation: 5000);
        _lan.Add("b", isOwner: false);
        _lan.Run(1000);
        _lan.Kill("a");
        _lan.Run(50);
        // Its wall clock was set back meanwhile.
        _lan.Add("a", incarnation: 4000);
        _lan.Run(2000);
        Assert.Equal(5001UL, _lan["a"].Incarnation);
        Assert.Equal(HeartbeatVerdict.Heard, _lan.Verdict("b", "a"));
        Assert.Contains(("a", HeartbeatOutputKind.IncarnationRaised), _lan.News);
    }

    [Fact]
    public void A_node_that_stood_still_is_muted_until_it_listened_and_its_ownership_was_decided_anew()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        _lan.Pause("a");
        _lan.Run(2000);
        Assert.Equal(HeartbeatVerdict.Silent, _lan.Verdict("b", "a"));
        _lan["a"].Notice(_lan.Now);
        Assert.True(_lan["a"].IsMuted);
        _lan.Resume("a");
        Assert.Equal(1, _lan["a"].Standstills);
        _lan.Run(300);
        Assert.True(_lan["a"].IsMuted);
        Assert.Equal(HeartbeatVerdict.Heard, _lan.Verdict("b", "a"));
        _lan.Tell("a", HeartbeatInput.OwnershipConfirmed(1));
        Assert.False(_lan["a"].IsMuted);
        Assert.Equal(HeartbeatVerdict.Heard, _lan.Verdict("a", "b"));
        Assert.Equal([("b", "a")], _lan.CalledSilent);
    }

    [Fact]
    public void Nobody_is_muted_for_ever()
    {
        _lan.Add("a");
        _lan.Run(1000);
        _lan.Pause("a");
        _lan.Run(2000);
        _lan.Resume("a");
        _lan.Run(4900);
        Assert.True(_lan["a"].IsMuted);
        _lan.Run(200);
        Assert.False(_lan["a"].IsMuted);
    }

    [Fact]
    public void A_judge_that_was_late_itself_blames_nobody()
    {
        _lan.Add("a");
        _lan.Add("b", isOwner: false);
        _lan.Run(1000);
        _lan.Pause("b");
        _lan.Run(290);
        _lan["b"].Advance(_lan.Now + TimeSpan.FromMilliseconds(100));
        _lan.Resume("b");
        _lan.Run(1000);
        Assert.Empty(_lan.CalledSilent);
    }

    [Fact]
    public void Without_a_carrier_nobody_is_judged_and_nothing_is_sent()
    {
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(1000);
        _lan.IsCut = (_, _) => true;
        _lan.Own("b", isOwner: true, hasCarrier: false);
        var before = _lan.Sent.Count(sent => sent.From == "b");
        _lan.Run(5000);
        Assert.DoesNotContain(("b", "a"), _lan.CalledSilent);
        Assert.Equal(before, _lan.Sent.Count(sent => sent.From == "b"));
        _lan.IsCut = (_, _) => false;
        _lan.Own("b", isOwner: true);
        _lan.Run(500);
        Assert.Equal(HeartbeatVerdict.Heard, _lan.Verdict("b", "a"));
    }

    [Fact]
    public void A_segment_never_carries_more_than_a_thousand_heartbeats_per_second()
    {
        for (var i = 0; i < 40; i++)
            _lan.Add($"n{i}", intervalMs: 10);
        _lan.Run(1000);
        _lan.Sent.Clear();
        _lan.Run(1000);
        Assert.InRange(_lan.Sent.Count, 900, 1040);
        Assert.Empty(_lan.CalledSilent);
    }

    [Theory]
    [InlineData(33, 100, 0.05)]
    [InlineData(50, 100, 0.05)]
    [InlineData(50, 100, 0.2)]
    [InlineData(60, 50, 0.05)]
    [InlineData(20, 10, 0.1)]
    public void Questions_and_answers_for_lost_heartbeats_are_part_of_the_thousand(int owners, int intervalMs, double loss)
    {
        for (var i = 0; i < owners; i++)
            _lan.Add($"n{i}", intervalMs: intervalMs);
        _lan.Run(1000);
        _lan.Loss = loss;
        _lan.Run(5000);
        _lan.Sent.Clear();
        _lan.Run(5000);
        Assert.InRange(_lan.Sent.Count, Math.Min(5 * 900, 5 * owners * 1000 / intervalMs), 5000);
        Assert.Empty(_lan.CalledSilent);
    }

    [Fact]
    public void An_interval_that_was_stretched_for_questions_is_the_configured_one_again_soon_after_the_loss_ended()
    {
        for (var i = 0; i < 40; i++)
            _lan.Add($"n{i}");
        _lan.Loss = 0.3;
        _lan.Run(6000);
        _lan.Loss = 0;
        _lan.Run(15_000);
        _lan.Sent.Clear();
        _lan.Run(1000);
        Assert.Equal(400, _lan.Sent.Count);
    }

    [Fact]
    public void Fifty_owners_on_a_LAN_that_loses_a_twentieth_notice_a_death_as_soon_as_few_do()
    {
        for (var i = 0; i < 50; i++)
            _lan.Add($"n{i}");
        _lan.Loss = 0.05;
        _lan.Run(10_000);
        _lan.Kill("n0");
        var last = _lan.Sent.Last(sent => sent.From == "n0").At;
        _lan.Run(1000);
        var silent = _lan.Changes.Where(change => change.Peer.Verdict == HeartbeatVerdict.Silent).ToList();
        Assert.All(silent, change => Assert.Equal("n0", change.Peer.Name));
        var late = silent.Count(change => (change.At - last).TotalMilliseconds > 310);
        Assert.Equal((49, 0), (silent.Count, late));
    }

    [Fact]
    public void When_one_of_many_dies_the_questions_of_all_are_few()
    {
        for (var i = 0; i < 50; i++)
            _lan.Add($"n{i}");
        _lan.Run(1000);
        _lan.Kill("n0");
        _lan.Sent.Clear();
        _lan.Run(400);
        Assert.Equal(49, _lan.CalledSilent.Count());
        // 49 owners with four heartbeats each, the word of each that it is silent, and the questions.
        Assert.InRange(_lan.Sent.Count, 196, 400);
    }

    [Fact]
    public void Another_node_of_our_name_is_told_once()
    {
        _lan.Add("a");
        var other = HeartbeatPacketTests.Write(HeartbeatFlags.Owner, 77, 1, 100_000, "a");
        for (var i = 0; i < 10; i++)
            _lan.Tell("a", HeartbeatInput.PacketReceived(HeartbeatLan.Link, other));
        Assert.Equal([("a", HeartbeatOutputKind.NameConflict)], _lan.News);
        Assert.Equal(10, _lan["a"].TakeRefused(HeartbeatRefusal.OwnName));
    }

    [Fact]
    public void There_are_never_more_peers_than_are_kept_track_of()
    {
        _lan.Add("a");
        for (var i = 0; i < 3000; i++)
            _lan.Tell("a", HeartbeatInput.PacketReceived(
                HeartbeatLan.Link, HeartbeatPacketTests.Write(i < 2000 ? HeartbeatFlags.Owner : 0, 1, 1, 100_000, $"forged-{i}")));
        Assert.InRange(_lan["a"].Peers.Count(), 1, 1024);
        Assert.Equal(3000 - 1024, _lan["a"].TakeRefused(HeartbeatRefusal.TooManyPeers));
    }

    [Fact]
    public void No_octets_in_any_order_make_it_throw_or_remember_without_bound()
    {
        var random = new SeededRandom(3);
        _lan.Add("a");
        _lan.Add("b");
        _lan.Run(500);
        var good = _lan.Sent.Select(sent => sent.Packet).ToList();
        for (var i = 0; i < 50_000; i++)
        {
            var packet = good[random.Next(good.Count)].ToArray();
            for (var flips = random.Next(5); flips > 0; flips--)
                packet[random.Next(packet.Length)] = (byte)random.Next(256);
            _lan.Tell("a", HeartbeatInput.PacketReceived(random.Chance(0.9) ? HeartbeatLan.Link : 8, packet));
            if (random.Chance(0.01))
                _lan.Run(random.Next(50));
            _lan.Sent.Clear();
        }
        Assert.InRange(_lan["a"].Peers.Count(), 1, 1024);
    }

    [Fact]
    public void Hearing_and_sending_allocate_nothing()
    {
        var machine = new HeartbeatMachine(new("a", 1, TimeSpan.FromMilliseconds(100)), new SeededRandom(1));
        var now = Instant.FromSeconds(1);
        machine.Handle(HeartbeatInput.LinksChanged([new(1, true, true)]), now);
        var packets = Enumerable.Range(1, 10_000).Select(i =>
            new ReadOnlyMemory<byte>(HeartbeatPacketTests.Write(HeartbeatFlags.Owner, 1, (ulong)i, 100_000, "b"))).ToArray();
        var next = 0;
        var taken = 0;
        var allocated = AllocationMeter.LeastBytes(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                now += TimeSpan.FromMilliseconds(50);
                machine.Handle(HeartbeatInput.PacketReceived(1, packets[next++]), now);
                machine.Advance(now);
                while (machine.TryTake(out _))
                    taken++;
            }
        });
        Assert.Equal(0, allocated);
        Assert.InRange(taken, 400, 6000);
    }
}
