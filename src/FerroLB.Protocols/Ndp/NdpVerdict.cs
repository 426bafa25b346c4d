namespace FerroLB.Protocols.Ndp;

/// <summary>What became of the frame that was received last; for debug lines and tests.</summary>
/// <param name="LinkIndex">The interface it came in on.</param>
/// <param name="Reason">Why it was not answered, or None.</param>
/// <param name="Packet">The packet, as far as it was read.</param>
public readonly record struct NdpVerdict(int LinkIndex, NdpDropReason Reason, NdpPacket Packet);
