namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>What became of reading some octets.</summary>
public enum GossipDecodeResult : byte
{
    /// <summary>They made sense.</summary>
    Ok,

    /// <summary>They end too early; on a stream, more may come.</summary>
    Incomplete,

    /// <summary>They make no sense, whatever follows.</summary>
    Malformed,
}
