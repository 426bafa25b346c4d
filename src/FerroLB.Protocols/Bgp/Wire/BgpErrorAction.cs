namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What a receiver does about an error in an UPDATE (RFC 7606 section 2), in ascending strength.</summary>
public enum BgpErrorAction : byte
{
    /// <summary>There is no error.</summary>
    None = 0,

    /// <summary>The attribute is left out, the routes stay.</summary>
    AttributeDiscard = 1,

    /// <summary>The routes count as withdrawn.</summary>
    TreatAsWithdraw = 2,

    /// <summary>The routes of the family are dropped, and what comes of it later is passed over (RFC 4760 section 7).</summary>
    FamilyDisable = 3,

    /// <summary>A NOTIFICATION is sent and the session ends.</summary>
    SessionReset = 4,
}
