using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

public sealed class LanSegmentTests
{
    private readonly VirtualWorld _world = new(3);
    private readonly LanSegment _segment;
    private readonly Host[] _hosts;

    public LanSegmentTests()
    {
        _segment = new(_world, "lan");
        _hosts = [.. Enumerable.Range(0, 3).Select(i => new Host(_segment, i))];
    }

    [Fact]
    public void A_group_frame_reaches_everybody_but_its_sender()
    {
        Send(0, MacAddress.Broadcast);
        Assert.Equal([0, 1, 1], Received());
    }

    [Fact]
    public void A_unicast_frame_reaches_its_owner_alone()
    {
        Send(0, _hosts[2].Port.Mac);
        Assert.Equal([0, 0, 1], Received());
    }

    [Fact]
    public void A_frame_to_an_unknown_address_floods()
    {
        Send(0, new MacAddress(0x02_00_00_00_00_99));
        Assert.Equal([0, 1, 1], Received());
    }

    [Fact]
    public void A_multicast_frame_reaches_the_members_of_its_group_alone_and_all_nodes_everybody()
    {
        var group = new MacAddress(0x33_33_FF_00_00_07);
        _hosts[2].Port.Groups.Add(group);
        Send(0, group);
        Assert.Equal([0, 0, 1], Received());
        Send(0, new MacAddress(0x33_33_00_00_00_01));
        Assert.Equal([0, 1, 2], Received());
    }

    [Fact]
    public void A_split_segment_is_two_until_it_is_whole_again()
    {
        _segment.Split([_hosts[0].Port, _hosts[1].Port]);
        Send(0, MacAddress.Broadcast);
        Send(2, MacAddress.Broadcast);
        Assert.Equal([0, 1, 0], Received());
        _segment.Split([]);
        Send(2, MacAddress.Broadcast);
        Assert.Equal([1, 2, 0], Received());
    }

    [Fact]
    public void A_port_without_carrier_neither_sends_nor_receives()
    {
        _hosts[1].Port.HasCarrier = false;
        Send(0, MacAddress.Broadcast);
        Send(1, MacAddress.Broadcast);
        Assert.Equal([0, 0, 1], Received());
    }

    [Fact]
    public void A_frame_under_way_is_lost_when_the_cable_is_pulled()
    {
        _segment.Send(_hosts[0].Port, Frame(MacAddress.Broadcast));
        _hosts[1].Port.HasCarrier = false;
        _world.RunUntil(Instant.FromSeconds(1));
        Assert.Equal([0, 0, 1], Received());
    }

    [Fact]
    public void A_block_cuts_one_direction_only()
    {
        _segment.SetBlocked(_hosts[0].Port, _hosts[1].Port, true);
        Send(0, MacAddress.Broadcast);
        Send(1, MacAddress.Broadcast);
        Assert.Equal([1, 0, 2], Received());
        _segment.Heal();
        Send(0, MacAddress.Broadcast);
        Assert.Equal([1, 1, 3], Received());
    }

    [Fact]
    public void Loss_and_duplication_happen_about_as_often_as_told()
    {
        _segment.Faults = new LanFaults { LossChance = 0.25, DuplicateChance = 0.5 };
        for (var i = 0; i < 4_000; i++)
            Send(0, _hosts[1].Port.Mac);
        Assert.InRange(Received()[1], 4_000 * 0.75 * 1.5 * 0.9, 4_000 * 0.75 * 1.5 * 1.1);
    }

    [Fact]
    public void Frames_may_overtake_one_another_within_the_delay()
    {
        _segment.Faults = new LanFaults { MostDelay = TimeSpan.FromMilliseconds(100) };
        for (byte i = 0; i < 50; i++)
            _segment.Send(_hosts[0].Port, Frame(_hosts[1].Port.Mac, i));
        _world.RunUntil(Instant.FromSeconds(1));
        var order = _hosts[1].Frames.Select(frame => frame[14]).ToList();
        Assert.Equal(50, order.Count);
        Assert.NotEqual(order.Order(), order);
    }

    [Fact]
    public void A_frame_too_short_for_its_header_is_a_violation()
    {
        _segment.Send(_hosts[0].Port, new byte[13]);
        Assert.Equal("wire", _world.Violation!.Checker);
    }

    private void Send(int from, MacAddress to)
    {
        _segment.Send(_hosts[from].Port, Frame(to));
        _world.RunUntil(_world.Now + TimeSpan.FromSeconds(1));
    }

    private int[] Received() => [.. _hosts.Select(host => host.Frames.Count)];

    private static byte[] Frame(MacAddress to, byte content = 0)
    {
        var frame = new byte[20];
        to.Write(frame);
        frame[14] = content;
        return frame;
    }

    private sealed class Host : IFrameReceiver
    {
        public Host(LanSegment segment, int number) => Port = segment.Connect($"h{number}", new(0x020000000000UL + (ulong)number), this);

        public LanPort Port { get; }

        public List<byte[]> Frames { get; } = [];

        public void Receive(LanPort port, byte[] frame) => Frames.Add(frame);
    }
}
