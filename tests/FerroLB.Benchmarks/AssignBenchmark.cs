using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace FerroLB.Benchmarks;

/// <summary>
/// P3, P4, P5: a backlog of pending Services, and a controller that is started. Its rate is shown beside what a plain client reaches that
/// patches the same number of Services with the same number of requests in flight, before and after, while two watches of Services are open
/// as in the controller's run. Who is the bottleneck is told by the processor seconds of each process.
/// </summary>
internal static class AssignBenchmark
{
    private const int BacklogCount = 4_000;
    private const int FinalCount = 5_000;
    private const int InFlight = 32;
    private const double GoalRate = 8 * 86;
    private const double GoalMilliseconds = 1;
    private const double GoalMegabytes = 90;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(100);

    /// <summary>The sub-command.</summary>
    public static Command Command()
    {
        var command = new Command("assign", "P3, P4, P5: a controller's assignments per second, processor time per Service, memory");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        using var scene = new ControllerScene();
        scene.CreateServices(0, BacklogCount, "benchmark.example/none");
        PatchRate(scene);
        var before = PatchRate(scene);
        scene.Load.DeleteAll(ControllerScene.ServicesUrl);
        scene.CreateServices(0, BacklogCount);
        var figures = new Figures($"a controller and {BacklogCount:N0} pending Services, {InFlight} writes in flight");
        var (controller, rate) = Assign(scene, figures);
        Grow(scene, controller, figures);
        controller.Kill();
        controller.WaitForExit();
        var after = PatchRate(scene);
        Figures.Show("plain client's patches of services/status, before / after, 1/s", $"{before:N0} / {after:N0}");
        Figures.Show("assignments against the plain client's patches, ratio", $"{rate / ((before + after) / 2):F2}");
        return figures.ExitCode;
    }

    private static (Process Controller, double Rate) Assign(ControllerScene scene, Figures figures)
    {
        using var assigned = new AssignedServices(scene.Load, BacklogCount);
        var serverCpu = ProcessUse.CpuSeconds(scene.ApiServer);
        var clock = Stopwatch.StartNew();
        var controller = scene.StartController();
        scene.Until("every Service has an address", () => assigned.IsComplete);
        var (seconds, fromFirst) = (clock.Elapsed.TotalSeconds, assigned.Duration.TotalSeconds);
        var controllerCpu = ProcessUse.CpuSeconds(controller);
        serverCpu = ProcessUse.CpuSeconds(scene.ApiServer) - serverCpu;
        var rate = BacklogCount / seconds;
        figures.Judge("P3: assignments per second, from the start of the process", $"{rate:N0}", $">= {GoalRate:N0}", rate >= GoalRate);
        Figures.Show("  from the first assignment to the last", $"{BacklogCount / fromFirst:N0}");
        figures.Judge(
            "  processor seconds of controller / of API server, in that time on the wall",
            $"{controllerCpu:F2} / {serverCpu:F2}, {seconds:F2} s", "the controller is not the bottleneck", controllerCpu <= serverCpu);
        Figures.Show("  changes of Services seen on a watch, per Service", $"{(double)assigned.LineCount / BacklogCount:F3}");
        scene.Until("every Event is written", () => EventCount(scene) >= BacklogCount);
        Figures.Show("  seconds until every Event is written as well", $"{clock.Elapsed.TotalSeconds:F2}");
        var perService = ProcessUse.CpuSeconds(controller) * 1000 / BacklogCount;
        figures.Judge(
            "P4: processor time per Service, start of the process and Events included",
            $"{perService:F2} ms", $"<= {GoalMilliseconds} ms", perService <= GoalMilliseconds);
        return (controller, rate);
    }

    /// <summary>Adds Services up to the number at which memory is judged, and lets everything come to rest.</summary>
    private static void Grow(ControllerScene scene, Process controller, Figures figures)
    {
        using (var assigned = new AssignedServices(scene.Load, FinalCount - BacklogCount))
        {
            scene.CreateServices(BacklogCount, FinalCount - BacklogCount);
            scene.Until("the further Services have addresses", () => assigned.IsComplete);
        }
        ControllerScene.Wait(Rest);
        var resident = ProcessUse.Megabytes(controller, "VmRSS");
        var isMet = resident <= GoalMegabytes;
        figures.Judge($"P5: resident memory at {FinalCount:N0} Services", $"{resident:F1} MB", $"<= {GoalMegabytes} MB", isMet);
        Figures.Show("  of which anonymous", $"{ProcessUse.Megabytes(controller, "RssAnon"):F1} MB");
        Figures.Show("  the most it ever was", $"{ProcessUse.Megabytes(controller, "VmHWM"):F1} MB");
    }

    private static int EventCount(ControllerScene scene)
    {
        var list = scene.Load.Get("api/v1/namespaces/default/events?limit=1");
        var rest = list.GetProperty("metadata").TryGetProperty("remainingItemCount", out var remaining) ? remaining.GetInt32() : 0;
        return list.GetProperty("items").GetArrayLength() + rest;
    }

    /// <summary>Patches per second of a client that does nothing else, of the form that the controller's have.</summary>
    private static double PatchRate(ControllerScene scene)
    {
        using var stop = new CancellationTokenSource();
        const string Watch = ControllerScene.ServicesUrl + "?watch=true&resourceVersion=";
        var watches = Enumerable.Range(0, 2).Select(_ => scene.Load.WatchAsync(Watch, _ => { }, stop.Token)).ToArray();
        var stamp = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
        var requests = Enumerable.Range(0, BacklogCount).Select(i => (
            $"{ControllerScene.ServicesUrl}/{ControllerScene.NameOf(i)}/status?fieldManager=metallb-controller",
            $$$"""
            {"metadata":{"annotations":{"metallb.io/ip-allocated-from-pool":"pool"}},
            "status":{"loadBalancer":{"ingress":[{"ip":"10.128.{{{i / 250}}}.{{{i % 250}}}"}]},
            "conditions":[{"type":"ferrolb.io/Allocated","status":"True","lastTransitionTime":"2030-01-01T00:00:00Z",
            "reason":"Allocated","message":"{{{stamp}}} from pool pool"}]}}
            """)).ToList();
        var clock = Stopwatch.StartNew();
        scene.Load.SendAll(HttpMethod.Patch, "application/merge-patch+json", InFlight, requests);
        var rate = BacklogCount / clock.Elapsed.TotalSeconds;
        stop.Cancel();
        Task.WhenAll(watches).ContinueWith(_ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
        return rate;
    }

    /// <summary>Watches Services and notes when each got its address.</summary>
    private sealed class AssignedServices : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly HashSet<string> _names = [];
        private readonly int _expected;
        private readonly Task _watch;
        private long _firstAt;
        private long _lastAt;
        private volatile bool _isComplete;

        public AssignedServices(KubeLoad load, int expected)
        {
            _expected = expected;
            var list = load.Get($"{ControllerScene.ServicesUrl}?limit=1");
            var version = list.GetProperty("metadata").GetProperty("resourceVersion").GetString();
            _watch = load.WatchAsync($"{ControllerScene.ServicesUrl}?watch=true&resourceVersion={version}", Take, _stop.Token);
        }

        public bool IsComplete => _isComplete;

        public int LineCount { get; private set; }

        public TimeSpan Duration => Stopwatch.GetElapsedTime(_firstAt, _lastAt);

        public void Dispose()
        {
            _stop.Cancel();
            _watch.ContinueWith(_ => { }, TaskScheduler.Default).GetAwaiter().GetResult();
            _stop.Dispose();
        }

        private void Take(ReadOnlyMemory<byte> line)
        {
            if (line.Span.IndexOf("\"ingress\":["u8) < 0)
                return;
            LineCount++;
            using var document = JsonDocument.Parse(line);
            _names.Add(document.RootElement.GetProperty("object").GetProperty("metadata").GetProperty("name").GetString()!);
            _lastAt = Stopwatch.GetTimestamp();
            if (_firstAt == 0)
                _firstAt = _lastAt;
            _isComplete = _names.Count >= _expected;
        }
    }
}
