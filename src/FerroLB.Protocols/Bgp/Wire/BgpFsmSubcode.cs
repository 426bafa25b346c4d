namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>In which state an unexpected message came (RFC 6608).</summary>
public enum BgpFsmSubcode : byte
{
    /// <summary>Another state.</summary>
    Unspecified = 0,

    /// <summary>OpenSent.</summary>
    UnexpectedInOpenSent = 1,

    /// <summary>OpenConfirm.</summary>
    UnexpectedInOpenConfirm = 2,

    /// <summary>Established.</summary>
    UnexpectedInEstablished = 3,
}
