using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Placement;

/// <summary>Which nodes are to advertise a Service by BGP.</summary>
/// <param name="Advertisements">The names of the advertisements that select it, sorted.</param>
/// <param name="Nodes">The nodes, sorted by name.</param>
/// <param name="Exclusions">Why each other node is none of them, sorted by name.</param>
public sealed record BgpCandidacy(
    ImmutableArray<string> Advertisements, ImmutableArray<string> Nodes, ImmutableArray<NodeExclusion> Exclusions)
{
    /// <summary>The names of the peers, of whatever node, that the advertisements reach, sorted.</summary>
    public ImmutableArray<string> Peers { get; init; } = [];

    /// <summary>Those among the nodes that can serve the Service themselves.</summary>
    public BgpCandidacy Among(IReadOnlySet<string> servingNodes)
    {
        if (Nodes.All(servingNodes.Contains))
            return this;
        var excluded = Nodes.Where(node => !servingNodes.Contains(node)).Select(
            node => new NodeExclusion(node, ExclusionReason.NoLocalEndpoint));
        return this with
        {
            Nodes = [.. Nodes.Where(servingNodes.Contains)],
            Exclusions = [.. Exclusions.Concat(excluded).OrderBy(item => item.Node, System.StringComparer.Ordinal)],
        };
    }

    /// <inheritdoc/>
    public bool Equals(BgpCandidacy? other) =>
        other is not null && Advertisements.SequenceEqual(other.Advertisements) && Nodes.SequenceEqual(other.Nodes) &&
        Exclusions.SequenceEqual(other.Exclusions) && Peers.SequenceEqual(other.Peers);

    /// <inheritdoc/>
    public override int GetHashCode() => Nodes.Length;
}
