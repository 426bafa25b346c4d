using System;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>Words for the result of a run.</summary>
internal static class SimReport
{
    /// <summary>
    /// Prints a line, or on failure everything that helps; true when all is well. The second hash is null when there was one process.
    /// </summary>
    public static bool Print(SimResult result, TimeSpan elapsed, string? secondHash, SimOptions options)
    {
        var hash = result.TraceHash.ToString("x16");
        var rate = result.Events / Math.Max(elapsed.TotalSeconds, 1e-6);
        var isSame = secondHash is null || secondHash == hash;
        var outcome = result.Violation is not null ? "VIOLATION" : isSame ? "ok" : "NOT REPEATABLE";
        Console.WriteLine(
            $"seed {result.Seed}: {outcome}, trace {hash}{(secondHash is null ? "" : isSame ? " twice" : $" and {secondHash}")}, " +
            $"{result.Rounds} rounds, {result.Steps} single steps, " +
            $"{result.Assignments} addresses given ({result.LateGifts} late), {result.LeaderChanges} leaders, " +
            $"{result.OwnersCompared} owners and {result.RoutesCompared} routes compared, " +
            $"right again after at most {result.SlowestConvergence.TotalSeconds:F0} s, " +
            $"{result.Events} events at {rate:F0} per second, faults: {result.Faults}");
        if (result.Violation is { } violation)
        {
            foreach (var line in result.Tail)
                Console.WriteLine("  " + line);
            Console.WriteLine($"  {violation}");
        }
        if (result.Violation is null && isSame)
            return true;
        var nodes = options.Nodes is { } count ? $" --nodes {count}" : "";
        var controllers = options.Controllers is { } replicas ? $" --controllers {replicas}" : "";
        var routers = options.Routers is { } peers ? $" --routers {peers}" : "";
        var faults = options.Faults is { } kinds ? $" --faults {kinds.ToString().Replace(" ", "", StringComparison.Ordinal)}" : "";
        Console.WriteLine(
            $"  again: lab sim --seed {result.Seed} --minutes {options.Minutes}{nodes}{controllers}{routers}{faults} --trace trace.txt");
        return false;
    }
}
