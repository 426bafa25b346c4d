using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Benchmarks;

/// <summary>
/// P1, P2: how long an address is dark when the node that announces it loses power (cable cut and SIGKILL), or its speaker is ended by
/// SIGTERM, as a client sees it that asks every 10 ms. And a soak: nobody may take over from a living node although both cores are busy and
/// a tenth of all frames between the nodes is dropped.
/// </summary>
internal static class TakeoverBenchmark
{
    private const int Burners = 4;

    private static readonly string[] FalseAlarms =
    [
        "the heartbeats of a speaker stopped", "this node took the Service over from a silent one", "a speaker failed",
        "this process stood still so long that others may have taken its addresses; it answers for none until that is known",
        "this node announces the Service by layer 2", "a speaker is suspected to have failed",
    ];

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var runs = new Option<int>("--runs") { Description = "How often", DefaultValueFactory = _ => 20 };
        var term = new Option<bool>("--term") { Description = "P2: SIGTERM instead of power loss" };
        var interval = new Option<string>("--interval") { Description = "The interval of heartbeats", DefaultValueFactory = _ => "100ms" };
        var soak = new Option<int>("--soak") { Description = "Minutes to watch for false take-overs instead" };
        var verbose = new Option<bool>("--verbose") { Description = "Show the ends of the speakers' logs after each run" };
        var command = new Command("takeover", "P1, P2: outage when the announcing node dies or ends")
            { runs, term, interval, soak, verbose };
        command.SetAction(result =>
        {
            string[] flags = ["--heartbeat-interval", result.GetValue(interval)!];
            return result.GetValue(soak) is > 0 and var minutes
                ? Soak(minutes, flags)
                : Run(result.GetValue(runs), result.GetValue(term), result.GetValue(verbose), flags);
        });
        return command;
    }

    private static void Show(TakeoverScene scene)
    {
        foreach (var node in TakeoverScene.Nodes)
        {
            foreach (var line in scene.Lan.LogOf($"speaker-{node}").Split('\n').TakeLast(25))
                Console.WriteLine($"    {node} {line}");
        }
    }

    private static int Run(int runs, bool isTerm, bool verbose, string[] flags)
    {
        using var scene = new TakeoverScene(flags);
        var figures = new Figures($"take-over, three nodes, heartbeats every {flags[1]}, {(isTerm ? "SIGTERM" : "cable cut and SIGKILL")}");
        var random = new SeededRandom((ulong)Stopwatch.GetTimestamp());
        var gaps = new List<double>();
        var losses = new List<double>();
        using var probe = scene.Probe();
        for (var run = 0; run < runs; run++)
        {
            var owner = scene.WaitForOneOwner();
            scene.Lan.Until("the client is served without a loss", () => probe.AnsweredOfLast(200) >= 190);
            Wait(random.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.2)));
            var start = probe.Now;
            if (isTerm)
                scene.Terminate(owner);
            else
                scene.LosePower(owner);
            Wait(TimeSpan.FromSeconds(1));
            scene.Lan.Until("the client is served again", () => probe.AnsweredOfLast(50) >= 48);
            var (gap, lost) = probe.GapSince(start - 100);
            gaps.Add(gap);
            losses.Add(lost);
            Console.WriteLine($"  run {run + 1}: longest gap {gap:F0} ms, {lost} of the client's questions lost");
            if (verbose)
                Show(scene);
            scene.Return(owner);
        }
        var (median, worst) = (Figures.Median(gaps), gaps.Max());
        var figure = $"{gaps.Min():F0} / {median:F0} / {worst:F0} ms";
        if (isTerm)
        {
            figures.Judge("P2: longest gap, least / median / worst (MetalLB 0.16: 152 ms)", figure, "<= 30 ms", median <= 30);
            Figures.Show("questions lost, median / worst", $"{Figures.Median(losses):F0} / {losses.Max():F0}");
        }
        else
        {
            figures.Judge(
                "P1: longest gap, least / median / worst (MetalLB 0.16: 6.05 / 6.76 / 6.98 s)", figure,
                flags[1] == "10ms" ? "<= 50 ms" : "<= 350, worst <= 500 ms",
                flags[1] == "10ms" ? median <= 50 : median <= 350 && worst <= 500);
        }
        return figures.ExitCode;
    }

    private static int Soak(int minutes, string[] flags)
    {
        using var scene = new TakeoverScene(flags);
        var figures = new Figures(
            $"{minutes} minutes, {Burners} busy loops, a tenth of the frames between nodes dropped, heartbeats every {flags[1]}");
        scene.Lan.Try(
            "lan", "nft", "add table bridge loss; add chain bridge loss forward { type filter hook forward priority 0; }; " +
                "add rule bridge loss forward numgen random mod 10 < 1 counter drop");
        var burners = Enumerable.Range(0, Burners).Select(_ => Process.Start("/bin/sh", ["-c", "while :; do :; done"])!).ToList();
        try
        {
            var before = FalseAlarms.Select(message => Count(scene, message)).ToArray();
            for (var minute = 1; minute <= minutes; minute++)
            {
                Wait(TimeSpan.FromMinutes(1));
                var counted = FalseAlarms.Select((line, i) => Count(scene, line) - before[i]);
                Console.WriteLine($"  minute {minute}: {string.Join(' ', counted)}");
            }
            var counts = FalseAlarms.Select((message, i) => Count(scene, message) - before[i]).ToList();
            for (var i = 0; i < counts.Count; i++)
                Figures.Show(FalseAlarms[i][..Math.Min(68, FalseAlarms[i].Length)], $"{counts[i]}");
            Figures.Show("frames dropped", Dropped(scene));
            figures.Judge("false take-overs", $"{counts[1]}", "0", counts[1] == 0 && counts[2] == 0);
            if (figures.ExitCode != 0)
                Show(scene);
            return figures.ExitCode;
        }
        finally
        {
            foreach (var burner in burners)
            {
                burner.Kill();
                burner.Dispose();
            }
        }
    }

    private static string Dropped(TakeoverScene scene) => scene.Lan.Try("lan", "nft", "list chain bridge loss forward").Output
        .Split('\n').FirstOrDefault(line => line.Contains("counter", StringComparison.Ordinal), "none: nft failed").Trim();

    private static int Count(TakeoverScene scene, string message) => TakeoverScene.Nodes.Sum(node => scene.CountLines(node, message));

    private static void Wait(TimeSpan span)
    {
        using var pause = new ManualResetEventSlim();
        pause.Wait(span);
    }
}
