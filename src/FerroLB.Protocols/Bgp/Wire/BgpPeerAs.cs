namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>Which AS a peer may have.</summary>
public enum BgpPeerAs : byte
{
    /// <summary>One given number.</summary>
    Exact,

    /// <summary>Whatever our own is.</summary>
    Internal,

    /// <summary>Any but our own.</summary>
    External,
}
