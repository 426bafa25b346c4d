using System;
using FerroLB.Core.Nodes;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// A pod of the controller: started, killed, told to end, frozen, and started again with nothing but what the API tells.
/// </summary>
public sealed class ControllerProcess(
    VirtualWorld world, ApiFront api, NodeClock clock, MachineFactory machines, string name, ClusterPlan plan) : IEventTarget
{
    /// <summary>How long a process that was told to end may take: the manifests' grace period.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    private const int LookWhetherEnded = 1;
    private const int KillAnyway = 2;

    private int _starts;
    private bool _isEnding;
    private bool _isToStart;
    private bool _wasPausedWhileEnding;

    /// <summary>The pod's name.</summary>
    public string Name => name;

    /// <summary>Who the process is that runs, or ran last.</summary>
    public string Identity { get; private set; } = "";

    /// <summary>The clocks of its machine.</summary>
    public NodeClock Clock => clock;

    /// <summary>The running process; null when it is down.</summary>
    public ControlBox? Box { get; private set; }

    /// <summary>Whether it stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>When the running process was started.</summary>
    public Instant StartedAt { get; private set; }

    /// <summary>Starts it unless it runs; one that is ending is started when it has ended.</summary>
    public void Start()
    {
        _isToStart = _isEnding;
        if (Box is not null)
            return;
        world.Trace.Line(world.Now, name, "starts");
        StartedAt = world.Now;
        Identity = $"{name}/{++_starts}";
        var seed = world.Random.Fork(Identity).NextUInt64();
        Box = new(
            world, api, name, clock, machines.Controller(new(name, Identity, plan.Elects, seed, plan.LoadBalancerClass)), user: Identity);
        (_isEnding, _isToStart, _wasPausedWhileEnding) = (false, false, false);
    }

    /// <summary>Kills it: what it has sent may still arrive, nothing else is left of it.</summary>
    public void Crash()
    {
        if (Box is null)
            return;
        world.Trace.Line(world.Now, name, "is killed");
        Box.Stop();
        (Box, IsPaused) = (null, false);
        if (_isToStart)
            Start();
    }

    /// <summary>Tells it to end; one that has not ended after the grace period is killed, and that is a violation.</summary>
    public void Stop()
    {
        if (Box is null || IsPaused || _isEnding)
            return;
        world.Trace.Line(world.Now, name, "is told to end");
        _isEnding = true;
        Box.Receive(new NodeInput.ShutdownRequested());
        world.After(TimeSpan.Zero, this, LookWhetherEnded, Box);
        world.After(GracePeriod, this, KillAnyway, Box);
    }

    /// <summary>Stops its processor. What it was about to send may leave when it goes on.</summary>
    public void Pause()
    {
        if (Box is null)
            return;
        IsPaused = true;
        _wasPausedWhileEnding |= _isEnding;
        Box.Pause();
    }

    /// <summary>Lets it go on.</summary>
    public void Resume()
    {
        if (!IsPaused)
            return;
        IsPaused = false;
        Box?.Resume();
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        if (Box is null || Box != payload)
            return;
        if (Box.IsShutDown)
            Crash();
        else if (code == LookWhetherEnded)
            world.After(TimeSpan.FromMilliseconds(20), this, LookWhetherEnded, Box);
        else if (_wasPausedWhileEnding)
            Crash();
        else
            world.Report("R6", $"{name} was told to end and has not after {GracePeriod.TotalSeconds} s");
    }
}
