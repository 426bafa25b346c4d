namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What is wrong with an UPDATE (RFC 4271 section 6.3), where a session reset is still the answer (RFC 7606).</summary>
public enum BgpUpdateSubcode : byte
{
    /// <summary>Nothing more precise.</summary>
    Unspecific = 0,

    /// <summary>The lengths contradict each other, or an attribute that must be unique is not.</summary>
    MalformedAttributeList = 1,

    /// <summary>An unknown attribute that everybody must know; the data hold it.</summary>
    UnrecognizedWellKnownAttribute = 2,

    /// <summary>A mandatory attribute is missing; the data name its type.</summary>
    MissingWellKnownAttribute = 3,

    /// <summary>The flags do not fit the type.</summary>
    AttributeFlagsError = 4,

    /// <summary>The length does not fit the type.</summary>
    AttributeLengthError = 5,

    /// <summary>An undefined ORIGIN.</summary>
    InvalidOriginAttribute = 6,

    /// <summary>A NEXT_HOP that is no host address.</summary>
    InvalidNextHopAttribute = 8,

    /// <summary>An optional attribute whose value makes no sense; the data hold it.</summary>
    OptionalAttributeError = 9,

    /// <summary>Prefixes that cannot be read.</summary>
    InvalidNetworkField = 10,

    /// <summary>An AS_PATH that cannot be read.</summary>
    MalformedAsPath = 11,
}
