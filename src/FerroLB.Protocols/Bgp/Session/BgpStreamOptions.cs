using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>How a TCP connection to a peer is opened, and what is asked of one that a peer opened.</summary>
/// <param name="Peer">The peer's address.</param>
/// <param name="Port">The peer's port.</param>
/// <param name="Source">The address to bind; null for the kernel's choice. One that this node does not have is an error.</param>
/// <param name="LinkIndex">The interface to bind to; 0 for none.</param>
/// <param name="Vrf">The VRF to bind to; "" for the default one.</param>
/// <param name="KeyHandle">The handle of the TCP-MD5 key; "" for none.</param>
/// <param name="TimeToLive">TTL or hop limit of what is sent.</param>
/// <param name="LeastTimeToLive">The lowest TTL or hop limit that is accepted (RFC 5082); 0 for no check.</param>
public sealed record BgpStreamOptions(
    IpAddress Peer,
    int Port,
    IpAddress? Source,
    int LinkIndex,
    string Vrf,
    string KeyHandle,
    int TimeToLive,
    int LeastTimeToLive);
