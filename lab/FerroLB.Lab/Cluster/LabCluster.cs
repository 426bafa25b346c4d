using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Network;
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
        World = world;
        Api = new(world);
        Lifecycle = new(world, Api);
        Segments = [.. Enumerable.Range(0, plan.Segments).Select(i => new LanSegment(world, $"lan{i}"))];
        Nodes = [.. Enumerable.Range(1, plan.Nodes).Select(i =>
            new SpeakerProcess(world, Api, Clock($"node-{i}"), machines, $"node-{i}", i, Segments, plan.LoadBalancerClass))];
        Controllers = [.. Enumerable.Range(1, plan.Controllers).Select(i => new ControllerProcess(
            world, Api, Clock($"controller-{i}"), machines, $"controller-{i}", plan))];
        Probers = [.. Segments.Select((segment, i) => new Prober(world, segment, IpAddress.V4(0xC0A80000 + 256 * (uint)(i + 1) + 200)))];
    }

    /// <summary>The universe that it is in.</summary>
    public VirtualWorld World { get; }

    /// <summary>The API server.</summary>
    public ApiFront Api { get; }

    /// <summary>The kubelets and the node controller.</summary>
    public NodeLifecycle Lifecycle { get; }

    /// <summary>The wires.</summary>
    public IReadOnlyList<LanSegment> Segments { get; }

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
            Lifecycle.Register(node.Name, i % 2 == 0 ? "a" : "b");
            StartNode(node);
        }
        foreach (var controller in Controllers)
            controller.Start();
    }

    /// <summary>Starts a node's speaker.</summary>
    public void StartNode(SpeakerProcess node)
    {
        node.Start();
        Lifecycle.Started(node.Name);
    }

    /// <summary>Kills a node's speaker.</summary>
    public void CrashNode(SpeakerProcess node)
    {
        node.Crash();
        Lifecycle.Died(node.Name);
    }

    /// <summary>Ends every fault: wires are whole, the API is good, every process runs.</summary>
    public void Heal()
    {
        World.Trace.Line(World.Now, "world", "heals");
        Api.ComeBack(restarted: false);
        foreach (var segment in Segments)
            segment.Heal();
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
            if (node.Control is null)
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
