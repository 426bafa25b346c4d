using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using FerroLB.Interop.Lan;

namespace FerroLB.Benchmarks;

/// <summary>
/// P12: BFD of the speaker beside that of FRR and of BIRD, in the same run. `bfd` counts sessions that go down although nothing is wrong,
/// while four busy loops keep both cores and the whole heap of the speaker is collected every second; `bfd-detect` stops the other side of
/// one session and measures, on the wire, from the last packet that was heard to the one that says Down.
/// </summary>
internal static class BfdBenchmark
{
    private const int Burners = 4;
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    /// <summary>The sub-commands.</summary>
    public static IEnumerable<Command> Commands()
    {
        var sessions = new Option<int>("--sessions") { Description = "How many", DefaultValueFactory = _ => 50 };
        var interval = new Option<int>("--interval") { Description = "Milliseconds between packets", DefaultValueFactory = _ => 50 };
        var minutes = new Option<int>("--minutes") { Description = "How long", DefaultValueFactory = _ => 10 };
        var idle = new Option<bool>("--idle") { Description = "No busy loops and no collections" };
        var stable = new Command("bfd", "P12: BFD sessions that go down for nothing, under load") { sessions, interval, minutes, idle };
        stable.SetAction(result => Stay(
            result.GetValue(sessions), result.GetValue(interval), result.GetValue(minutes), result.GetValue(idle)));
        var runs = new Option<int>("--runs") { Description = "How often", DefaultValueFactory = _ => 40 };
        var fast = new Option<int>("--interval") { Description = "Milliseconds between packets", DefaultValueFactory = _ => 10 };
        var detect = new Command("bfd-detect", "P12: how soon a silent peer is noticed") { runs, fast };
        detect.SetAction(result => Detect(result.GetValue(runs), result.GetValue(fast)));
        return [stable, detect];
    }

    private static int Stay(int sessions, int interval, int minutes, bool isIdle)
    {
        using var scene = new BfdScene(sessions, interval, isIdle ? [] : ["--debug-collect-every", "1s"]);
        scene.UntilUp();
        var load = isIdle ? "idle" : $"{Burners} busy loops, a full collection each second";
        var figures = new Figures($"{sessions} BFD sessions of {interval} ms x 3, {minutes} minutes, {load}");
        var burners = Enumerable.Range(0, isIdle ? 0 : Burners)
            .Select(_ => Process.Start("/bin/sh", ["-c", "while :; do :; done"])!).ToList();
        try
        {
            ControllerScene.Wait(TimeSpan.FromSeconds(2));
            var (ours, birds, seen) = (scene.Downs(BgpScene.NodeAddress), scene.Downs(BfdScene.BirdAddress), scene.DownsSeenBySpeaker);
            var connections = scene.BgpConnections;
            var processes = new[] { scene.Speaker, scene.Frr, scene.Bird };
            var used = processes.Select(ProcessUse.CpuSeconds).ToArray();
            for (var minute = 1; minute <= minutes; minute++)
            {
                ControllerScene.Wait(TimeSpan.FromMinutes(1));
                var (mine, theirs) = (scene.Downs(BgpScene.NodeAddress) - ours, scene.Downs(BfdScene.BirdAddress) - birds);
                Console.WriteLine($"  minute {minute}: speaker {mine}, BIRD {theirs}");
            }
            ours = scene.Downs(BgpScene.NodeAddress) - ours;
            var counted = Math.Max(ours, scene.DownsSeenBySpeaker - seen);
            figures.Judge("P12: sessions of the speaker with FRR that went down", $"{counted}", "0", counted == 0);
            Figures.Show("  sessions of BIRD with FRR that went down", $"{scene.Downs(BfdScene.BirdAddress) - birds}");
            figures.Judge(
                "  BGP connections begun anew", $"{scene.BgpConnections - connections}", "0", scene.BgpConnections == connections);
            var cores = processes.Select((process, i) => (ProcessUse.CpuSeconds(process) - used[i]) / (minutes * 60) * 100).ToArray();
            Figures.Show(
                "  processor time: speaker (collections included) / FRR, twice the sessions / BIRD",
                $"{cores[0]:F1} / {cores[1]:F1} / {cores[2]:F1} % of a core");
            foreach (var line in scene.LogLines("the heap was collected for a test").TakeLast(3))
                Figures.Show("  " + line, "");
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

    private static int Detect(int runs, int interval)
    {
        using var scene = new BfdScene(1, interval);
        scene.UntilUp();
        var figures = new Figures($"BFD detection, {interval} ms x 3, one session each, {runs} times");
        using var capture = new BfdCapture(scene.Lan, "p-frr");
        var router = BfdScene.RouterAddress(0);
        var silences = new List<(string Host, double From, double To)>();
        for (var run = 0; run < runs; run++)
        {
            foreach (var (process, host) in new[] { (scene.Frr, router), (scene.Bird, BfdScene.BirdAddress) })
            {
                ControllerScene.Wait(TimeSpan.FromMilliseconds(500 + run * 7 % interval));
                var from = Now();
                Signal(process, "STOP");
                ControllerScene.Wait(Silence);
                silences.Add((host, from, Now()));
                Signal(process, "CONT");
                scene.UntilUp();
            }
        }
        // One that goes on after it was stopped takes the others for silent, and a machine that is too busy makes everybody so.
        var found = capture.Detections().Where(item => silences.Any(silence =>
            silence.Host == item.Of && silence.From <= item.At && item.At <= silence.To)).ToList();
        var ours = found.Where(item => item.By == BgpScene.NodeAddress && item.Of == router).Select(item => item.Milliseconds).ToList();
        var goal = 4 * interval;
        var p99 = Percentile(ours, 99);
        figures.Judge($"P12: speaker, FRR is silent, n = {ours.Count}", Text(ours), $"p99 <= {goal} ms", ours.Count > 0 && p99 <= goal);
        Show("  BIRD, FRR is silent", found.Where(item => item.By == BfdScene.BirdAddress && item.Of == router));
        Show("  FRR, BIRD is silent", found.Where(item => item.By == router && item.Of == BfdScene.BirdAddress));
        return figures.ExitCode;
    }

    private static void Show(string what, IEnumerable<BfdDetection> found)
    {
        var times = found.Select(item => item.Milliseconds).ToList();
        Figures.Show($"{what}, n = {times.Count}", times.Count == 0 ? "never seen" : Text(times));
    }

    private static string Text(List<double> times) => times.Count == 0
        ? "never seen"
        : $"{times.Min():F1} / {Percentile(times, 50):F1} / {Percentile(times, 99):F1} / {times.Max():F1} ms (least / p50 / p99 / most)";

    private static double Percentile(List<double> times, int percent) =>
        times.Count == 0 ? double.NaN : times.Order().ElementAt(Math.Min(times.Count - 1, times.Count * percent / 100));

    private static double Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalMilliseconds;

    private static void Signal(Process process, string signal) =>
        Tool.Run("/bin/sh", "-c", string.Create(CultureInfo.InvariantCulture, $"kill -{signal} {process.Id}"));
}
