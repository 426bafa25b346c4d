using System;
using FerroLB.Lab.Scenarios;

namespace FerroLB.Lab.Commands;

/// <summary>What all runs of a command showed together.</summary>
internal sealed class SimSummary
{
    private int _passed;
    private long _events;
    private long _assignments;
    private long _owners;
    private long _routes;
    private int _rounds;
    private int _steps;
    private TimeSpan _slowest;
    private TimeSpan _elapsed;
    private TimeSpan _longestRun;

    /// <summary>Runs with a violation, or that did not repeat themselves.</summary>
    public int Failed { get; private set; }

    public void Add(SimResult result, bool isRight, TimeSpan elapsed)
    {
        _passed += isRight ? 1 : 0;
        Failed += isRight ? 0 : 1;
        _events += result.Events;
        _assignments += result.Assignments;
        _owners += result.OwnersCompared;
        _routes += result.RoutesCompared;
        _rounds += result.Rounds;
        _steps += result.Steps;
        _slowest = result.SlowestConvergence > _slowest ? result.SlowestConvergence : _slowest;
        _longestRun = elapsed > _longestRun ? elapsed : _longestRun;
        _elapsed += elapsed;
    }

    public void Print()
    {
        var runs = _passed + Failed;
        Console.WriteLine(
            $"{runs} runs: {Failed} violations; {_rounds} rounds of faults, {_steps} single steps, {_assignments} addresses given, " +
            $"{_owners} owners and {_routes} routes compared, right again after at most {_slowest.TotalSeconds:F0} s; {_events} events, " +
            $"{_elapsed.TotalSeconds:F0} s in all, {_elapsed.TotalSeconds / Math.Max(1, runs):F2} s per run, " +
            $"{_longestRun.TotalSeconds:F1} s the longest");
        Console.WriteLine($"{_passed} passed, {Failed} failed, 0 skipped");
    }
}
