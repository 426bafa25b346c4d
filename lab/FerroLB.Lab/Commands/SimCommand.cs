using System;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.IO;
using System.Linq;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>`lab sim`: whole clusters under a virtual clock, one per seed.</summary>
internal static class SimCommand
{
    private static readonly Option<SeedRange?> Seed = RunOptions.Seeds();

    private static readonly Option<int> Minutes = new("--minutes")
    {
        Description = "Simulated minutes per seed.",
        DefaultValueFactory = _ => 10,
        HelpName = "M",
    };

    private static readonly Option<int?> Nodes = new("--nodes")
    {
        Description = "Number of nodes, at most 250. Without it each seed chooses.",
        HelpName = "N",
    };

    private static readonly Option<int?> Controllers = new("--controllers")
    {
        Description = "Replicas of the controller, at most 3. Without it each seed chooses.",
        HelpName = "N",
    };

    private static readonly Option<int?> Routers = new("--routers")
    {
        Description = "Number of routers, at most 50. Without it each seed chooses.",
        HelpName = "N",
    };

    private static readonly Option<FaultKinds?> Faults = new("--faults")
    {
        Description = "What may go wrong: None, All, or a list of Lan,Partition,Crash,Pause,ApiErrors,Watches,ApiAway,Clock,Starvation. " +
            "Without it each seed chooses.",
        CustomParser = ParseFaults,
        HelpName = "KINDS",
    };

    private static readonly Option<FileInfo?> TraceFile = RunOptions.TraceFile();

    private static readonly Option<bool> Twice = new("--twice")
    {
        Description = "Run each seed in a second process as well, and compare the hashes of the traces.",
    };

    private static readonly Option<int?> Services = new("--services")
    {
        Description = "Run one large cluster with so many plain Services, on --nodes nodes (200), with checkers for large clusters.",
        HelpName = "N",
    };

    private static readonly Option<int> Interval = new("--heartbeat-ms")
    {
        Description = "With --services: the interval of the heartbeats in milliseconds; 0 for none.",
        DefaultValueFactory = _ => 1000,
        HelpName = "MS",
    };

    private static readonly Option<bool> HashesOnly = new("--hashes-only") { Hidden = true };

    public static Command Create()
    {
        Minutes.Validators.Add(result => Require(result, 1, 100_000));
        Nodes.Validators.Add(result => Require(result, 0, 250));
        Services.Validators.Add(result => Require(result, 1, 100_000));
        Controllers.Validators.Add(result => Require(result, 1, 3));
        Routers.Validators.Add(result => Require(result, 0, 50));
        var command = new Command("sim", "Runs clusters under a virtual clock with users and faults, and checks what the product promises.")
            { Seed, Minutes, Nodes, Controllers, Routers, Faults, TraceFile, Twice, Services, Interval, HashesOnly };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var seeds = arguments.GetValue(Seed)!.Value;
        if (arguments.GetValue(Services) is { } services)
            return RunLarge(seeds, services, arguments);
        var options = new SimOptions
        {
            Seed = 0,
            Minutes = arguments.GetValue(Minutes),
            Nodes = arguments.GetValue(Nodes),
            Controllers = arguments.GetValue(Controllers),
            Routers = arguments.GetValue(Routers),
            Faults = arguments.GetValue(Faults),
        };
        if (arguments.GetValue(HashesOnly))
            return RunForHashes(seeds, options);
        using var trace = arguments.GetValue(TraceFile) is { } file ? new StreamWriter(file.FullName) : null;
        using var second = arguments.GetValue(Twice) ? SecondProcess.Start(seeds, options) : null;
        var summary = new SimSummary();
        foreach (var seed in seeds.Seeds())
        {
            var watch = Stopwatch.StartNew();
            var result = new SimRun(options with { Seed = seed }, ProductMachines.Factory, trace is null ? null : trace.WriteLine).Run();
            summary.Add(result, SimReport.Print(result, watch.Elapsed, second?.HashOf(seed), options), watch.Elapsed);
        }
        summary.Print();
        return summary.Failed == 0 ? 0 : 1;
    }

    private static int RunLarge(SeedRange seeds, int services, ParseResult arguments)
    {
        var failed = 0;
        foreach (var seed in seeds.Seeds())
        {
            var options = new ScaleOptions
            {
                Seed = seed,
                Services = services,
                Nodes = Math.Max(2, arguments.GetValue(Nodes) ?? 200),
                Minutes = arguments.GetValue(Minutes),
                Faults = arguments.GetValue(Faults) ?? FaultKinds.All,
                HeartbeatInterval = TimeSpan.FromMilliseconds(Math.Max(0, arguments.GetValue(Interval))),
            };
            var watch = Stopwatch.StartNew();
            var result = new ScaleRun(options, ProductMachines.Factory).Run();
            ScaleReport.Print(options, result, watch.Elapsed);
            failed += result.Violation is null ? 0 : 1;
        }
        Console.WriteLine($"{seeds.Seeds().Count() - failed} passed, {failed} failed, 0 skipped");
        return failed == 0 ? 0 : 1;
    }

    // The second process: it says nothing but what the first one compares.
    private static int RunForHashes(SeedRange seeds, SimOptions options)
    {
        foreach (var seed in seeds.Seeds())
        {
            var result = new SimRun(options with { Seed = seed }, ProductMachines.Factory).Run();
            Console.WriteLine($"{seed} {result.TraceHash:x16}");
        }
        return 0;
    }

    private static FaultKinds? ParseFaults(ArgumentResult result)
    {
        if (Enum.TryParse<FaultKinds>(result.Tokens[0].Value, ignoreCase: true, out var kinds) &&
            kinds is >= FaultKinds.None and <= FaultKinds.All)
            return kinds;
        result.AddError($"\"{result.Tokens[0].Value}\" is not a list of {string.Join(", ", Enum.GetNames<FaultKinds>())}.");
        return null;
    }

    private static void Require(OptionResult result, int least, int most)
    {
        var value = result.GetValueOrDefault<int?>();
        if (value < least || value > most)
            result.AddError($"{result.Option.Name} must be {least} to {most}.");
    }
}
