namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>A family whose next hops may be of another one (RFC 8950 section 4).</summary>
/// <param name="Family">The family of the prefixes.</param>
/// <param name="NextHopAfi">The AFI of the next hop.</param>
public readonly record struct BgpNextHopEncoding(BgpFamily Family, ushort NextHopAfi)
{
    /// <summary>IPv4 prefixes with an IPv6 next hop.</summary>
    public static readonly BgpNextHopEncoding IPv4OverIPv6 = new(BgpFamily.IPv4Unicast, BgpFamily.AfiIPv6);
}
