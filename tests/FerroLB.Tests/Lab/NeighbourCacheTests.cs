using System;
using System.Collections.Generic;
using FerroLB.Lab.Network;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

public sealed class NeighbourCacheTests
{
    private static readonly IpAddress Service = IpAddress.Parse("10.20.0.1");
    private static readonly IpAddress Target = IpAddress.Parse("fd00:20::1");
    private static readonly IpAddress Host = IpAddress.Parse("10.20.0.100");
    private static readonly MacAddress HostMac = new(0x02_00_00_00_00_64);
    private static readonly MacAddress First = new(0x02_00_00_00_00_01);
    private static readonly MacAddress Second = new(0x02_00_00_00_00_02);

    private readonly List<MacAddress?> _asked = [];
    private readonly NeighbourCache _cache;
    private Instant _now = Instant.FromSeconds(100);

    public NeighbourCacheTests() => _cache = new(new SeededRandom(1), (_, to) => _asked.Add(to));

    [Fact]
    public void First_use_asks_by_broadcast_three_times_and_then_fails()
    {
        Assert.Null(_cache.Use(Service, _now));
        Pass(TimeSpan.FromSeconds(10));
        Assert.Equal([null, null, null], _asked);
        Assert.Equal(NeighbourState.Failed, State());
        Assert.Null(_cache.Use(Service, _now));
        Assert.Equal(4, _asked.Count);
    }

    [Fact]
    public void An_answer_makes_the_entry_reachable_and_it_gets_stale_within_45_seconds()
    {
        Resolve(First);
        Assert.Equal(First, _cache.Use(Service, _now));
        Pass(TimeSpan.FromSeconds(14));
        Assert.Equal(NeighbourState.Reachable, State());
        Pass(TimeSpan.FromSeconds(32));
        Assert.Equal(NeighbourState.Stale, State());
    }

    [Fact]
    public void Using_a_stale_entry_asks_its_owner_by_unicast_after_five_seconds()
    {
        Resolve(First);
        Pass(TimeSpan.FromSeconds(46));
        _asked.Clear();
        Assert.Equal(First, _cache.Use(Service, _now));
        Assert.Equal(NeighbourState.Delay, State());
        Pass(TimeSpan.FromSeconds(5.1));
        Assert.Equal([First], _asked);
        Assert.Equal(NeighbourState.Probe, State());
        Hear(Reply(First));
        Assert.Equal(NeighbourState.Reachable, State());
    }

    [Fact]
    public void A_silent_owner_is_dropped_after_three_unicast_requests_and_asked_for_by_broadcast()
    {
        Resolve(First);
        Pass(TimeSpan.FromSeconds(46));
        _asked.Clear();
        _cache.Use(Service, _now);
        Pass(TimeSpan.FromSeconds(9));
        Assert.Equal([First, First, First], _asked);
        Assert.Equal(NeighbourState.Failed, State());
        _cache.Use(Service, _now);
        Assert.Null(_asked[^1]);
    }

    [Fact]
    public void A_gratuitous_request_moves_an_entry_at_once()
    {
        Resolve(First);
        Hear(Gratuitous(Second));
        Assert.Equal(Second, _cache.Use(Service, _now));
    }

    [Fact]
    public void A_gratuitous_request_makes_no_entry()
    {
        Hear(Gratuitous(Second));
        Assert.Empty(_cache.Entries);
    }

    [Fact]
    public void A_contradiction_within_a_second_of_the_last_change_is_ignored()
    {
        Resolve(First);
        Hear(Reply(Second));
        Assert.Equal(First, _cache.Use(Service, _now));
        Pass(TimeSpan.FromSeconds(1.1));
        Hear(Reply(Second));
        Assert.Equal(Second, _cache.Use(Service, _now));
    }

    [Fact]
    public void A_solicited_advertisement_confirms_and_an_unsolicited_one_that_overrides_moves_the_entry_at_once()
    {
        _cache.Use(Target, _now);
        _cache.Handle(Advertisement(First) with { IsSolicited = true }, _now);
        Assert.Equal(NeighbourState.Reachable, _cache.Entries[Target].State);
        _cache.Handle(Advertisement(Second) with { Overrides = true }, _now);
        Assert.Equal((NeighbourState.Stale, Second), (_cache.Entries[Target].State, _cache.Entries[Target].Mac));
    }

    [Fact]
    public void An_advertisement_that_contradicts_without_overriding_only_raises_doubt()
    {
        _cache.Use(Target, _now);
        _cache.Handle(Advertisement(First) with { IsSolicited = true }, _now);
        _cache.Handle(Advertisement(Second) with { IsSolicited = true }, _now);
        Assert.Equal((NeighbourState.Stale, First), (_cache.Entries[Target].State, _cache.Entries[Target].Mac));
        _cache.Handle(Advertisement(Second) with { IsSolicited = true }, _now);
        Assert.Equal(First, _cache.Entries[Target].Mac);
    }

    [Fact]
    public void An_advertisement_makes_no_entry_and_wakes_no_failed_one()
    {
        _cache.Handle(Advertisement(First) with { Overrides = true }, _now);
        Assert.Empty(_cache.Entries);
        _cache.Use(Target, _now);
        Pass(TimeSpan.FromSeconds(10));
        _cache.Handle(Advertisement(First) with { Overrides = true }, _now);
        Assert.Equal(NeighbourState.Failed, _cache.Entries[Target].State);
    }

    private void Resolve(MacAddress mac)
    {
        _cache.Use(Service, _now);
        Hear(Reply(mac));
        Assert.Equal(NeighbourState.Reachable, State());
    }

    private NeighbourState State() => _cache.Entries[Service].State;

    private void Hear(ArpFrame packet) => _cache.Handle(ArpFrame.Decode(packet.Encode())!, packet.TargetIp == Host, _now);

    private void Pass(TimeSpan span)
    {
        var end = _now + span;
        while (_cache.NextDeadline is { } due && due <= end)
        {
            _now = due;
            _cache.Advance(due);
        }
        _now = end;
    }

    private static NdpFrame Advertisement(MacAddress mac) => new()
    {
        Destination = HostMac, Source = mac, IsAdvertisement = true, Target = Target, LinkLayer = mac,
    };

    private static ArpFrame Reply(MacAddress mac) => new()
    {
        Destination = HostMac, Source = mac, IsReply = true, SenderMac = mac, SenderIp = Service, TargetMac = HostMac, TargetIp = Host,
    };

    private static ArpFrame Gratuitous(MacAddress mac) => new()
    {
        Destination = MacAddress.Broadcast,
        Source = mac,
        SenderMac = mac,
        SenderIp = Service,
        TargetMac = MacAddress.Broadcast,
        TargetIp = Service,
    };
}
