using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.World;

/// <summary>
/// Runs one machine as production's loop does: feeds an input, drains the outputs, comes back at the deadline. A paused box keeps its
/// inputs and works them off when it goes on; one that is starved gets to run only now and then, as on a busy processor; a stopped one is
/// gone with all its state.
/// </summary>
public sealed class MachineBox<TInput, TOutput> : IEventTarget
{
    private const int MostOutputsPerStep = 100_000;
    private const int MostIdleWakeUps = 1_000;

    private readonly VirtualWorld _world;
    private readonly NodeClock _clock;
    private readonly IMachine<TInput, TOutput> _machine;
    private readonly IMachineShell<TInput, TOutput> _shell;
    private const int RunLate = 1;

    private readonly Queue<TInput> _inbox = new();
    private readonly SeededRandom _random;
    private Instant _armedFor = Instant.MaxValue;
    private Instant _lastWakeUp;
    private int _wakeUpsAtOneInstant;
    private bool _isToRunLate;

    /// <summary>Puts a machine to work.</summary>
    public MachineBox(
        VirtualWorld world, string name, NodeClock clock, IMachine<TInput, TOutput> machine, IMachineShell<TInput, TOutput> shell)
    {
        (_world, Name, _clock, _machine, _shell) = (world, name, clock, machine, shell);
        _random = world.Random.Fork($"box/{name}/{world.EventCount}");
        Arm();
    }

    /// <summary>The name in the trace.</summary>
    public string Name { get; }

    /// <summary>Whether the process was killed.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Whether the process stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Inputs that wait for the box to go on.</summary>
    public int WaitingInputs => _inbox.Count;

    /// <summary>How long the processor lets the box wait at most before it runs for an input or a deadline; zero for not at all.</summary>
    public TimeSpan MostLateness { get; set; }

    /// <summary>Gives the machine an input now, or keeps it until the box may run.</summary>
    public void Feed(in TInput input)
    {
        if (IsStopped || _world.Violation is not null)
            return;
        if (!IsPaused && MostLateness == TimeSpan.Zero && _inbox.Count == 0)
        {
            Step(input);
            return;
        }
        _inbox.Enqueue(input);
        AskToRun();
    }

    /// <summary>Kills the process: nothing of it is left.</summary>
    public void Stop()
    {
        IsStopped = true;
        _inbox.Clear();
    }

    /// <summary>Lets the process stand still: no input, no deadline.</summary>
    public void Pause() => IsPaused = true;

    /// <summary>Lets it go on with what arrived in between.</summary>
    public void Resume()
    {
        IsPaused = false;
        Run();
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        if (code == RunLate)
        {
            _isToRunLate = false;
            if (!IsPaused)
                Run();
            return;
        }
        if (IsStopped || _world.Now < _armedFor)
            return;
        _armedFor = Instant.MaxValue;
        if (IsPaused)
            return;
        if (MostLateness == TimeSpan.Zero)
            Wake();
        else
            AskToRun();
    }

    private void AskToRun()
    {
        if (_isToRunLate || IsPaused)
            return;
        _isToRunLate = true;
        _world.After(_random.Between(TimeSpan.Zero, MostLateness), this, RunLate);
    }

    private void Run()
    {
        while (!IsPaused && !IsStopped && _inbox.TryDequeue(out var input))
            Step(input);
        Wake();
    }

    private void Step(in TInput input)
    {
        var hash = new TraceHash(1);
        _shell.TraceInput(input, ref hash);
        _world.Trace.Record(_world.Now, Name, hash);
        try
        {
            _machine.Handle(input, _clock.Now);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _world.Report("machine", $"{Name} threw on an input: {exception}");
            return;
        }
        Drain();
        Arm();
    }

    private void Wake()
    {
        if (IsStopped || _world.Violation is not null)
            return;
        if (_machine.NextDeadline is { } due && due <= _clock.Now)
        {
            _wakeUpsAtOneInstant = _lastWakeUp == _world.Now ? _wakeUpsAtOneInstant + 1 : 0;
            _lastWakeUp = _world.Now;
            if (_wakeUpsAtOneInstant > MostIdleWakeUps)
            {
                _world.Report("machine", $"{Name} asks to be woken at {due} again and again");
                return;
            }
            try
            {
                _machine.Advance(_clock.Now);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                _world.Report("machine", $"{Name} threw at a deadline: {exception}");
                return;
            }
            Drain();
        }
        Arm();
    }

    private void Drain()
    {
        for (var count = 0; _machine.TryTake(out var output); count++)
        {
            if (count >= MostOutputsPerStep)
            {
                _world.Report("machine", $"{Name} has more than {MostOutputsPerStep} outputs for one step");
                return;
            }
            var hash = new TraceHash(2);
            _shell.TraceOutput(output, ref hash);
            _world.Trace.Record(_world.Now, Name, hash);
            _shell.Execute(output);
        }
    }

    // A deadline that moved later leaves its earlier event behind, which then finds nothing due: cheaper than searching the queue.
    private void Arm()
    {
        if (IsStopped || IsPaused || _machine.NextDeadline is not { } due)
            return;
        var at = _clock.ToWorld(due);
        if (at < _world.Now)
            at = _world.Now;
        if (at >= _armedFor)
            return;
        _armedFor = at;
        _world.At(at, this);
    }
}
