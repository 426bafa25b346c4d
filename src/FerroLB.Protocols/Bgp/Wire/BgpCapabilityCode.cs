namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>The codes of the capabilities that are understood (RFC 5492; IANA's registry).</summary>
public enum BgpCapabilityCode : byte
{
    /// <summary>A family (RFC 4760).</summary>
    MultiProtocol = 1,

    /// <summary>ROUTE-REFRESH (RFC 2918).</summary>
    RouteRefresh = 2,

    /// <summary>Next hops of the other family (RFC 8950).</summary>
    ExtendedNextHop = 5,

    /// <summary>Messages above 4096 octets (RFC 8654).</summary>
    ExtendedMessage = 6,

    /// <summary>The role (RFC 9234).</summary>
    Role = 9,

    /// <summary>Graceful restart (RFC 4724).</summary>
    GracefulRestart = 64,

    /// <summary>AS numbers of four octets (RFC 6793).</summary>
    FourOctetAs = 65,

    /// <summary>Enhanced ROUTE-REFRESH (RFC 7313).</summary>
    EnhancedRouteRefresh = 70,
}
