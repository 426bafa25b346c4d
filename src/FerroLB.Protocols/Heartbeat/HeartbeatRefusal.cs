namespace FerroLB.Protocols.Heartbeat;

/// <summary>Why a datagram on the heartbeats' port was not taken, if it was not.</summary>
public enum HeartbeatRefusal : byte
{
    /// <summary>It was taken.</summary>
    None,

    /// <summary>It did not come straight from the LAN: its hop limit is not 255.</summary>
    HopLimit,

    /// <summary>It is longer than any heartbeat.</summary>
    TooLong,

    /// <summary>It is not signed with our key, or signed although we have none.</summary>
    Signature,

    /// <summary>It is of a version that is not known here.</summary>
    Version,

    /// <summary>It is cut short, has octets too many, or a field that makes no sense.</summary>
    Malformed,

    /// <summary>It came on an interface that is not used.</summary>
    UnknownLink,

    /// <summary>It bears the name of this node.</summary>
    OwnName,

    /// <summary>It is of an earlier life of its sender.</summary>
    OldIncarnation,

    /// <summary>It was heard before, or one after it was.</summary>
    Replayed,

    /// <summary>It is of a sender that is new, and there are as many as are kept track of.</summary>
    TooManyPeers,
}
