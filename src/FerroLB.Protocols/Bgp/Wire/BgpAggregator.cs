using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>Who formed an aggregate (RFC 4271 section 5.1.7).</summary>
/// <param name="Asn">Its AS.</param>
/// <param name="Address">Its IPv4 address.</param>
public readonly record struct BgpAggregator(uint Asn, IpAddress Address);
