using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Network;
using FerroLB.Lab.Routers;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// A cluster in one process: an API server, controllers, nodes with a speaker each on one or two segments, and on every segment a prober
/// that asks who owns an address. The scenario breaks and mends it.
/// </summary>
public sealed class LabCluster
{
    private const int MostDriftPartsPerMillion = 200;

    /// <summary>Builds the cluster; nothing runs before <see cref="Start"/>.</summary>
    public LabCluster(VirtualWorld world, MachineFactory machines, ClusterPlan plan)
    {
        (World, Plan) = (world, plan);
        Api = new(world);
        Lifecycle = new(world, Api);
        Segments = [.. Enumerable.Range(0, plan.Segments).Select(i => new LanSegment(world, $"lan{i}"))];
        Hosts = new(world, Segments[0]);
        Tcp = plan.Routers.Count > 0 ? new(world, Segments[0]) : null;
        Nodes = [.. Enumerable.Range(1, plan.Nodes).Select(i =>
            new SpeakerProcess(world, Api, Clock($"node-{i}"), machines, i, Segments, Hosts, Tcp, plan))];
        Routers = [.. plan.Routers.Select(router => new ModelRouter(world, Segments[0], Tcp!, router))];
        foreach (var node in Nodes)
            node.Ended = () => HasEnded(node);
        Controllers = [.. Enumerable.Range(1, plan.Controllers).Select(i => new ControllerProcess(
            world, Api, Clock($"controller-{i}"), machines, $"controller-{i}", plan))];
        Probers = [.. Segments.Select((segment, i) => new Prober(world, segment, LabAddress.Prober(i)))];
    }

    /// <summary>The universe that it is in.</summary>
    public VirtualWorld World { get; }

    /// <summary>What it is made of.</summary>
    public ClusterPlan Plan { get; }

    /// <summary>The API server.</summary>
    public ApiFront Api { get; }

    /// <summary>The kubelets and the node controller.</summary>
    public NodeLifecycle Lifecycle { get; }

    /// <summary>The wires.</summary>
    public IReadOnlyList<LanSegment> Segments { get; }

    /// <summary>The nodes' sockets, on the first wire.</summary>
    public HostNetwork Hosts { get; }

    /// <summary>Connections of speakers and routers, on the first wire; null where there are no routers.</summary>
    public TcpNetwork? Tcp { get; }

    /// <summary>The routers, by number.</summary>
    public IReadOnlyList<ModelRouter> Routers { get; }

    /// <summary>The nodes, by number.</summary>
    public IReadOnlyList<SpeakerProcess> Nodes { get; }

    /// <summary>The controller's replicas.</summary>
    public IReadOnlyList<ControllerProcess> Controllers { get; }

    /// <summary>The control loops of every process that runs.</summary>
    public IEnumerable<ControlBox> Boxes =>
        Nodes.Select(node => node.Control).Concat(Controllers.Select(controller => controller.Box)).OfType<ControlBox>();

    /// <summary>One asker per segment.</summary>
    public IReadOnlyList<Prober> Probers { get; }

    /// <summary>Makes the Node objects and starts every process.</summary>
    public void Start()
    {
        foreach (var (node, i) in Nodes.Select((node, i) => (node, i)))
        {
            Lifecycle.Register(node.Name, i % 2 == 0 ? "a" : "b", node.Address);
            StartNode(node);
        }
        foreach (var controller in Controllers)
            controller.Start();
    }

    /// <summary>Starts a node's speaker.</summary>
    public void StartNode(SpeakerProcess node)
    {
        if (node is { Control: not null, IsEnding: false })
            return;
        node.Start();
        if (node.Control is not null && !node.IsEnding)
            Lifecycle.Started(node.Name);
    }

    /// <summary>Kills a node's speaker, or the whole node.</summary>
    public void CrashNode(SpeakerProcess node, bool losesPower = false)
    {
        node.Crash(losesPower);
        Lifecycle.Died(node.Name);
    }

    /// <summary>Ends every fault: wires are whole, the API is good, every process runs, but for a node that may stay dead.</summary>
    public void Heal(SpeakerProcess? dead = null)
    {
        World.Trace.Line(World.Now, "world", "heals");
        Api.ComeBack(restarted: false);
        foreach (var segment in Segments)
            segment.Heal();
        Tcp?.Heal();
        foreach (var router in Routers)
            router.End();
        foreach (var controller in Controllers)
        {
            controller.Resume();
            controller.Start();
        }
        SetApiFaults(ApiFaults.None);
        foreach (var node in Nodes)
        {
            for (var i = 0; i < node.Ports.Count; i++)
                node.SetCarrier(i, true);
            node.Resume();
            node.Starve(TimeSpan.Zero);
            if (node == dead)
                CrashNode(node, losesPower: true);
            else if (node.Control is null || node.IsEnding)
                StartNode(node);
        }
        foreach (var box in Boxes)
            box.Line.IsCut = false;
        SetApiFaults(ApiFaults.None);
    }

    /// <summary>How badly the API server behaves towards every process that runs now.</summary>
    public void SetApiFaults(ApiFaults faults)
    {
        foreach (var box in Boxes)
            box.Line.Faults = faults;
    }

    private void HasEnded(SpeakerProcess node)
    {
        Lifecycle.Died(node.Name);
        if (node.IsToStart)
            StartNode(node);
    }

    private NodeClock Clock(string name)
    {
        var random = World.Random.Fork("clock/" + name);
        return new(
            World,
            Instant.FromSeconds(random.Next(1_000_000)),
            random.Next(2 * MostDriftPartsPerMillion + 1) - MostDriftPartsPerMillion,
            random.Between(TimeSpan.FromSeconds(-5), TimeSpan.FromSeconds(5)));
    }
}
