using System.CommandLine;

namespace FerroLB.Benchmarks;

/// <summary>One sub-command per benchmark; each prints its figures and returns 1 if a goal is missed.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        var root = new RootCommand("FerroLB's benchmarks");
        root.Subcommands.Add(AllocationBenchmark.Command());
        root.Subcommands.Add(NeighborBenchmark.Command("arp"));
        root.Subcommands.Add(NeighborBenchmark.Command("ndp"));
        root.Subcommands.Add(RibBenchmark.Command());
        root.Subcommands.Add(BgpTableBenchmark.Command());
        root.Subcommands.Add(BgpStartBenchmark.Command());
        root.Subcommands.Add(BgpChangeBenchmark.Command());
        root.Subcommands.Add(BgpRestartBenchmark.Command());
        root.Subcommands.Add(StartBenchmark.Command());
        root.Subcommands.Add(MemoryBenchmark.Command());
        root.Subcommands.Add(AssignBenchmark.Command());
        root.Subcommands.Add(IdleBenchmark.Command());
        root.Subcommands.Add(TakeoverBenchmark.Command());
        foreach (var command in BfdBenchmark.Commands())
            root.Subcommands.Add(command);
        return root.Parse(args).Invoke();
    }
}
