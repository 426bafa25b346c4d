namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What MP_REACH_NLRI or MP_UNREACH_NLRI says (RFC 4760), where it could be read and its family was agreed upon.</summary>
/// <param name="Family">The family.</param>
/// <param name="NextHop">The next hop; of no meaning where routes are withdrawn.</param>
/// <param name="Prefixes">The prefixes.</param>
public readonly record struct BgpMultiProtocol(BgpFamily Family, BgpNextHop NextHop, BgpPrefixes Prefixes);
