using System;
using System.Diagnostics;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>Words for the result of a large cluster.</summary>
internal static class ScaleReport
{
    public static void Print(ScaleOptions options, ScaleResult result, TimeSpan elapsed)
    {
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(
            $"seed {options.Seed}: {options.Services} Services, {options.Nodes} nodes, {result.Time.TotalMinutes:F0} simulated minutes, " +
            $"faults: {options.Faults}, heartbeats every {options.HeartbeatInterval.TotalMilliseconds:F0} ms: " +
            $"{process.TotalProcessorTime.TotalSeconds:F0} s of processor time ({elapsed.TotalSeconds:F0} s on the wall), " +
            $"at most {process.PeakWorkingSet64 / 1e9:F1} GB; {result.Events} events, trace {result.TraceHash:x16}");
        Console.WriteLine(
            $"  all served {result.Start?.TotalSeconds:F0} s after the start; {result.Rounds} rounds of faults, " +
            $"{result.Acts} acts of users, " +
            $"{result.OwnersCompared} owners compared, right again after at most {result.SlowestConvergence.TotalSeconds:F0} s" +
            (result.Violation is null ? "" : $"; VIOLATION {result.Violation}"));
    }
}
