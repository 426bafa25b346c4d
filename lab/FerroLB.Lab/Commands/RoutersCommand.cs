using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>`lab routers`: a cluster whose speakers hold sessions with many routers that fail and misbehave.</summary>
internal static class RoutersCommand
{
    private static readonly Option<int> Peers = new("--peers")
    {
        Description = "Number of routers, each of them a peer of every node.",
        DefaultValueFactory = _ => 50,
        HelpName = "N",
    };

    private static readonly Option<int> Nodes = new("--nodes")
    {
        Description = "Number of nodes.",
        DefaultValueFactory = _ => 3,
        HelpName = "N",
    };

    private static readonly Option<double> Hours = new("--hours")
    {
        Description = "Simulated hours.",
        DefaultValueFactory = _ => 24,
        HelpName = "H",
    };

    private static readonly Option<ulong> Seed = RunOptions.Seed();

    private static readonly Option<FileInfo?> TraceFile = RunOptions.TraceFile();

    public static Command Create()
    {
        var command = new Command("routers", "Runs speakers against routers that fail and misbehave, and checks what the routers know.")
            { Peers, Nodes, Hours, Seed, TraceFile };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var options = new RoutersOptions
        {
            Seed = arguments.GetValue(Seed),
            Peers = Math.Clamp(arguments.GetValue(Peers), 1, 250),
            Nodes = Math.Clamp(arguments.GetValue(Nodes), 1, 250),
            Duration = TimeSpan.FromHours(Math.Clamp(arguments.GetValue(Hours), 0.01, 10_000)),
        };
        using var trace = arguments.GetValue(TraceFile) is { } file ? new StreamWriter(file.FullName) : null;
        var watch = Stopwatch.StartNew();
        var result = new RoutersRun(options, ProductMachines.Factory, trace is null ? null : trace.WriteLine).Run();
        Print(options, result, watch.Elapsed);
        var failed = result.Violation is null ? 0 : 1;
        Console.WriteLine($"{1 - failed} passed, {failed} failed, 0 skipped");
        return failed;
    }

    private static void Print(RoutersOptions options, RoutersResult result, TimeSpan elapsed)
    {
        Console.WriteLine(
            $"{options.Peers} routers, {options.Nodes} nodes, {options.Duration.TotalHours:F1} h: {result.Rounds} rounds of faults, " +
            $"{result.Established} sessions established of {result.Attempts} attempts, {result.Ended} ended, {result.Updates} UPDATEs; " +
            $"{result.AnsweredFaults} wrong messages answered rightly; " +
            $"in {result.WatchedRounds} rounds {result.SessionsWatched} sessions of routers left alone were watched; " +
            $"{result.RoutesCompared} routes compared, " +
            $"spread over {result.WidestSpread} nodes at most, right again after at most {result.SlowestConvergence.TotalSeconds:F0} s; " +
            $"{result.Events} events in {elapsed.TotalSeconds:F0} s, trace {result.TraceHash:x16}");
        Console.WriteLine($"faults of routers: {string.Join(", ", result.Faults.Select(fault => $"{fault.Value} {fault.Key}"))}");
        if (result.Violation is not { } violation)
            return;
        foreach (var line in result.Tail)
            Console.WriteLine("  " + line);
        Console.WriteLine($"  {violation}");
    }
}
