namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>In which list a slot is.</summary>
internal enum PendingKind : byte
{
    /// <summary>In none: the peer knows what it shall know.</summary>
    None,

    /// <summary>In that of its desired group.</summary>
    Announce,

    /// <summary>In that of its family's withdrawals.</summary>
    Withdraw,
}
