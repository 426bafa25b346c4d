using System;
using System.CommandLine;
using System.Diagnostics;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>`lab members`: many speakers on a lossy wire, none of which dies; what they say and what they wrongly believe.</summary>
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
        Description = "Simulated minutes per run.",
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

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "Fixes the runs.",
        DefaultValueFactory = _ => 1UL,
        HelpName = "N",
    };

    public static Command Create()
    {
        var command = new Command("members", "Runs speakers without a cluster: traffic of membership, and false take-overs under loss.")
            { Nodes, Minutes, Loss, Interval, Seed };
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
            };
            var watch = Stopwatch.StartNew();
            failed += Print(options, new MembersRun(options, ProductMachines.Factory).Run(), watch.Elapsed) ? 0 : 1;
        }
        Console.WriteLine($"{runs.Length - failed} passed, {failed} failed, 0 skipped");
        return failed == 0 ? 0 : 1;
    }

    private static bool Print(MembersOptions options, MembersResult result, TimeSpan elapsed)
    {
        var days = options.Minutes / (24.0 * 60);
        Console.WriteLine(
            $"{options.Nodes} speakers, {options.LossChance:P0} loss, {options.Minutes} min: " +
            $"membership {result.GossipBytesPerSecond:F0} B/s sent per speaker (most {result.MostGossipBytesPerSecond:F0}), " +
            $"{result.Suspicions} suspicions, {result.WronglyLost} living lost ({result.WronglyLost / days:F1} per day); " +
            $"heartbeats {result.HeartbeatsPerSecond:F0} per second on the LAN, " +
            $"{result.WronglySilent} false take-overs ({result.WronglySilent / days:F1} per day); " +
            $"{(result.AllMet ? "all know all" : "NOT ALL KNOW ALL")}; {result.Events} events in {elapsed.TotalSeconds:F0} s, " +
            $"trace {result.TraceHash:x16}");
        return result.AllMet;
    }
}
