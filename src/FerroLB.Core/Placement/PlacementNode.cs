using System.Collections.Generic;

namespace FerroLB.Core.Placement;

/// <summary>A node as the election sees it.</summary>
/// <param name="Name">The node's name, which is also the name its speaker goes by.</param>
/// <param name="Labels">
/// The Node object's labels; null when a speaker of that name lives but the cluster has no such Node. Such a node counts as available,
/// but no advertisement covers it.
/// </param>
/// <param name="IsAlive">Whether a speaker is believed to live there.</param>
/// <param name="IsNetworkUnavailable">Whether the node's condition NetworkUnavailable is True.</param>
public sealed record PlacementNode(string Name, IReadOnlyDictionary<string, string>? Labels, bool IsAlive, bool IsNetworkUnavailable)
{
    /// <summary>What its speaker states of its interfaces; null when it states nothing, as MetalLB's do.</summary>
    public StatedInterfaces? Interfaces { get; init; }
}
