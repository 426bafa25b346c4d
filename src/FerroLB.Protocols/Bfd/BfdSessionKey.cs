using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bfd;

/// <summary>What tells one session from another (RFC 5881, 3; RFC 5883, 4).</summary>
/// <param name="IsMultiHop">Whether the peer may be some hops away.</param>
/// <param name="Peer">The peer's address.</param>
/// <param name="Local">Our address; null when the kernel chooses it.</param>
/// <param name="LinkIndex">The interface to the peer, one hop away; 0 when the kernel chooses it.</param>
/// <param name="Vrf">The VRF of the session; "" for the default one.</param>
public readonly record struct BfdSessionKey(bool IsMultiHop, IpAddress Peer, IpAddress? Local = null, int LinkIndex = 0, string Vrf = "")
{
    /// <summary>The port that the session's control packets go to and come to.</summary>
    public BfdChannel Channel => IsMultiHop ? BfdChannel.MultiHop : BfdChannel.SingleHop;

    /// <summary>Whether a datagram between these addresses is about this session's path.</summary>
    internal bool Matches(BfdChannel channel, in BfdInput datagram) =>
        channel == Channel && datagram.From == Peer && (Local is not { } local || local == datagram.To)
        && (IsMultiHop || LinkIndex == 0 || LinkIndex == datagram.LinkIndex) && (datagram.Vrf ?? "") == (Vrf ?? "");
}
