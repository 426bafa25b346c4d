namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What a speaker is to its peer (RFC 9234 section 4.1).</summary>
public enum BgpRole : byte
{
    /// <summary>Gives transit.</summary>
    Provider = 0,

    /// <summary>A route server.</summary>
    RouteServer = 1,

    /// <summary>A route server's client.</summary>
    RouteServerClient = 2,

    /// <summary>Takes transit.</summary>
    Customer = 3,

    /// <summary>Exchanges its own and its customers' routes.</summary>
    Peer = 4,
}
