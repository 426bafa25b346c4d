using System.Linq;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Arp;

/// <summary>Another host claims an address that stays here.</summary>
public sealed class ArpConflictTests
{
    private const string Ours = "192.0.2.10";
    private const string Began = "ConflictBegan on 2 by 02:00:00:00:aa:01";
    private const string Counted = "ClaimCounted on 2 by 02:00:00:00:aa:01";
    private const string Ended = "ConflictEnded on 2 by 02:00:00:00:aa:01";

    private readonly ArpWorld _world = new ArpWorld().Links(ArpWorld.Eth0, ArpWorld.Eth1).Announce(Ours).PassTo(60_000).Forget();

    [Fact]
    public void One_claim_is_defended_once_and_is_no_conflict()
    {
        Hear(60_000);
        _world.PassTo(61_900);
        Assert.Equal([60_250], _world.RoundsOn(ArpWorld.Eth0));
        Assert.Empty(_world.RoundsOn(ArpWorld.Eth1));
        Assert.Empty(_world.TakeEvents());
    }

    [Fact]
    public void Claims_that_go_on_after_the_defence_are_a_conflict_that_is_told_once()
    {
        Hear(60_000, 61_100);
        Assert.Empty(_world.TakeEvents());
        Hear(61_500);
        Assert.Equal([Began, Counted], _world.TakeEvents());
        Hear(61_700, 62_500, 62_600, 70_000);
        Assert.Equal([Counted, Counted], _world.TakeEvents());
    }

    [Fact]
    public void A_storm_of_claims_is_defended_at_most_once_per_second()
    {
        for (var at = 60_000; at < 70_000; at += 10)
            Hear(at);
        var rounds = _world.PassTo(75_000).RoundsOn(ArpWorld.Eth0).ToArray();
        Assert.InRange(rounds.Length, 5, 11);
        Assert.All(rounds.Zip(rounds.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 1000));
        Assert.Single(_world.TakeEvents(), Began);
    }

    [Fact]
    public void A_conflict_ends_when_nothing_was_heard_for_five_minutes()
    {
        Hear(60_000, 62_000, 200_000);
        _world.TakeEvents();
        _world.PassTo(499_999);
        Assert.Empty(_world.TakeEvents());
        _world.PassTo(500_000);
        Assert.Equal([Ended], _world.TakeEvents());
        Hear(600_000);
        Assert.Empty(_world.TakeEvents());
        Hear(602_000);
        Assert.Equal([Began, Counted], _world.TakeEvents());
    }

    [Fact]
    public void Two_claims_far_apart_are_two_accidents()
    {
        Hear(60_000, 361_000);
        Assert.Empty(_world.TakeEvents());
        Hear(363_000);
        Assert.Equal([Began, Counted], _world.TakeEvents());
    }

    [Fact]
    public void What_is_heard_while_ownership_settles_is_no_conflict_but_a_speaker_that_lost_and_goes_on_is_one()
    {
        var world = new ArpWorld().Links(ArpWorld.Eth0).Announce(Ours);
        for (var at = 100; at < 2_000; at += 100)
            world.PassTo(at).Receive(ArpWorld.Eth0, ArpHandOverTests.Claim(ArpOperation.Request));
        Assert.Empty(world.TakeEvents());
        for (var at = 2_000; at < 4_000; at += 100)
            world.PassTo(at).Receive(ArpWorld.Eth0, ArpHandOverTests.Claim(ArpOperation.Request));
        Assert.Contains(Began, world.TakeEvents());
    }

    [Fact]
    public void A_new_owner_that_is_heard_a_second_before_this_node_learns_of_the_move_is_no_conflict()
    {
        Hear(60_000, 61_100);
        _world.Yield(Ours).PassTo(70_000);
        Assert.Equal(["Released"], _world.TakeEvents());
    }

    [Fact]
    public void A_conflict_ends_when_the_address_is_not_announced_any_more()
    {
        Hear(60_000, 62_000);
        _world.TakeEvents();
        _world.Retract(Ours);
        Assert.Equal([Ended], _world.TakeEvents());
        Assert.Null(_world.PassTo(1_000_000).Machine.NextDeadline);
    }

    [Fact]
    public void Own_interfaces_and_nonsense_are_no_strangers()
    {
        foreach (var at in (long[])[60_000, 62_000, 64_000])
        {
            _world.PassTo(at).Receive(ArpWorld.Eth0, ArpHandOverTests.Claim(ArpOperation.Reply, Ours, null, ArpWorld.Eth1.Mac));
            _world.Receive(ArpWorld.Eth0, ArpHandOverTests.Claim(ArpOperation.Reply, Ours, null, MacAddress.Broadcast));
            _world.Receive(ArpWorld.Eth0, ArpHandOverTests.Claim(ArpOperation.Reply, Ours, null, MacAddress.Zero));
        }
        Assert.Empty(_world.TakeEvents());
        Assert.Empty(_world.Sent);
    }

    private void Hear(params long[] times)
    {
        foreach (var at in times)
            _world.PassTo(at).Receive(ArpWorld.Eth0, ArpHandOverTests.Claim(ArpOperation.Reply));
    }
}
