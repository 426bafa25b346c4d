using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>What a link loop knows and does at one instant. Never changes afterwards.</summary>
/// <param name="Links">The interfaces that are not excluded, by index, each with its use.</param>
/// <param name="Addresses">The addresses that this node owns, and for whom.</param>
/// <param name="ArpDrops">ARP frames that got no answer, by reason.</param>
/// <param name="NdpDrops">IPv6 frames that got no answer, by reason.</param>
public sealed record LinkSnapshot(
    IReadOnlyList<LinkUse> Links, ImmutableSortedDictionary<IpAddress, OwnedAddress> Addresses, ArpDropCounts ArpDrops,
    NdpDropCounts NdpDrops)
{
    /// <summary>Other hosts that claim addresses of this node, by address and interface.</summary>
    public ImmutableArray<AddressConflict> Conflicts { get; init; } = [];
}
