using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>What a peer is to know about a prefix.</summary>
/// <param name="Prefix">The prefix.</param>
/// <param name="Terms">What is said about it; null when the peer is not to know it.</param>
public readonly record struct BgpPeerRoute(IpPrefix Prefix, BgpRouteTerms? Terms);
