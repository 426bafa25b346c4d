using System;
using System.Collections.Generic;
using FerroLB.Lab.Cluster;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// While the API server is away nothing may be retracted unasked: what a running speaker announces stays announced until it is back,
/// unless it was told to end.
/// </summary>
/// <param name="cluster">The cluster.</param>
/// <param name="disturbedAt">When last something happened that speakers may take for the death or the return of one of them, upon which
/// elections turn out differently, API server or not.</param>
public sealed class AwayChecker(LabCluster cluster, Func<Instant> disturbedAt)
{
    // A speaker that was lost may be found again only when the Pods that are no members are next tried.
    private static readonly TimeSpan MembersSettle = TimeSpan.FromSeconds(75);

    // Lines that were under way when the server left still arrive, and are still worked on.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);

    private readonly SortedDictionary<string, (Instant StartedAt, List<IpAddress> Announced)> _before = new(StringComparer.Ordinal);
    private Instant? _awaySince;

    /// <summary>To be called regularly.</summary>
    public void Judge()
    {
        var now = cluster.World.Now;
        var isDisturbed = now - disturbedAt() < MembersSettle && disturbedAt() > Instant.Zero;
        if (!cluster.Api.IsAway || (cluster.Plan.HasMembership && isDisturbed))
        {
            _awaySince = null;
            _before.Clear();
            return;
        }
        _awaySince ??= now;
        foreach (var node in cluster.Nodes)
        {
            if (now - _awaySince < Settle || node.Control is null || node.IsPaused || node.IsEnding || now - node.StartedAt < Settle)
                _before.Remove(node.Name);
            else if (!_before.TryGetValue(node.Name, out var known) || known.StartedAt != node.StartedAt)
                _before[node.Name] = (node.StartedAt, [.. node.Announced()]);
            else
                Compare(node, known.Announced);
        }
    }

    private void Compare(SpeakerProcess node, List<IpAddress> before)
    {
        var announced = new SortedSet<IpAddress>(node.Announced());
        foreach (var address in before)
        {
            if (!announced.Contains(address))
                cluster.World.Report("R7", $"{node.Name} retracted {address} while the API server was away");
        }
    }
}
