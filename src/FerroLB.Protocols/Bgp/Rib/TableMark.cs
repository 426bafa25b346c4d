namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>What is sent when a whole table was.</summary>
internal enum TableMark : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>End-of-RIB (RFC 4724), behind the initial table.</summary>
    EndOfRib,

    /// <summary>EoRR (RFC 7313), behind a refreshed one.</summary>
    EndOfRefresh,

    /// <summary>Nothing, behind a table refreshed for a peer that knows no marks.</summary>
    Silent,
}
