using System;
using System.CommandLine;
using System.Linq;
using System.Threading;

namespace FerroLB.Benchmarks;

/// <summary>P7: the resident memory of idle speakers, three nodes and five Services, after their probes and metrics were read
/// once.</summary>
internal static class MemoryBenchmark
{
    private const double GoalMegabytes = 60;
    private const string Plain = "node-3";
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var command = new Command("memory", "P7: resident memory of an idle speaker");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        using var scene = new SpeakerLan();
        var speakers = scene.StartSpeakers(node => node == Plain ? ["--metrics-plain-http"] : []);
        foreach (var node in SpeakerLan.Nodes)
        {
            scene.Lan.Try(node, "curl", "-sS", "http://127.0.0.1:17472/healthz");
            var url = node == Plain ? "http://127.0.0.1:9120/metrics" : "https://127.0.0.1:9120/metrics";
            scene.Lan.Try(node, "curl", "-sSk", "-H", $"Authorization: Bearer {scene.Cluster.Token}", url);
        }
        using var nothing = new ManualResetEventSlim();
        nothing.Wait(Idle);
        var figures = new Figures("idle speakers, five Services, three nodes");
        var resident = speakers.Select(p => ProcessUse.Megabytes(p, "VmRSS")).Max();
        var anonymous = speakers.Select(p => ProcessUse.Megabytes(p, "RssAnon")).Max();
        figures.Judge("P7: resident memory, largest of three", $"{resident:F1} MB", $"<= {GoalMegabytes} MB", resident <= GoalMegabytes);
        Figures.Show("  of which anonymous", $"{anonymous:F1} MB");
        var plain = ProcessUse.Megabytes(speakers[Array.IndexOf(SpeakerLan.Nodes, Plain)], "VmRSS");
        Figures.Show("  the one with --metrics-plain-http", $"{plain:F1} MB");
        return figures.ExitCode;
    }
}
