using FerroLB.Lab.World;

namespace FerroLB.Lab.Cluster;

/// <summary>The controller's pod: started, killed, started again with nothing but what the API tells.</summary>
public sealed class ControllerProcess(VirtualWorld world, ApiFront api, NodeClock clock, MachineFactory machines)
{
    private int _starts;

    /// <summary>The running process; null when it is down.</summary>
    public ControlBox? Box { get; private set; }

    /// <summary>Whether it stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Starts it unless it runs.</summary>
    public void Start()
    {
        if (Box is not null)
            return;
        world.Trace.Line(world.Now, "controller", "starts");
        var seed = world.Random.Fork($"controller/{_starts++}").NextUInt64();
        Box = new(world, api, "controller", clock, machines.Controller(seed));
    }

    /// <summary>Kills it.</summary>
    public void Crash()
    {
        if (Box is null)
            return;
        world.Trace.Line(world.Now, "controller", "is killed");
        Box.Stop();
        (Box, IsPaused) = (null, false);
    }

    /// <summary>Stops its processor.</summary>
    public void Pause()
    {
        IsPaused = Box is not null;
        Box?.Pause();
    }

    /// <summary>Lets it go on.</summary>
    public void Resume()
    {
        if (!IsPaused)
            return;
        IsPaused = false;
        Box?.Resume();
    }
}
