namespace FerroLB.Protocols.Ndp;

/// <summary>How many frames got no answer since the start, by <see cref="NdpDropReason"/>, and how many could not be sent.</summary>
/// <param name="UnknownLink">Came in on an interface that does not announce.</param>
/// <param name="Malformed">Could not be read, or broke a rule.</param>
/// <param name="NotNdp">Were neither solicitation nor advertisement.</param>
/// <param name="VlanTag">Belonged to a tagged VLAN.</param>
/// <param name="HopLimit">May have come from beyond a router.</param>
/// <param name="Advertisement">Were not solicitations.</param>
/// <param name="NoSourceLinkLayerAddress">Did not say where the answer shall go.</param>
/// <param name="Destination">Were sent to another station.</param>
/// <param name="AnnounceIp">Asked for an address that is not announced.</param>
/// <param name="InterfaceMismatch">Asked for an address announced on other interfaces only.</param>
/// <param name="QueueFull">Answers that were pushed out before anyone took them.</param>
public readonly record struct NdpDropCounts(
    long UnknownLink,
    long Malformed,
    long NotNdp,
    long VlanTag,
    long HopLimit,
    long Advertisement,
    long NoSourceLinkLayerAddress,
    long Destination,
    long AnnounceIp,
    long InterfaceMismatch,
    long QueueFull);
