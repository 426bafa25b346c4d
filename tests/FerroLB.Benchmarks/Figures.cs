using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace FerroLB.Benchmarks;

/// <summary>Prints a small table of figures against their goals, with the size of the machine.</summary>
internal sealed class Figures
{
    private bool _allMet = true;

    /// <summary>Prints the machine's size and the heading.</summary>
    public Figures(string title)
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30;
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        Console.WriteLine($"{title}; machine: {Environment.ProcessorCount} cores, {memory} GB, load {load}");
    }

    /// <summary>0 when every goal was met.</summary>
    public int ExitCode => _allMet ? 0 : 1;

    /// <summary>Prints a figure without a goal.</summary>
    public static void Show(string what, string figure) => Console.WriteLine($"  {what,-74} {figure}");

    /// <summary>Prints a figure and whether it meets its goal.</summary>
    public void Judge(string what, string figure, string goal, bool isMet)
    {
        Console.WriteLine($"  {what,-74} {figure,-22} goal {goal}: {(isMet ? "met" : "MISSED")}");
        _allMet &= isMet;
    }

    /// <summary>The middle of some figures.</summary>
    public static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
