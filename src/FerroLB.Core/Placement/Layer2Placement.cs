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

    /// <summary>The address is shared, and its owner, which is no candidate of this Service, announces it for the others.</summary>
    OwnedForOthers,
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

    /// <summary>It has none of the interfaces that the advertisements name, or none at all, and another candidate has one.</summary>
    LacksInterface,

    /// <summary>No subnet of the interfaces that it may use contains the address, and another candidate's does.</summary>
    OutsideSubnet,

    /// <summary>It is to hold no BGP session on which the address could be advertised.</summary>
    NoPeer,
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
        ExclusionReason.LacksInterface => $"{Node} (has no interface to announce from)",
        ExclusionReason.OutsideSubnet => $"{Node} (the address is in no subnet of its interfaces)",
        ExclusionReason.NoPeer => $"{Node} (no BGPPeer for it that the advertisement reaches and that carries the address)",
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
/// When advertisements match but there is no candidate: why each node is none, sorted by node. Otherwise only those nodes that other
/// candidates are preferred to for their interfaces.
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

    /// <summary>When the verdict is <see cref="Layer2Verdict.OwnedForOthers"/>: who owns the address; otherwise null.</summary>
    public string? OtherOwner { get; init; }

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
        _ when Owner is not null => $"announced by node {Owner}" + (Exclusions.IsEmpty ? "" : "; set aside: " + Name(Exclusions)),
        Layer2Verdict.AddressNotInPools => "the address is in no pool",
        Layer2Verdict.NoServingEndpoint => "no endpoint of the Service can serve",
        Layer2Verdict.SharedAddressWithServiceSelector =>
            "the Service may share its address, and a matching L2Advertisement has serviceSelectors, which is not possible together",
        Layer2Verdict.OwnedForOthers =>
            $"the address is shared, and node {OtherOwner} announces it for other Services; it could not announce it for this one",
        _ when Exclusions.IsEmpty => "no L2Advertisement matches the Service and its pool",
        _ => "no node may announce: " + Name(Exclusions),
    };

    /// <summary>
    /// The placement of one address for which Services that share it would elect different nodes: its candidates in the order that holds
    /// for all of them (<see cref="Layer2Election.Reconcile"/>). Nothing changes for a Service without candidates.
    /// </summary>
    public Layer2Placement Among(ImmutableArray<string> order, string thisNode)
    {
        if (Candidates.IsEmpty || order.IsEmpty)
            return this;
        if (!Candidates.Contains(order[0]))
            return this with { Verdict = Layer2Verdict.OwnedForOthers, Candidates = [], OtherOwner = order[0] };
        var verdict = order[0] == thisNode ? Layer2Verdict.Announce
            : Verdict == Layer2Verdict.Announce ? Layer2Verdict.OtherNodeWon : Verdict;
        return this with { Verdict = verdict, Candidates = [.. order.Where(Candidates.Contains)] };
    }

    /// <inheritdoc/>
    public bool Equals(Layer2Placement? other) =>
        other is not null && Verdict == other.Verdict && Candidates.SequenceEqual(other.Candidates) &&
        (Interfaces is null ? other.Interfaces is null : other.Interfaces is not null && Interfaces.SequenceEqual(other.Interfaces)) &&
        Exclusions.SequenceEqual(other.Exclusions) && OtherOwner == other.OtherOwner;

    /// <inheritdoc/>
    public override int GetHashCode() => Candidates.Length;

    private static string Name(ImmutableArray<NodeExclusion> exclusions) =>
        string.Join(", ", exclusions.Take(NamedExclusionCount)) +
        (exclusions.Length > NamedExclusionCount ? $", and {exclusions.Length - NamedExclusionCount} more" : "");
}
