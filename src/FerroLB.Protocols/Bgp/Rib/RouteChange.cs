using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>What a peer shall know of one prefix from now on.</summary>
/// <param name="Prefix">The prefix.</param>
/// <param name="Terms">What is said about it; null when the peer shall not know it.</param>
public readonly record struct RouteChange(IpPrefix Prefix, RouteTerms? Terms);
