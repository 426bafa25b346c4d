using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Benchmarks;

/// <summary>
/// P16: a peer crashes, its port is closed for a while and opens again: until the session is established. The speaker is as it comes; the
/// daemons have the shortest times between attempts that they can be told. Each stays connected for some time before, as what repeats at
/// once is held back by everybody.
/// </summary>
internal static class BgpRestartBenchmark
{
    private const int RunCount = 5;
    private const string SinkAddress = "10.98.0.3";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Connected = TimeSpan.FromSeconds(8);

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var command = new Command("bgp-restart", "P16: from the opening of a peer's port to Established, beside FRR, BIRD and GoBGP");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        using var scene = new BgpScene("sink", "frr", "bird", "gobgp");
        var figures = new Figures($"a peer restarts, its port closed for 2.5 to 3.5 s, {RunCount} times");
        // A hold time of 3 s, so that the pause before the next crash is a time of stability.
        scene.AddPeer("sink", new
        {
            myASN = BgpScene.NodeAsn, peerASN = BgpSink.Asn, peerAddress = SinkAddress, holdTime = "3s", keepaliveTime = "1s",
        });
        var ours = Measure(scene.Lan, () => scene.StartSpeaker());
        var median = Figures.Median(ours);
        figures.Judge(
            "P16: speaker, least / median / worst", Text(ours), "<= 1 s", median <= 1);
        foreach (var kind in (string[])["FRR", "BIRD", "GoBGP"])
            Figures.Show($"  {kind}", Text(Measure(scene.Lan, () => Start(scene.Lan, kind))));
        return figures.ExitCode;
    }

    private static string Text(List<double> seconds) => $"{seconds.Min():F2} / {Figures.Median(seconds):F2} / {seconds.Max():F2} s";

    private static List<double> Measure(TestLan lan, Func<IDisposable> start)
    {
        using var sink = new BgpSink(lan, "sink");
        sink.Listen();
        var owner = start();
        var random = new SeededRandom(16);
        var found = new List<double>();
        sink.WaitForSession(Limit);
        for (var run = 0; run < RunCount; run++)
        {
            // The signs of life of a sink come every ten seconds; this peer wants them more often.
            for (var until = Stopwatch.StartNew(); until.Elapsed < Connected; ControllerScene.Wait(TimeSpan.FromSeconds(0.5)))
                sink.KeepAlive();
            sink.Crash();
            ControllerScene.Wait(random.Between(TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(3.5)));
            var openedAt = sink.Listen();
            var session = sink.WaitForSession(Limit);
            found.Add(Stopwatch.GetElapsedTime(openedAt, session.EstablishedAt).TotalSeconds);
        }
        if (owner is Process process)
            SpeakerLan.Kill(process);
        else
            owner.Dispose();
        return found;
    }

    private static IDisposable Start(TestLan lan, string kind) => kind switch
    {
        "FRR" => new FrrRouter(lan, "frr", $"""
            router bgp 65003
             bgp router-id 10.98.0.4
             no bgp ebgp-requires-policy
             neighbor {SinkAddress} remote-as {BgpSink.Asn}
             neighbor {SinkAddress} timers 1 3
             neighbor {SinkAddress} timers connect 1
            exit
            """, "bgpd"),
        "BIRD" => new BirdRouter(lan, "bird", $$"""
            router id 10.98.0.5;
            protocol device { }
            protocol bgp sink {
              local 10.98.0.5 as 65003;
              neighbor {{SinkAddress}} as {{BgpSink.Asn}};
              hold time 3; connect delay time 1; connect retry time 1; error wait time 1, 1;
              ipv4 { import none; export all; };
            }
            """),
        _ => GoBgp(lan),
    };

    private static Process GoBgp(TestLan lan)
    {
        var file = Path.Combine(lan.Directory, "gobgp.conf");
        File.WriteAllText(file, $"""
            [global.config]
              as = 65003
              router-id = "10.98.0.6"
            [[neighbors]]
              [neighbors.config]
                neighbor-address = "{SinkAddress}"
                peer-as = {BgpSink.Asn}
              [neighbors.timers.config]
                connect-retry = 1
                hold-time = 3
                keepalive-interval = 1
                idle-hold-time-after-reset = 1
            """);
        return lan.Start("gobgp", "gobgp", "gobgpd", "-t", "toml", "-f", file, "--api-hosts", "127.0.0.1:50051", "--pprof-disable");
    }
}
