namespace FerroLB.Protocols.Arp;

/// <summary>What became of the frame that was received last; for debug lines and tests.</summary>
/// <param name="LinkIndex">The interface it came in on.</param>
/// <param name="Reason">Why it was not answered, or None.</param>
/// <param name="Packet">The packet, as far as it was read.</param>
public readonly record struct ArpVerdict(int LinkIndex, ArpDropReason Reason, ArpPacket Packet);
