namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What is wrong with an OPEN (RFC 4271 section 6.2 and later).</summary>
public enum BgpOpenSubcode : byte
{
    /// <summary>Its octets make no sense.</summary>
    Unspecific = 0,

    /// <summary>Not version 4; the data name the version that is spoken.</summary>
    UnsupportedVersionNumber = 1,

    /// <summary>Another AS than was expected, or AS 0 (RFC 7607).</summary>
    BadPeerAs = 2,

    /// <summary>Identifier 0, or on an internal session our own (RFC 6286).</summary>
    BadBgpIdentifier = 3,

    /// <summary>A parameter other than capabilities.</summary>
    UnsupportedOptionalParameter = 4,

    /// <summary>A hold time of 1 or 2 seconds.</summary>
    UnacceptableHoldTime = 6,

    /// <summary>A capability that is needed is missing (RFC 5492); the data name it.</summary>
    UnsupportedCapability = 7,

    /// <summary>The roles do not fit (RFC 9234).</summary>
    RoleMismatch = 11,
}
