namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What is wrong with a ROUTE-REFRESH (RFC 7313 section 5).</summary>
public enum BgpRouteRefreshSubcode : byte
{
    /// <summary>A mark of begin or end with anything but four octets; the data hold the whole message.</summary>
    InvalidMessageLength = 1,
}
