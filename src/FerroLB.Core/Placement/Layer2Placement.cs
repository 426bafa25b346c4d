using System.Collections.Immutable;
using System.Linq;

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
public readonly record struct NodeExclusion(string Node, ExclusionReason Reason)
{
    /// <summary>For instance "node-1 (its network is unavailable)".</summary>
    public override string ToString() => Reason switch
    {
        ExclusionReason.NotAlive => $"{Node} (no living speaker)",
        ExclusionReason.NetworkUnavailable => $"{Node} (its network is unavailable)",
        ExclusionReason.ExcludedByLabel => $"{Node} (labelled to be excluded from external load balancers)",
        ExclusionReason.NotCovered => $"{Node} (no matching advertisement covers it)",
        _ => $"{Node} (traffic policy Local, and no endpoint on it can serve)",
    };
}

/// <summary>Which node announces an address by ARP or NDP, and what that means for this node.</summary>
/// <param name="Verdict">What this node has to do, and why.</param>
/// <param name="Candidates">
/// The names of all candidates in the order of the election: the first is the owner, the second takes over from it.
/// </param>
/// <param name="Interfaces">
/// The interfaces from which this node would announce, sorted; null for all. Empty when no advertisement that matches the Service covers
/// this node.
/// </param>
/// <param name="Exclusions">
/// When advertisements match but there is no candidate: why each node is none, sorted by node. Otherwise empty.
/// </param>
public sealed record Layer2Placement(
    Layer2Verdict Verdict,
    ImmutableArray<string> Candidates,
    ImmutableSortedSet<string>? Interfaces,
    ImmutableArray<NodeExclusion> Exclusions)
{
    private const int NamedExclusionCount = 8;

    /// <summary>The node that announces, or null.</summary>
    public string? Owner => Candidates.IsEmpty ? null : Candidates[0];

    /// <summary>The short reason that logs use when this node does not announce; empty when it does.</summary>
    public string LogReason => Verdict switch
    {
        Layer2Verdict.Announce => "",
        Layer2Verdict.AddressNotInPools => "ipNotAllowed",
        Layer2Verdict.SharedAddressWithServiceSelector => "sharedIPWithServiceSelector",
        Layer2Verdict.NoMatchingAdvertisement => "noMatchingAdvertisement",
        _ => "notOwner",
    };

    /// <summary>Who announces, or why nobody does, as a phrase for the user.</summary>
    public string Explanation => Verdict switch
    {
        _ when Owner is not null => $"announced by node {Owner}",
        Layer2Verdict.AddressNotInPools => "the address is in no pool",
        Layer2Verdict.NoServingEndpoint => "no endpoint of the Service can serve",
        Layer2Verdict.SharedAddressWithServiceSelector =>
            "the Service may share its address, and a matching L2Advertisement has serviceSelectors, which is not possible together",
        _ when Exclusions.IsEmpty => "no L2Advertisement matches the Service and its pool",
        _ => "no node may announce: " + string.Join(", ", Exclusions.Take(NamedExclusionCount)) +
            (Exclusions.Length > NamedExclusionCount ? $", and {Exclusions.Length - NamedExclusionCount} more" : ""),
    };

    /// <inheritdoc/>
    public bool Equals(Layer2Placement? other) =>
        other is not null && Verdict == other.Verdict && Candidates.SequenceEqual(other.Candidates) &&
        (Interfaces is null ? other.Interfaces is null : other.Interfaces is not null && Interfaces.SequenceEqual(other.Interfaces)) &&
        Exclusions.SequenceEqual(other.Exclusions);

    /// <inheritdoc/>
    public override int GetHashCode() => Candidates.Length;
}
