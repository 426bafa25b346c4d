namespace FerroLB.Protocols.Bfd;

/// <summary>Why a received datagram was discarded, in the order in which the reasons are looked for (RFC 5880, 6.8.6).</summary>
public enum BfdDropReason
{
    /// <summary>It was used.</summary>
    None,

    /// <summary>It is not version 1.</summary>
    Version,

    /// <summary>Its length is shorter than the fields that it must have, or longer than the datagram.</summary>
    Length,

    /// <summary>Its detection multiplier is zero.</summary>
    DetectMultiplier,

    /// <summary>It has the multipoint bit.</summary>
    Multipoint,

    /// <summary>Its sender has no discriminator.</summary>
    MyDiscriminator,

    /// <summary>It names no session of ours although its sender claims to hear us.</summary>
    YourDiscriminatorMissing,

    /// <summary>
    /// No session is meant by it: an unknown discriminator, or one of a session with another peer, on another interface or by the
    /// other number of hops.
    /// </summary>
    UnknownSession,

    /// <summary>It made more hops than the session allows (RFC 5881, 5; RFC 5883, 3).</summary>
    TimeToLive,

    /// <summary>It is authenticated, and no session is.</summary>
    Authentication,

    /// <summary>Its session is held down.</summary>
    AdministrativelyDown,

    /// <summary>An echo packet that is neither one of ours nor from a peer, or is too long to be returned.</summary>
    Echo,
}
