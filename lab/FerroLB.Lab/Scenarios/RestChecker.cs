using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// What must hold when nothing moves any more: every Service has what it must have, and for each address exactly the expected node answers,
/// on exactly the expected segments. Asked while things still move, it tells what is left to do.
/// </summary>
public sealed class RestChecker(LabCluster cluster, StoreMirror mirror, PoolHistory pools, WireChecker wire)
{
    private readonly AllocationModel _allocation = new(mirror, pools);
    private readonly RouteChecker? _routes = cluster.Routers.Count == 0 ? null : new(cluster, mirror, pools);

    /// <summary>What must hold of addresses.</summary>
    public AllocationModel Allocation => _allocation;

    /// <summary>What must hold of routes; null where there are no routers.</summary>
    public RouteChecker? Routes => _routes;

    /// <summary>How often an address that a node must answer for was compared with who answered.</summary>
    public long OwnersCompared { get; private set; }

    /// <summary>The first difference; null when everything is as it should be. The probers must have asked before.</summary>
    public string? FirstFault()
    {
        if ((_allocation.FirstFault() ?? MembersFault()) is { } fault)
            return fault;
        var interfaces = Enumerable.Range(0, cluster.Segments.Count).Select(i => $"eth{i}").ToList();
        var placement = new PlacementModel(mirror, _allocation.Rules(), IsAlive, cluster.Plan.HasMembership);
        foreach (var (address, expected) in placement.Expected(interfaces))
        {
            OwnersCompared += expected.Count;
            var actual = wire.OwnersOf(address);
            if (!actual.SetEquals(expected))
                return $"{address} is answered by {Text(actual)} instead of {Text(expected)}";
        }
        return cluster.Probers.SelectMany(prober => prober.Answers)
            .Where(answer => answer.Value.Count > 0 && !IsHeld(answer.Key))
            .Select(answer => $"{answer.Key} is answered although no Service has it")
            .FirstOrDefault();
    }

    /// <summary>
    /// A suspicion among the speakers that nobody has refuted yet, in words; null when there is none. One that was raised while the network
    /// was broken may still run out after it is mended, and is refuted soon after, so until then what is right may change once more.
    /// </summary>
    public string? OpenSuspicion()
    {
        foreach (var node in cluster.Nodes)
        {
            var suspect = node.Members?.Machine.Snapshot.Members.FirstOrDefault(member => member.State == GossipMemberState.Suspect);
            if (suspect is not null)
                return $"{node.Name} still suspects {suspect.Name} to have failed";
        }
        return null;
    }

    // Every speaker knows exactly the speakers that there are.
    private string? MembersFault()
    {
        var there = cluster.Nodes.Where(node => node.Members is not null).ToList();
        foreach (var node in there)
        {
            var seen = node.Members!.Machine.Snapshot.Members.Where(member => member.IsPresent).Select(member => member.Name);
            if (!seen.SequenceEqual(there.Select(other => other.Name).Order(StringComparer.Ordinal)))
                return $"{node.Name} sees the speakers {string.Join(", ", seen)} instead of all {there.Count}";
        }
        return null;
    }

    private bool IsAlive(NodeView node) =>
        cluster.Plan.HasMembership ? cluster.Nodes.Any(process => process.Name == node.Name && process.Control is not null) : node.IsReady;

    private bool IsHeld(IpAddress address) =>
        mirror.Services.Objects.Values.Any(service => service.IsOurs && service.Addresses.Contains(address));

    private static string Text(SortedSet<(string Node, string Interface)> places) =>
        places.Count == 0 ? "nobody" : string.Join(" and ", places.Select(place => $"{place.Node} on {place.Interface}"));
}
