namespace FerroLB.Lab.Routers;

/// <summary>A speaker's OPEN as a router read it.</summary>
internal sealed class HeardOpen
{
    public uint Asn { get; set; }

    public ushort HoldSeconds { get; set; }

    public bool IPv4 { get; set; }

    public bool IPv6 { get; set; }

    public bool FourOctetAs { get; set; }

    public bool RouteRefresh { get; set; }

    public bool EnhancedRefresh { get; set; }

    public bool ExtendedMessages { get; set; }

    /// <summary>For how many seconds it wants its routes kept; null when it does not speak of graceful restart.</summary>
    public int? RestartSeconds { get; set; }

    /// <summary>Whether it says that its routes of a family still work.</summary>
    public bool KeptIPv4 { get; set; }

    public bool KeptIPv6 { get; set; }

    public bool Kept(bool isIPv4) => isIPv4 ? KeptIPv4 : KeptIPv6;
}
