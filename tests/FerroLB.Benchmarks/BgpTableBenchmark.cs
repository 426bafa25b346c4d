using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Linq;

namespace FerroLB.Benchmarks;

/// <summary>
/// P10: a whole table to one sink. The real speaker, with 10,000 Services of one address and then of ten each, and GoBGP, FRR and BIRD,
/// each with the same addresses learned from a feed before, tell them to the same sink. The clock starts when the sink confirms the
/// session, before which nobody may send a route, and stops when it has read the UPDATE with the last address. Every figure is the median
/// of several sessions; those of the speaker do not count the first one, which comes with its start.
/// </summary>
internal static class BgpTableBenchmark
{
    private const int WantedServices = 10_000;
    private const int RunCount = 5;
    private const string SinkAddress = "10.98.0.3";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(30);
    private static readonly string[] Others = ["GoBGP", "FRR", "BIRD"];
    private static readonly (int Each, double Goal)[] Tables = [(1, 40), (10, 200)];

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var services = new Option<int>("--services") { Description = "How many Services", DefaultValueFactory = _ => WantedServices };
        var command = new Command("bgp-table", "P10: milliseconds from Established to a whole table, beside GoBGP, FRR and BIRD")
            { services };
        command.SetAction(result => Run(result.GetValue(services)));
        return command;
    }

    private static int Run(int services)
    {
        using var scene = new BgpScene("sink", "feed", "gobgp", "frr", "bird");
        using var sink = new BgpSink(scene.Lan, "sink");
        var figures = new Figures($"BGP tables, the speaker with {services:N0} Services and three daemons, medians of {RunCount} sessions");
        scene.CreateServices(0, services);
        scene.Assign(0, services);
        var (ours, alone) = Speaker(scene, sink, services);
        var others = Others.Select(kind => (Kind: kind, Figures: Daemon(scene, sink, kind, services))).ToList();
        for (var i = 0; i < Tables.Length; i++)
        {
            var (each, goal) = Tables[i];
            var mine = ours[i];
            figures.Judge(
                $"P10: {each * services:N0} prefixes, from Established to the last", $"{mine.Milliseconds:F1} ms", $"<= {goal} ms",
                mine.Milliseconds <= goal);
            foreach (var (kind, theirs) in others)
                Figures.Show(
                    $"  {kind}, and how many times as long it takes",
                    $"{theirs[i].Milliseconds:F1} ms, {theirs[i].Milliseconds / mine.Milliseconds:F1}");
            figures.Judge("  prefixes in the fullest UPDATE", $"{mine.MostPerUpdate:F0}", ">= 800", mine.MostPerUpdate >= 800);
            foreach (var (kind, theirs) in others)
                Figures.Show($"  {kind}", $"{theirs[i].MostPerUpdate:F0}");
            var goBgp = others.Single(other => other.Kind == "GoBGP").Figures[i].Megabytes;
            figures.Judge(
                "  resident memory at rest: the whole speaker / GoBGP", $"{mine.Megabytes:F1} / {goBgp:F1} MB", "<= half of it",
                mine.Megabytes <= goBgp / 2);
            foreach (var (kind, theirs) in others.Where(other => other.Kind != "GoBGP"))
                Figures.Show($"  {kind}", $"{theirs[i].Megabytes:F1} MB");
        }
        Figures.Show($"  the speaker with {services:N0} Services before it has a peer", $"{alone:F1} MB");
        return figures.ExitCode;
    }

    private static (List<TableFigures> Tables, double AloneMegabytes) Speaker(BgpScene scene, BgpSink sink, int services)
    {
        sink.Listen();
        var speaker = scene.StartSpeaker();
        ControllerScene.Wait(Rest);
        var alone = ProcessUse.Megabytes(speaker, "VmRSS");
        AddPeer(scene, isMultiHop: false);
        var session = sink.WaitForSession(Limit);
        var found = new List<TableFigures>();
        foreach (var (each, _) in Tables)
        {
            var count = each * services;
            if (each > 1)
                scene.Assign(0, services, each);
            if (session.WaitForKnown(count, Limit) is null)
                throw new TimeoutException($"the sink knows {session.Known} of {count}\n{scene.Lan.LogOf("speaker-node-1")}");
            var runs = new List<TableFigures>();
            for (var run = 0; run < RunCount; run++)
            {
                session = Renew(scene, sink);
                runs.Add(Measure(session, count));
            }
            found.Add(AtRest(runs, speaker));
        }
        SpeakerLan.Kill(speaker);
        sink.Crash();
        return (found, alone);
    }

    // A session that is lost again and again is held back longer and longer; one that is configured differently is begun anew at once.
    private static BgpSinkSession Renew(BgpScene scene, BgpSink sink)
    {
        var before = sink.Accepted;
        AddPeer(scene, isMultiHop: before % 2 != 0);
        scene.Lan.Until("the session is begun anew", () => sink.Accepted > before);
        return sink.WaitForSession(Limit);
    }

    private static void AddPeer(BgpScene scene, bool isMultiHop) => scene.AddPeer(
        "sink", new { myASN = BgpScene.NodeAsn, peerASN = BgpSink.Asn, peerAddress = SinkAddress, ebgpMultiHop = isMultiHop });

    private static List<TableFigures> Daemon(BgpScene scene, BgpSink sink, string kind, int services)
    {
        using var feed = new BgpSink(scene.Lan, "feed", BgpSink.Asn + 1);
        var host = kind.ToLowerInvariant();
        var address = $"10.98.0.{5 + Array.IndexOf(Others, kind)}";
        using var router = new TableRouter(kind, scene.Lan, host, address, SinkAddress, ("10.98.0.4", BgpSink.Asn + 1));
        var source = feed.Connect(address, Limit);
        var found = new List<TableFigures>();
        foreach (var (each, _) in Tables)
        {
            var count = each * services;
            feed.Announce(source, count, "10.98.0.4");
            router.UntilKnows(count);
            // Whoever has just learned a table has work left to do.
            ControllerScene.Wait(TimeSpan.FromSeconds(3));
            var runs = new List<TableFigures>();
            for (var run = 0; run < RunCount; run++)
            {
                using var session = sink.Connect(address, Limit);
                runs.Add(Measure(session, count));
            }
            found.Add(AtRest(runs, router.Process));
        }
        return found;
    }

    private static TableFigures Measure(BgpSinkSession session, int count)
    {
        if (session.WaitForKnown(count, Limit) is not { } completeAt)
            throw new TimeoutException($"the sink knows {session.Known} of {count}");
        var milliseconds = Stopwatch.GetElapsedTime(session.ConfirmedAt, completeAt).TotalMilliseconds;
        return new(milliseconds, session.MostPerUpdate, 0);
    }

    private static TableFigures AtRest(List<TableFigures> runs, Process process)
    {
        ControllerScene.Wait(Rest);
        return new(
            Figures.Median(runs.Select(run => run.Milliseconds)),
            Figures.Median(runs.Select(run => run.MostPerUpdate)),
            ProcessUse.Megabytes(process, "VmRSS"));
    }

    private sealed record TableFigures(double Milliseconds, double MostPerUpdate, double Megabytes);
}
