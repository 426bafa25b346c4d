namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>The first octet of every message of the memberlist protocol.</summary>
public enum GossipMessageType : byte
{
    /// <summary>Asks a member for a sign of life.</summary>
    Ping = 0,

    /// <summary>Asks a member to ping a third one.</summary>
    IndirectPing = 1,

    /// <summary>Answers a ping.</summary>
    Ack = 2,

    /// <summary>Somebody got no sign of life from a member.</summary>
    Suspect = 3,

    /// <summary>A member is there, with this address, these data and these versions.</summary>
    Alive = 4,

    /// <summary>A member failed, or (said by itself) left.</summary>
    Dead = 5,

    /// <summary>The whole picture that one member has of all, on a stream.</summary>
    PushPull = 6,

    /// <summary>Several messages in one datagram.</summary>
    Compound = 7,

    /// <summary>Belongs to the program above memberlist.</summary>
    User = 8,

    /// <summary>One message, compressed.</summary>
    Compress = 9,

    /// <summary>One message, sealed; only streams say so, a sealed datagram has no type octet.</summary>
    Encrypt = 10,

    /// <summary>An indirect ping got no answer in time.</summary>
    Nack = 11,

    /// <summary>A checksum stands before the message.</summary>
    HasCrc = 12,

    /// <summary>A stream's request could not be served.</summary>
    Error = 13,

    /// <summary>The name of the cluster stands before the message.</summary>
    HasLabel = 244,
}
