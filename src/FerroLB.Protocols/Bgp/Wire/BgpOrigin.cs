namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>Where a route came from (RFC 4271 section 5.1.1).</summary>
public enum BgpOrigin : byte
{
    /// <summary>From inside the AS.</summary>
    Igp = 0,

    /// <summary>From EGP.</summary>
    Egp = 1,

    /// <summary>By other means.</summary>
    Incomplete = 2,
}
