using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

public sealed class HostNetworkTests
{
    private static readonly IpAddress A = LabAddress.Node(1, 0);
    private static readonly IpAddress B = LabAddress.Node(2, 0);

    private readonly VirtualWorld _world = new(8);
    private readonly LanSegment _segment;
    private readonly HostNetwork _network;
    private readonly LanPort _portA;
    private readonly LanPort _portB;
    private readonly Process _a = new();
    private readonly Process _b = new();

    public HostNetworkTests()
    {
        _segment = new(_world, "lan");
        _network = new(_world, _segment);
        _portA = _segment.Connect("a", new MacAddress(0x02_00_00_00_00_01), new Deaf());
        _portB = _segment.Connect("b", new MacAddress(0x02_00_00_00_00_02), new Deaf());
        _network.Add(A, _portA);
        _network.Add(B, _portB);
        _network.Listen(A, _a);
        _network.Listen(B, _b);
    }

    [Fact]
    public void A_datagram_arrives_with_the_address_of_its_sender()
    {
        _network.Send(A, B, [1, 2, 3]);
        Pass(1);
        Assert.Equal([$"{A} 010203"], _b.Seen);
        Assert.Equal(3 + 28, _network.SentBytes(A));
    }

    [Fact]
    public void A_datagram_is_lost_one_way_and_comes_through_the_other()
    {
        _segment.SetBlocked(_portA, _portB, true);
        _network.Send(A, B, [1]);
        _network.Send(B, A, [2]);
        Pass(1);
        Assert.Empty(_b.Seen);
        Assert.Equal([$"{B} 02"], _a.Seen);
    }

    [Fact]
    public void A_stream_arrives_whole_and_in_order_over_a_bad_wire()
    {
        _segment.Faults = new() { LossChance = 0.3, DuplicateChance = 0.3, MostDelay = TimeSpan.FromMilliseconds(100) };
        byte[] octets = [.. Enumerable.Range(0, 200).Select(i => (byte)i)];
        _a.OnOpened = stream =>
        {
            _network.Write(stream, octets);
            _network.Close(stream);
        };
        _network.Open(A, B, -1);
        Pass(60);
        Assert.Equal("accepted", _b.Seen[0]);
        Assert.Equal("ended", _b.Seen[^1]);
        Assert.Equal(Convert.ToHexString(octets), string.Concat(_b.Seen[1..^1]));
        Assert.Equal(["opened"], _a.Seen);
    }

    [Fact]
    public void A_stream_to_a_host_without_the_process_is_refused()
    {
        _network.Kill(B, losesPower: false);
        _network.Open(A, B, -1);
        Pass(1);
        Assert.Equal(["connection reset by peer"], _a.Seen);
    }

    [Fact]
    public void A_stream_to_a_host_without_power_is_given_up_after_a_while()
    {
        _network.Kill(B, losesPower: true);
        _portB.HasCarrier = false;
        _network.Open(A, B, -1);
        Pass(10);
        Assert.Empty(_a.Seen);
        Pass(60);
        Assert.Equal(["connection timed out"], _a.Seen);
    }

    [Fact]
    public void The_death_of_a_process_ends_its_streams_and_the_loss_of_power_does_not()
    {
        _network.Open(A, B, -1);
        Pass(1);
        _network.Kill(B, losesPower: true);
        Pass(30);
        Assert.Equal(["opened"], _a.Seen);
        _network.Listen(B, _b);
        _network.Open(A, B, -2);
        Pass(1);
        _network.Kill(B, losesPower: false);
        Pass(1);
        Assert.Equal(3, _a.Seen.Count);
        Assert.Contains(_a.Seen[2], (string[])["ended", "connection reset by peer"]);
    }

    private void Pass(int seconds) => _world.RunUntil(_world.Now + TimeSpan.FromSeconds(seconds));

    private sealed class Deaf : IFrameReceiver
    {
        public void Receive(LanPort port, byte[] frame)
        {
        }
    }

    private sealed class Process : IHostProcess
    {
        public List<string> Seen { get; } = [];

        public Action<HostStream> OnOpened { get; set; } = _ => { };

        public void Receive(IpAddress from, byte[] octets) => Seen.Add($"{from} {Convert.ToHexString(octets)}");

        public void Accepted(HostStream stream) => Seen.Add("accepted");

        public void Opened(HostStream stream)
        {
            Seen.Add("opened");
            OnOpened(stream);
        }

        public void Receive(HostStream stream, byte[] octets) => Seen.Add(Convert.ToHexString(octets));

        public void Ended(HostStream stream, string? failure) => Seen.Add(failure ?? "ended");
    }
}
