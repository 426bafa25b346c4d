namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>How the AS numbers of a segment belong together (RFC 4271 section 4.3, RFC 5065).</summary>
public enum BgpAsPathSegmentType : byte
{
    /// <summary>Unordered; deprecated (RFC 9774).</summary>
    Set = 1,

    /// <summary>In the order passed, the nearest first.</summary>
    Sequence = 2,

    /// <summary>A sequence inside a confederation.</summary>
    ConfederationSequence = 3,

    /// <summary>A set inside a confederation; deprecated (RFC 9774).</summary>
    ConfederationSet = 4,
}
