namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What is wrong with an UPDATE.</summary>
public enum BgpUpdateFault : byte
{
    /// <summary>The two length fields need more octets than the message has.</summary>
    LengthsContradict,

    /// <summary>Fewer octets are left than an attribute's header has (RFC 7606 section 4).</summary>
    AttributeUnderrun,

    /// <summary>An attribute's length needs more octets than are left (RFC 7606 section 4).</summary>
    AttributeOverrun,

    /// <summary>The flags do not fit the type (RFC 7606 section 3 c).</summary>
    AttributeFlags,

    /// <summary>The length does not fit the type.</summary>
    AttributeLength,

    /// <summary>The value is not defined.</summary>
    AttributeValue,

    /// <summary>It is there more than once (RFC 7606 section 3 g).</summary>
    AttributeRepeated,

    /// <summary>It is mandatory and not there (RFC 7606 section 3 d).</summary>
    AttributeMissing,

    /// <summary>It is not understood, and its flags say that everybody must understand it.</summary>
    WellKnownNotRecognized,

    /// <summary>It does not belong on this kind of session.</summary>
    AttributeNotExpected,

    /// <summary>A path segment of an undefined type, or of one that does not belong here.</summary>
    SegmentType,

    /// <summary>A path segment that is empty or goes past the end of the attribute.</summary>
    SegmentLength,

    /// <summary>A set of ASes (RFC 9774).</summary>
    AsSet,

    /// <summary>AS 0 (RFC 7607).</summary>
    AsZero,

    /// <summary>The nearest AS of the path is not the peer's.</summary>
    FirstAs,

    /// <summary>The next hop of MP_REACH_NLRI has a length that its family does not have.</summary>
    NextHopLength,

    /// <summary>Prefixes that cannot be read (RFC 7606 section 5.3).</summary>
    Prefixes,

    /// <summary>Routes of a family that was not agreed upon.</summary>
    FamilyNotNegotiated,

    /// <summary>An error beside which no route was found that could be withdrawn (RFC 7606 section 5.2).</summary>
    NothingToWithdraw,
}
