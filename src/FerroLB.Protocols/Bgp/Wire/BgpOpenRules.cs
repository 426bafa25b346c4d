namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What a peer's OPEN is held against.</summary>
public readonly record struct BgpOpenRules
{
    /// <summary>The AS that we present to this peer.</summary>
    public required uint LocalAsn { get; init; }

    /// <summary>The identifier that we present.</summary>
    public required uint LocalIdentifier { get; init; }

    /// <summary>Which AS the peer may have.</summary>
    public required BgpPeerAs PeerAs { get; init; }

    /// <summary>The number, where <see cref="PeerAs"/> is <see cref="BgpPeerAs.Exact"/>.</summary>
    public uint PeerAsn { get; init; }
}
