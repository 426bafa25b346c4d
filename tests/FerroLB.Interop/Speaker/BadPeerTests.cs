using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using FerroLB.Interop.Bgp;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>Routers that do everything wrong, and one that does not: the speaker serves the one and outlives the others.</summary>
public sealed class BadPeerTests : IDisposable
{
    private const string Namespace = "metallb-system";
    private const int Fuzzers = 6;
    private const int ManyRoutes = 1_000_000;
    private const double MostGrowthMegabytes = 48;
    private static readonly TimeSpan Trouble = TimeSpan.FromSeconds(20);

    private readonly TestLan _lan = new("node-1", "router", "bad");
    private readonly TestCluster _cluster;
    private readonly SortedDictionary<string, BadPeer> _bad = new(StringComparer.Ordinal);
    private readonly byte[][] _samples =
    [
        .. Directory.EnumerateFiles(Tool.InRepository("tests/FerroLB.Tests/Vectors/bgp"), "*.hex", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(ReadSample),
    ];
    private int _routesSaid;

    public BadPeerTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose()
    {
        foreach (var (_, peer) in _bad)
            peer.Dispose();
        _lan.Dispose();
    }

    [Fact]
    public void Peers_that_do_everything_wrong_cost_no_memory_and_touch_no_other_session_and_it_is_said_what_is_wrong_with_them()
    {
        using var frr = new FrrBgp(_lan, new() { HoldSeconds = 9 });
        _cluster.StartApiServer();
        _cluster.Prepare();
        _cluster.AddNode("node-1");
        _cluster.Apply(
            Configuration("v1beta1", "IPAddressPool", "pool", new { addresses = new[] { "10.77.0.0/24" } }),
            Configuration("v1beta1", "BGPAdvertisement", "all", new { }),
            Peer("good", "10.98.0.3"));
        _cluster.AddServices("web");
        _cluster.StartController();
        var speaker = _cluster.StartSpeaker("node-1");
        _lan.Until("FRR knows the route", () => Routes(frr) == 1);
        var before = Megabytes(speaker);

        Misbehave();
        _cluster.Apply([.. _bad.Select(item => Peer(item.Key, item.Value.Address))]);
        _lan.Until("a million routes were said", () => Volatile.Read(ref _routesSaid) >= ManyRoutes);
        using (var pause = new ManualResetEventSlim())
            pause.Wait(Trouble, TestContext.Current.CancellationToken);

        _cluster.AddServices("other");
        _lan.Until("FRR knows one more", () => Routes(frr) == 2);
        Assert.False(speaker.HasExited);
        Assert.Equal(1, frr.Neighbor.GetProperty("connectionsEstablished").GetInt32());
        var growth = Megabytes(speaker) - before;
        Assert.True(growth < MostGrowthMegabytes, $"the speaker has grown by {growth:F1} MB");

        // Reset after 1, 2, 4 and 8 s: a slow machine makes it fewer attempts, nothing makes it more.
        foreach (var name in (string[])["garbage", "hold-time", "wrong-as", "version"])
            Assert.InRange(_bad[name].Connections.Length, 2, Attempts(_bad[name].Connections));
        Assert.Single(_bad["million"].Connections);
        UntilSaid("wrong-as", "the peer is in AS 65099, and AS 65002 is configured");
        UntilSaid("version", "the peer speaks version 3 of BGP");
        UntilSaid("hold-time", "the peer offers a hold time of 1 s");
        UntilSaid("garbage", "Message Header Error");
        UntilSaid("hang-up", "before it sent an OPEN");
        Assert.Equal("Established", Session("good", "state"));
    }

    private void Misbehave()
    {
        for (var i = 0; i < Fuzzers; i++)
            Add(string.Create(CultureInfo.InvariantCulture, $"fuzz-{i}"), Fuzz);
        Add("garbage", peer => peer.Repeat(TimeSpan.FromMilliseconds(20), () => peer.Send(Noise(peer.Random, 200))));
        Add("wrong-as", peer =>
        {
            peer.SayOpen(asn: 65099);
            peer.Stay();
        });
        Add("version", peer =>
        {
            peer.SayOpen(version: 3);
            peer.Stay();
        });
        Add("hold-time", peer =>
        {
            peer.SayOpen(holdSeconds: 1);
            peer.Stay();
        });
        Add("hang-up", _ => { });
        Add("deaf", peer =>
        {
            peer.Establish();
            peer.RepeatDeaf(TimeSpan.FromMilliseconds(10), () =>
            {
                for (var i = 0; i < 50; i++)
                    peer.AskForRoutes();
                peer.SayKeepAlive();
            });
        });
        Add("million", peer =>
        {
            peer.Establish();
            for (var said = 0; said < ManyRoutes;)
            {
                said = peer.SayRoutes(said);
                Volatile.Write(ref _routesSaid, said);
                peer.Drain(TimeSpan.Zero);
            }
            peer.Stay();
        });
    }

    /// <summary>Damaged messages in a state that is drawn; what is not damaged enough is taken, and the next one follows.</summary>
    private void Fuzz(BadPeerConnection peer)
    {
        var state = peer.Random.Next(4);
        if (state > 0)
            peer.SayOpen();
        if (state > 1)
            peer.SayKeepAlive();
        peer.Repeat(TimeSpan.FromMilliseconds(2), () => peer.Send(Damaged(peer.Random)));
    }

    private byte[] Damaged(SeededRandom random)
    {
        var sample = _samples[random.Next(_samples.Length)].ToArray();
        // The header is seldom wrong, as everything after that is in vain.
        var first = random.Chance(0.03) ? 0 : BgpFramer.HeaderBytes;
        for (var changes = random.Next(4); changes > 0 && sample.Length > first; changes--)
            sample[first + random.Next(sample.Length - first)] = (byte)random.Next(256);
        return sample;
    }

    private static byte[] Noise(SeededRandom random, int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(256))];

    private static byte[] ReadSample(string file)
    {
        var digits = string.Concat(File.ReadLines(file).Where(line => !line.StartsWith('#')));
        return Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));
    }

    private void Add(string name, Action<BadPeerConnection> manner) => _bad.Add(
        name, new(_lan, "bad", AddressOf(_bad.Count), _bad.Count, manner));

    private static int Attempts(double[] connections)
    {
        var seconds = connections[^1] - connections[0];
        return 1 + (int)Math.Floor(Math.Log2(seconds + 2));
    }

    private void UntilSaid(string peer, string words) => _lan.Until(
        $"of {peer} it is said: {words}, not: {Session(peer, "lastError")}",
        () => Session(peer, "lastError").Contains(words, StringComparison.Ordinal));

    private string Session(string peer, string field) => _cluster.Kubectl(
        "get", "speakerstate", "node-1", "-n", Namespace, "-o", $"jsonpath={{.status.sessions[?(@.peer==\"{peer}\")].{field}}}");

    private static string AddressOf(int number) => string.Create(CultureInfo.InvariantCulture, $"10.98.9.{1 + number}");

    private static int Routes(FrrBgp frr) => frr.Routes().Split('\n').Count(line => line.Contains("*> 10.77.0.", StringComparison.Ordinal));

    private static double Megabytes(Process process)
    {
        var line = File.ReadLines($"/proc/{process.Id}/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
        return double.Parse(line.Split(':')[1].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) / 1000;
    }

    private static object Peer(string name, string address) => Configuration(
        "v1beta2", "BGPPeer", name, new { myASN = 65001, peerASN = 65002, peerAddress = address });

    private static object Configuration(string version, string kind, string name, object spec) => new
    {
        apiVersion = $"metallb.io/{version}",
        kind,
        metadata = new { name, @namespace = Namespace },
        spec,
    };
}
