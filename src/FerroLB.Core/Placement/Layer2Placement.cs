using System.Collections.Immutable;

namespace FerroLB.Core.Placement;

/// <summary>What the placement means for the node that computed it.</summary>
public enum Layer2Verdict
{
    /// <summary>This node announces.</summary>
    Announce,

    /// <summary>Another node won the election.</summary>
    OtherNodeWon,

    /// <summary>The address lies in no pool.</summary>
    AddressNotInPools,

    /// <summary>No endpoint can serve.</summary>
    NoServingEndpoint,

    /// <summary>The Service may share its address, and an advertisement that matches it selects Services: announced by nobody.</summary>
    SharedAddressWithServiceSelector,

    /// <summary>No advertisement matches the Service and covers this node.</summary>
    NoMatchingAdvertisement,

    /// <summary>Advertisements match, but no node may announce.</summary>
    NoCandidate,
}

/// <summary>Why a node is no candidate.</summary>
public enum ExclusionReason
{
    /// <summary>No living speaker is known there.</summary>
    NotAlive,

    /// <summary>Its network is unavailable.</summary>
    NetworkUnavailable,

    /// <summary>It carries the label that keeps it out of external load balancers.</summary>
    ExcludedByLabel,

    /// <summary>No advertisement that matches the Service covers it.</summary>
    NotCovered,

    /// <summary>Traffic policy Local, and no endpoint on it can serve.</summary>
    NoLocalEndpoint,
}

/// <summary>A node that is no candidate.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Reason">The first reason found, in the order of the enumeration.</param>
public readonly record struct NodeExclusion(string Node, ExclusionReason Reason);

/// <summary>Which node announces an address by ARP or NDP, and what that means for this node.</summary>
/// <param name="Verdict">What this node has to do, and why.</param>
/// <param name="Candidates">The names of all candidates in the order of the election: the first is the owner, the second takes over from it.</param>
/// <param name="Interfaces">
/// The interfaces from which this node would announce, sorted; null for all. Empty when no advertisement that matches the Service covers this node.
/// </param>
/// <param name="Exclusions">When there is no candidate: why each node is none, sorted by node. Otherwise empty.</param>
public sealed record Layer2Placement(
    Layer2Verdict Verdict,
    ImmutableArray<string> Candidates,
    ImmutableArray<string>? Interfaces,
    ImmutableArray<NodeExclusion> Exclusions)
{
    /// <summary>The node that announces, or null.</summary>
    public string? Owner => Candidates.IsEmpty ? null : Candidates[0];
}
