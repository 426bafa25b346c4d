using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>A next hop as MP_REACH_NLRI carries it (RFC 4760, RFC 2545 section 3, RFC 8950): 4, 16 or 32 octets.</summary>
/// <param name="Address">IPv4, or IPv6; a link-local one where there is no other (unnumbered).</param>
/// <param name="LinkLocal">The link-local address beside an IPv6 one, when the peer shares the link; null for none.</param>
public readonly record struct BgpNextHop(IpAddress Address, IpAddress? LinkLocal = null)
{
    /// <summary>Octets on the wire.</summary>
    public int SizeBytes => Address.SizeBytes + (LinkLocal is { } second ? second.SizeBytes : 0);

    /// <inheritdoc/>
    public override string ToString() => LinkLocal is { } second ? $"{Address} ({second})" : Address.ToString();
}
