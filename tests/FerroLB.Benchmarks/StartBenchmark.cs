using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Linq;

namespace FerroLB.Benchmarks;

/// <summary>P9: from the start of a speaker's process to its first ARP reply for a Service that has its address already.</summary>
internal static class StartBenchmark
{
    private const int RunCount = 9;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var command = new Command("start", "P9: speaker process start to first ARP reply");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        using var scene = new SpeakerLan();
        var speakers = scene.StartSpeakers();
        var owner = scene.Owner();
        var figures = new Figures("speaker start, five Services, three nodes");
        var current = speakers[Array.IndexOf(SpeakerLan.Nodes, owner)];
        var times = new List<double>();
        for (var run = 0; run < RunCount; run++)
        {
            SpeakerLan.Kill(current);
            times.Add(scene.WithLoad(load =>
            {
                var clock = Stopwatch.StartNew();
                current = scene.Cluster.StartSpeaker(owner);
                return load.WaitForReply(scene.Target, Limit) ? clock.Elapsed.TotalSeconds : double.PositiveInfinity;
            }));
        }
        var median = Figures.Median(times);
        figures.Judge("P9: exec to first ARP reply, median / worst", $"{median:F2} / {times.Max():F2} s", "<= 1 s", median <= 1);
        return figures.ExitCode;
    }
}
