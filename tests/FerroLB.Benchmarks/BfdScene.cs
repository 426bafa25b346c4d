using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;

namespace FerroLB.Benchmarks;

/// <summary>
/// The scene of the BFD benchmarks: a router with FRR's bfdd and many addresses, with each of which the speaker and BIRD have a session.
/// BGP on the router is a sink. Everybody has the same intervals. One session is a single-hop one; many are held as sessions across hops,
/// because FRR has one single-hop session with a host at most.
/// </summary>
internal sealed class BfdScene : IDisposable
{
    /// <summary>The address of BIRD.</summary>
    public const string BirdAddress = "10.98.0.4";

    private const int FirstOfRouter = 1;

    private readonly BgpScene _scene;
    private readonly BgpSink _sink;
    private readonly FrrRouter _frr;
    private readonly BirdRouter _bird;
    private readonly int _count;

    /// <summary>Starts everything; <see cref="UntilUp"/> waits for it.</summary>
    /// <param name="count">Sessions of the speaker, and as many of BIRD, at most 250.</param>
    /// <param name="milliseconds">The intervals.</param>
    /// <param name="flags">Further flags of the speaker.</param>
    public BfdScene(int count, int milliseconds, params string[] flags)
    {
        _count = count;
        _scene = new("frr", "bird");
        for (var i = 0; i < count; i++)
            _scene.Lan.Ip("frr", $"addr add {RouterAddress(i)}/16 dev eth0");
        _sink = new(_scene.Lan, "frr");
        _sink.Listen();
        _frr = new(_scene.Lan, "frr", FrrConfiguration(count, milliseconds), "bfdd");
        _bird = new(_scene.Lan, "bird", BirdConfiguration(count, milliseconds));
        _scene.Apply("BFDProfile", "fast", new { receiveInterval = milliseconds, transmitInterval = milliseconds, detectMultiplier = 3 });
        for (var i = 0; i < count; i++)
        {
            _scene.AddPeer(string.Create(CultureInfo.InvariantCulture, $"peer-{i}"), new
            {
                myASN = BgpScene.NodeAsn, peerASN = BgpSink.Asn, peerAddress = RouterAddress(i), bfdProfile = "fast",
                ebgpMultiHop = count > 1,
            });
        }
        Speaker = _scene.StartSpeaker(flags);
    }

    /// <summary>The LAN.</summary>
    public TestLan Lan => _scene.Lan;

    /// <summary>The speaker's process.</summary>
    public Process Speaker { get; }

    /// <summary>The process of bfdd.</summary>
    public Process Frr => _frr.Daemon("bfdd");

    /// <summary>The process of BIRD.</summary>
    public Process Bird => _bird.Process;

    /// <summary>How many connections the speaker's BGP has opened so far.</summary>
    public int BgpConnections => _sink.Accepted;

    /// <summary>The address of the router that a session is with.</summary>
    public static string RouterAddress(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"10.98.1.{FirstOfRouter + number}");

    /// <summary>Waits until every session is up, those of BFD as the router sees them.</summary>
    public void UntilUp()
    {
        Lan.Until(
            "every BFD session is up", () => _frr.Show("show bfd peers json").EnumerateArray()
                .Count(peer => peer.GetProperty("status").GetString() == "up") == 2 * _count, 180);
        _sink.WaitForSessions(_count, TimeSpan.FromMinutes(2));
    }

    /// <summary>How many sessions went down so far, as the router counts those with one host.</summary>
    public int Downs(string host) => _frr.Show("show bfd peers counters json").EnumerateArray()
        .Where(peer => peer.GetProperty("peer").GetString() == host).Sum(peer => peer.GetProperty("session-down").GetInt32());

    /// <summary>How many sessions the speaker itself saw going down so far.</summary>
    public int DownsSeenBySpeaker =>
        LogLines("BFD session changed its state").Count(line => line.Contains("\"from\":\"Up\"", StringComparison.Ordinal));

    /// <summary>The lines with a message that the speaker wrote so far.</summary>
    public IEnumerable<string> LogLines(string message) =>
        Lan.LogOf("speaker-node-1").Split('\n').Where(line => line.Contains($"\"{message}\"", StringComparison.Ordinal));

    /// <inheritdoc/>
    public void Dispose()
    {
        _sink.Dispose();
        _frr.Dispose();
        _bird.Dispose();
        _scene.Dispose();
    }

    private static string FrrConfiguration(int count, int milliseconds)
    {
        var text = new StringBuilder("bfd\n");
        for (var i = 0; i < count; i++)
        {
            foreach (var host in (string[])[BgpScene.NodeAddress, BirdAddress])
            {
                text.Append(CultureInfo.InvariantCulture, $"""
                     peer {host} {(count > 1 ? "multihop" : "interface eth0")} local-address {RouterAddress(i)}
                      {(count > 1 ? "minimum-ttl 1" : "")}
                      detect-multiplier 3
                      receive-interval {milliseconds}
                      transmit-interval {milliseconds}
                      no shutdown
                     exit

                    """);
            }
        }
        return text.Append("exit\n").ToString();
    }

    private static string BirdConfiguration(int count, int milliseconds) => $$"""
        router id {{BirdAddress}};
        protocol device { }
        protocol bfd {
          interface "eth0" { interval {{milliseconds}} ms; multiplier 3; };
          multihop { interval {{milliseconds}} ms; multiplier 3; };
        {{string.Join('\n', Enumerable.Range(0, count).Select(i => BirdNeighbor(RouterAddress(i), count > 1)))}}
        }
        """;

    private static string BirdNeighbor(string address, bool isMultiHop) => isMultiHop
        ? $"  neighbor {address} local {BirdAddress} multihop on;"
        : $"  neighbor {address} dev \"eth0\" local {BirdAddress};";
}
