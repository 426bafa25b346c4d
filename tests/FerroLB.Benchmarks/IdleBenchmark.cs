using System;
using System.CommandLine;
using System.Globalization;
using System.Linq;

namespace FerroLB.Benchmarks;

/// <summary>
/// P15: what an idle cluster asks of its API server. A controller and three speakers have read everything and have nothing to do; the
/// server's own log tells every request that ended in the time observed. What is not a watch must be a Lease's renewal.
/// </summary>
internal static class IdleBenchmark
{
    private const int SpeakerCount = 3;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var seconds = new Option<int>("--seconds")
        {
            Description = "How long to observe; watches last five to ten minutes",
            DefaultValueFactory = _ => 300,
        };
        var command = new Command("idle", "P15: requests per second of an idle cluster") { seconds };
        command.SetAction(result => Run(result.GetValue(seconds)));
        return command;
    }

    private static int Run(int seconds)
    {
        using var scene = new ControllerScene("--log-level", "debug");
        scene.CreateServices(0, 100);
        var processes = Enumerable.Range(1, SpeakerCount).Select(i => scene.StartSpeaker($"node-{i}"))
            .Prepend(scene.StartController()).ToList();
        ControllerScene.Wait(Settle);
        var before = scene.RequestLog().Count;
        var cpu = processes.Select(ProcessUse.CpuSeconds).ToList();
        ControllerScene.Wait(TimeSpan.FromSeconds(seconds));
        var requests = scene.RequestLog().Skip(before).ToList();
        var figures = new Figures($"an idle controller and {SpeakerCount} idle speakers, 100 Services, {seconds} s");
        foreach (var program in new[] { "ferrolb-controller", "ferrolb-speaker" })
        {
            var count = program == "ferrolb-controller" ? 1 : SpeakerCount;
            var own = requests.Where(request => request.UserAgent.StartsWith(program, StringComparison.Ordinal)).ToList();
            var watches = own.Count(request => request.IsWatch);
            var renewals = own.Count(request => request.IsLease);
            Figures.Show($"{program}: watches renewed per second and process", Rate(watches, count, seconds));
            Figures.Show($"{program}: requests about Leases per second and process", Rate(renewals, count, seconds));
            var rest = own.Count - watches - renewals;
            figures.Judge($"P15: {program}: other requests per second and process", Rate(rest, count, seconds), "none", rest == 0);
        }
        var used = processes.Select((process, i) => (ProcessUse.CpuSeconds(process) - cpu[i]) * 1000 / seconds).ToList();
        Figures.Show("processor time of the controller / of a speaker, ms per second", $"{used[0]:F1} / {used.Skip(1).Average():F1}");
        return figures.ExitCode;
    }

    private static string Rate(int requests, int processes, int seconds) =>
        ((double)requests / processes / seconds).ToString("F4", CultureInfo.InvariantCulture);
}
