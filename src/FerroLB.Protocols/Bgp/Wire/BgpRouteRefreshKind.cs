namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What a ROUTE-REFRESH says (RFC 7313 section 3.2); other values are passed over.</summary>
public enum BgpRouteRefreshKind : byte
{
    /// <summary>Asks for all routes of the family again (RFC 2918).</summary>
    Request = 0,

    /// <summary>All routes of the family follow (BoRR).</summary>
    Begin = 1,

    /// <summary>All routes of the family were sent; those not repeated are stale (EoRR).</summary>
    End = 2,
}
