using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>`lab gaps`: planned moves, restarts and an API server that is away, with a client that asks all the time.</summary>
internal static class GapsCommand
{
    private static readonly Option<SeedRange?> Seeds = RunOptions.Seeds();

    private static readonly Option<int> Nodes = new("--nodes")
    {
        Description = "Number of nodes.",
        DefaultValueFactory = _ => 4,
        HelpName = "N",
    };

    private static readonly Option<int> Minutes = new("--minutes-away")
    {
        Description = "For how many simulated minutes the API server is away.",
        DefaultValueFactory = _ => 60,
        HelpName = "M",
    };

    private static readonly Option<FileInfo?> TraceFile = RunOptions.TraceFile();

    public static Command Create()
    {
        const string What = "Moves addresses, restarts processes, takes the API server away, and counts questions that nobody answers.";
        var command = new Command("gaps", What)
            { Seeds, Nodes, Minutes, TraceFile };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var (passed, failed) = (0, 0);
        using var trace = arguments.GetValue(TraceFile) is { } file ? new StreamWriter(file.FullName) : null;
        foreach (var seed in arguments.GetValue(Seeds)!.Value.Seeds())
        {
            var watch = Stopwatch.StartNew();
            var options = new GapsOptions
            {
                Seed = seed,
                Nodes = Math.Clamp(arguments.GetValue(Nodes), 3, 50),
                MinutesAway = Math.Max(1, arguments.GetValue(Minutes)),
            };
            var run = new GapsRun(options, ProductMachines.Factory, trace is null ? null : trace.WriteLine);
            var stories = run.Run();
            foreach (var story in stories)
                Console.WriteLine($"seed {seed}: {story}");
            Console.WriteLine($"seed {seed}: {run.Events} events in {watch.Elapsed.TotalSeconds:F0} s, trace {run.TraceHash:x16}");
            passed += stories.Count(story => story.IsRight);
            failed += stories.Count(story => !story.IsRight);
        }
        Console.WriteLine($"{passed} passed, {failed} failed, 0 skipped");
        return failed == 0 ? 0 : 1;
    }
}
