namespace FerroLB.Protocols.Gossip.Sealing;

/// <summary>Why a datagram or a stream was not let in.</summary>
public enum GossipRefusal : byte
{
    /// <summary>It was let in.</summary>
    None,

    /// <summary>Its label is cut short or empty.</summary>
    MalformedLabel,

    /// <summary>Its label is that of another cluster, or is missing.</summary>
    OtherLabel,

    /// <summary>It is not sealed, or not with a key of ours.</summary>
    NotSealedByUs,

    /// <summary>It is sealed, and we have no key.</summary>
    SealedWithoutKey,

    /// <summary>It is longer than a message may be.</summary>
    TooLong,
}
