using System;
using System.Linq;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Routers;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// What must hold of routers when nothing moves any more: each has a session with exactly the nodes that are to hold one, and knows from
/// each of them exactly what the model says, next hops and attributes included. So no route leads to a node that is dead, or has no
/// endpoint of a Service that is served locally.
/// </summary>
public sealed class RouteChecker(LabCluster cluster, StoreMirror mirror, PoolHistory pools)
{
    private readonly AllocationModel _allocation = new(mirror, pools);
    private (ModelRouter Router, SpeakerProcess Node)? _lastFound;

    /// <summary>What the store has about routes.</summary>
    public RouteMirror Mirror { get; } = new(cluster.Api);

    /// <summary>All that decides which sessions there are, and how they are held, as one text.</summary>
    public string Sessions => Mirror.Sessions + string.Concat(
        mirror.Nodes.Objects.Values.Select(node => $"{node.Name} {string.Join(',', node.Labels)}"));

    /// <summary>How many routes of routers were compared with the model, at rest.</summary>
    public long RoutesCompared { get; private set; }

    /// <summary>The most nodes that a router has found one prefix behind.</summary>
    public int WidestSpread { get; private set; }

    /// <summary>The first difference; null when every router knows what it must.</summary>
    /// <param name="router">Asked of this router alone; null for all.</param>
    public string? FirstFault(ModelRouter? router = null)
    {
        // What is in force is not known for sure then, and so neither is what is advertised.
        if (pools.HasDoubts())
            return null;
        var model = new RouteModel(mirror, Mirror, _allocation.Rules());
        // What was wrong a moment ago mostly still is, and then the others need not be looked at.
        if (router is null && _lastFound is { } last && FaultOf(last.Router, last.Node, model) is { } again)
            return again;
        _lastFound = null;
        var all = router is null ? cluster.Routers : [router];
        foreach (var (one, node) in all.SelectMany(_ => cluster.Nodes, (one, node) => (one, node)))
        {
            if (FaultOf(one, node, model) is not { } fault)
                continue;
            _lastFound = (one, node);
            return fault;
        }
        return null;
    }

    private string? FaultOf(ModelRouter router, SpeakerProcess node, RouteModel model)
    {
        var source = router.Plan.IsOverIPv6 ? node.AddressV6 : node.Address;
        var place = mirror.Nodes.Objects.Values.FirstOrDefault(item => item.Name == node.Name);
        var expected = node.Control is null || place is null
            ? null
            : model.Expected(router.Plan, place, (_, family) => family == AddressFamily.IPv4 ? node.Address : node.AddressV6);
        var hasSession = router.Neighbours.Contains(source);
        if (hasSession != expected is not null)
            return $"{router.Plan.Name} has {(hasSession ? "a" : "no")} session with {node.Name}";
        var actual = router.RoutesOf(source).ToDictionary(route => route.Prefix);
        foreach (var (prefix, words) in expected ?? [])
        {
            if (!actual.Remove(prefix, out var route))
                return $"{router.Plan.Name} has no route to {prefix} by {node.Name}: {words}";
            if (route.IsStale || route.Words != words)
                return $"{router.Plan.Name} has {(route.IsStale ? "a stale route" : "the route")} to {prefix} \"{route.Words}\" by " +
                    $"{node.Name} instead of \"{words}\"";
        }
        RoutesCompared += expected?.Count ?? 0;
        return actual.Count == 0
            ? null
            : $"{router.Plan.Name} has a route to {actual.Keys.Min()} by {node.Name}, which nobody is to advertise";
    }

    /// <summary>Takes note of how widely traffic is spread.</summary>
    public void NoteSpread()
    {
        foreach (var spread in cluster.Routers.SelectMany(router => router.Routes.GroupBy(route => route.Prefix)))
            WidestSpread = Math.Max(WidestSpread, spread.Count());
    }
}
