using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>A session as it was at one moment.</summary>
/// <param name="State">Its state.</param>
/// <param name="Since">Since when.</param>
/// <param name="LastError">Why it last ended or did not come up; null for nothing yet.</param>
/// <param name="Negotiated">What both sides can; null unless it is established.</param>
/// <param name="PeerIdentifier">The peer's BGP identifier; 0 unless it is established.</param>
/// <param name="Local">Our address of the connection; null unless it is established.</param>
/// <param name="Counters">Messages so far.</param>
public sealed record BgpSessionSnapshot(
    BgpSessionState State,
    Instant Since,
    BgpSessionError? LastError,
    BgpNegotiated? Negotiated,
    uint PeerIdentifier,
    IpAddress? Local,
    BgpSessionCounters Counters);
