using System;
using System.Collections.Generic;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Routers;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>Makes routers fail and misbehave at random instants while it is active, and connections close late.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="mostPause">The longest pause between two faults.</param>
/// <param name="mostSeconds">How long a fault lasts at most.</param>
public sealed class RouterFaultMaker(LabCluster cluster, TimeSpan mostPause, int mostSeconds) : IEventTarget
{
    private const int Break = 0;
    private const int Mend = 1;

    private static readonly RouterFault[] Kinds = Enum.GetValues<RouterFault>();
    private static readonly TimeSpan LatestClose = TimeSpan.FromSeconds(5);

    private readonly SeededRandom _random = cluster.World.Random.Fork("faults/routers");
    private IReadOnlyList<ModelRouter> _victims = [];
    private int _round;

    /// <summary>Begins to break some routers; the others are left alone.</summary>
    public void Begin(IReadOnlyList<ModelRouter> victims)
    {
        _round++;
        _victims = victims;
        if (_random.Chance(0.4))
            cluster.Tcp!.MostCloseDelay = _random.Between(TimeSpan.Zero, LatestClose);
        Next();
    }

    /// <summary>Stops breaking routers, and mends all of them.</summary>
    public void End()
    {
        _round++;
        _victims = [];
        cluster.Tcp?.Heal();
        foreach (var router in cluster.Routers)
            router.End();
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        var (round, router) = ((int, ModelRouter?))payload!;
        if (round != _round)
            return;
        if (code == Mend)
        {
            router!.End();
            return;
        }
        var victim = _victims[_random.Next(_victims.Count)];
        if (!victim.IsFaulty)
        {
            var node = cluster.Nodes[_random.Next(cluster.Nodes.Count)];
            victim.Begin(Kinds[_random.Next(Kinds.Length)], node.Address);
            cluster.World.After(
                _random.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(mostSeconds)), this, Mend, (_round, victim));
        }
        Next();
    }

    private void Next()
    {
        if (_victims.Count > 0)
            cluster.World.After(
                _random.Between(TimeSpan.FromMilliseconds(100), mostPause), this, Break, (_round, (ModelRouter?)null));
    }
}
