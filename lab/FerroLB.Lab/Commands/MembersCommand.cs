using System;
using System.CommandLine;
using System.Diagnostics;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>`lab members`: many speakers on a lossy wire; what they say, what they wrongly believe, and how soon they agree again after
/// a death, a standstill, a cut way and a LAN in halves.</summary>
internal static class MembersCommand
{
    private static readonly Option<int[]> Nodes = new("--nodes")
    {
        Description = "Numbers of speakers, one run each.",
        DefaultValueFactory = _ => [3, 50, 200],
        AllowMultipleArgumentsPerToken = true,
        HelpName = "N...",
    };

    private static readonly Option<int> Minutes = new("--minutes")
    {
        Description = "Simulated minutes per run in which nobody dies.",
        DefaultValueFactory = _ => 10,
        HelpName = "M",
    };

    private static readonly Option<double> Loss = new("--loss")
    {
        Description = "Deliveries that get lost, in percent.",
        DefaultValueFactory = _ => 5,
        HelpName = "P",
    };

    private static readonly Option<int> Interval = new("--heartbeat-ms")
    {
        Description = "Interval of the heartbeats in milliseconds; 0 for none, which makes large runs much quicker.",
        DefaultValueFactory = _ => 100,
        HelpName = "MS",
    };

    private static readonly Option<ulong> Seed = RunOptions.Seed();

    private static readonly Option<bool> Calm = new("--calm")
    {
        Description = "End when the minutes are over: nobody dies, nothing is cut.",
    };

    public static Command Create()
    {
        const string What = "Runs speakers without a cluster: traffic, false take-overs under loss, and how soon they agree again.";
        var command = new Command("members", What)
            { Nodes, Minutes, Loss, Interval, Seed, Calm };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var failed = 0;
        var runs = arguments.GetValue(Nodes)!;
        foreach (var nodes in runs)
        {
            var options = new MembersOptions
            {
                Seed = arguments.GetValue(Seed),
                Nodes = Math.Clamp(nodes, 2, 500),
                Minutes = Math.Max(1, arguments.GetValue(Minutes)),
                LossChance = Math.Clamp(arguments.GetValue(Loss) / 100, 0, 1),
                HeartbeatInterval = TimeSpan.FromMilliseconds(Math.Max(0, arguments.GetValue(Interval))),
                HasTroubles = !arguments.GetValue(Calm),
            };
            var watch = Stopwatch.StartNew();
            failed += Print(options, new MembersRun(options, ProductMachines.Factory).Run(), watch.Elapsed) ? 0 : 1;
        }
        Console.WriteLine($"{runs.Length - failed} passed, {failed} failed, 0 skipped");
        return failed == 0 ? 0 : 1;
    }

    private static bool Print(MembersOptions options, MembersResult result, TimeSpan elapsed)
    {
        var days = result.Seconds / (24.0 * 60 * 60);
        Console.WriteLine(
            $"{options.Nodes} speakers, {options.LossChance:P0} loss, {options.Minutes} min of peace: " +
            $"membership {result.MeetingBytes / 1000:F0} kB sent per speaker until all knew all, " +
            $"then {result.GossipBytesPerSecond:F0} B/s (most {result.MostGossipBytesPerSecond:F0}); " +
            $"heartbeats {result.HeartbeatsPerSecond:F0} per second on the LAN");
        Console.WriteLine(
            $"  in all {result.Seconds:F0} s: {result.Suspicions} suspicions, {result.WronglyLost} living lost " +
            $"({result.WronglyLost / days:F1} per day), " +
            $"{result.WronglySilent} false take-overs ({result.WronglySilent / days:F1} per day)");
        foreach (var figure in result.Figures)
            Console.WriteLine($"  {figure}");
        Console.WriteLine(
            $"  {(result.AllMet ? "all know all" : "NOT ALL KNOW ALL")}{(result.IsRight ? "" : ", NOT AS PROMISED")}; " +
            $"{result.Events} events in {elapsed.TotalSeconds:F0} s, trace {result.TraceHash:x16}");
        return result.IsRight;
    }
}
