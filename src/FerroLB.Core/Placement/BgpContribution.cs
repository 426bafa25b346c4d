using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>A route that one Service asks for by one advertisement. Others may ask for the same prefix.</summary>
/// <param name="Prefix">The address, or the block around it by the aggregation length.</param>
/// <param name="Advertisement">To which peers, and with which attributes.</param>
public readonly record struct BgpContribution(IpPrefix Prefix, BgpAdvertisementConfig Advertisement);
