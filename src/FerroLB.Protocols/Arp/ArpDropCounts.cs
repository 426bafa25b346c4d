namespace FerroLB.Protocols.Arp;

/// <summary>How many frames got no answer since the start, by <see cref="ArpDropReason"/>, and how many could not be sent.</summary>
/// <param name="UnknownLink">Came in on an interface that does not announce.</param>
/// <param name="Malformed">Could not be read.</param>
/// <param name="NotArp">Were not ARP.</param>
/// <param name="VlanTag">Belonged to a tagged VLAN.</param>
/// <param name="ArpReply">Were not requests.</param>
/// <param name="EthernetDestination">Were sent to another station.</param>
/// <param name="AnnounceIp">Asked for an address that is not announced.</param>
/// <param name="InterfaceMismatch">Asked for an address announced on other interfaces only.</param>
/// <param name="QueueFull">Replies that were pushed out before anyone took them.</param>
public readonly record struct ArpDropCounts(
    long UnknownLink,
    long Malformed,
    long NotArp,
    long VlanTag,
    long ArpReply,
    long EthernetDestination,
    long AnnounceIp,
    long InterfaceMismatch,
    long QueueFull);
