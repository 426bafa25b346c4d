using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>The connections of the lab, which speakers and model routers hold their sessions on.</summary>
public sealed class TcpNetworkTests
{
    private const int Port = 179;
    private const int Window = 4_096;

    private static readonly IpAddress Speaker = IpAddress.Parse("172.16.1.1");
    private static readonly IpAddress Router = IpAddress.Parse("172.16.2.1");

    private readonly VirtualWorld _world = new(7);
    private readonly LanSegment _segment;
    private readonly TcpNetwork _network;
    private readonly LanPort _routerPort;
    private readonly Party _speaker = new();
    private readonly Party _router = new();

    public TcpNetworkTests()
    {
        _segment = new(_world, "lan");
        _network = new(_world, _segment);
        _network.Add(_segment.Connect("speaker", new MacAddress(1), new Nobody()), Speaker);
        _routerPort = _segment.Connect("router", new MacAddress(2), new Nobody());
        _network.Add(_routerPort, Router);
        _network.Listen(Router, Port, Window, _router);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    public void Octets_arrive_in_order_and_whole_and_the_end_after_them(double loss)
    {
        _segment.Faults = new() { LossChance = loss };
        var end = Connect();
        var octets = Octets(20_000);
        _network.Write(end, octets);
        _network.Close(end);
        Pass(seconds: 600);
        Assert.Equal(octets, _router.Heard);
        Assert.Equal([TcpEnding.Closed], _router.Endings);
        Assert.Empty(_speaker.Endings);
    }

    [Fact]
    public void A_write_to_one_who_does_not_read_is_finished_when_that_one_reads_again()
    {
        var end = Connect();
        _network.SetReading(_router.Ends[0], false);
        _network.Write(end, Octets(20_000));
        Pass(seconds: 300);
        Assert.Equal(0, _speaker.Writes);
        Assert.Empty(_router.Heard);

        _network.SetReading(_router.Ends[0], true);
        Pass(seconds: 10);
        Assert.Equal(1, _speaker.Writes);
        Assert.Equal(20_000, _router.Heard.Count);
    }

    [Fact]
    public void While_everything_vanishes_both_sides_believe_in_the_connection()
    {
        var end = Connect();
        _network.SetSilent(Router, Speaker, true);
        _network.Write(end, Octets(10));
        Pass(seconds: 20);
        Assert.Empty(_router.Heard);
        Assert.Empty(_speaker.Endings.Concat(_router.Endings));

        _network.SetSilent(Speaker, Router, false);
        Pass(seconds: 40);
        Assert.Equal(Octets(10), _router.Heard);
    }

    [Fact]
    public void Who_never_answers_any_more_is_given_up()
    {
        var end = Connect();
        _network.SetSilent(Router, Speaker, true);
        _network.Write(end, Octets(10));
        Pass(seconds: 600);
        Assert.Equal([TcpEnding.TimedOut], _speaker.Endings);
    }

    [Fact]
    public void Who_lost_its_power_says_nothing_and_knows_nothing_when_it_is_back()
    {
        var end = Connect();
        _network.Kill(Router, losesPower: true);
        _routerPort.HasCarrier = false;
        _network.Write(end, Octets(10));
        Pass(seconds: 5);
        Assert.Empty(_speaker.Endings);

        _routerPort.HasCarrier = true;
        Pass(seconds: 60);
        Assert.Equal([TcpEnding.Reset], _speaker.Endings);
    }

    [Fact]
    public void A_process_that_dies_ends_its_connections_and_refuses_others()
    {
        Connect();
        _network.Kill(Router, losesPower: false);
        Pass(seconds: 1);
        Assert.Single(_speaker.Endings);

        _network.Open(Speaker, Router, Port, _speaker);
        Pass(seconds: 1);
        Assert.Equal(TcpEnding.Refused, _speaker.Endings[1]);
    }

    [Fact]
    public void Nobody_listens_on_another_port()
    {
        _network.Open(Speaker, Router, Port + 1, _speaker);
        Pass(seconds: 1);
        Assert.Equal([TcpEnding.Refused], _speaker.Endings);
    }

    [Fact]
    public void A_close_may_come_after_the_next_connection_is_there()
    {
        var wasLate = false;
        _network.MostCloseDelay = TimeSpan.FromSeconds(5);
        for (var i = 0; i < 20 && !wasLate; i++)
        {
            var (ends, endings) = (_router.Ends.Count, _router.Endings.Count);
            _network.Close(Connect());
            _network.Open(Speaker, Router, Port, _speaker);
            Pass(seconds: 0.5);
            wasLate = _router.Ends.Count == ends + 2 && _router.Endings.Count == endings;
            Pass(seconds: 10);
        }
        Assert.True(wasLate);
    }

    private static byte[] Octets(int count) => [.. Enumerable.Range(0, count).Select(i => (byte)(i % 251))];

    private TcpEnd Connect()
    {
        var before = _speaker.Ends.Count;
        var end = _network.Open(Speaker, Router, Port, _speaker);
        for (var i = 0; i < 100 && _speaker.Ends.Count == before; i++)
            Pass(seconds: 0.1);
        Assert.Equal(end, _speaker.Ends[^1]);
        return end;
    }

    private void Pass(double seconds) => _world.RunUntil(_world.Now + TimeSpan.FromSeconds(seconds));

    private sealed class Party : ITcpProcess
    {
        public List<TcpEnd> Ends { get; } = [];

        public List<byte> Heard { get; } = [];

        public List<TcpEnding> Endings { get; } = [];

        public int Writes { get; private set; }

        public void Accepted(TcpEnd end) => Ends.Add(end);

        public void Opened(TcpEnd end) => Ends.Add(end);

        public void Received(TcpEnd end, byte[] octets) => Heard.AddRange(octets);

        public void Written(TcpEnd end) => Writes++;

        public void Ended(TcpEnd end, TcpEnding how) => Endings.Add(how);
    }

    private sealed class Nobody : IFrameReceiver
    {
        public void Receive(LanPort port, byte[] frame)
        {
        }
    }
}
