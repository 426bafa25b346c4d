namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What must be known of a session to read its UPDATEs.</summary>
public readonly record struct BgpUpdateContext
{
    /// <summary>Whether both sides are in the same AS.</summary>
    public bool IsInternal { get; init; }

    /// <summary>Whether AS numbers have four octets (RFC 6793).</summary>
    public bool FourOctetAs { get; init; }

    /// <summary>Whether IPv4 unicast was agreed upon.</summary>
    public bool IPv4Unicast { get; init; }

    /// <summary>Whether IPv6 unicast was agreed upon.</summary>
    public bool IPv6Unicast { get; init; }

    /// <summary>Whether IPv4 prefixes may have an IPv6 next hop (RFC 8950).</summary>
    public bool IPv4OverIPv6 { get; init; }

    /// <summary>The AS that must be the first of every path (RFC 4271 section 6.3); null to accept any, as from a route server.</summary>
    public uint? FirstAsn { get; init; }

    /// <summary>Whether a family was agreed upon.</summary>
    public bool Speaks(BgpFamily family) =>
        (IPv4Unicast && family == BgpFamily.IPv4Unicast) || (IPv6Unicast && family == BgpFamily.IPv6Unicast);
}
