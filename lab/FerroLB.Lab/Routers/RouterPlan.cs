using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>What a model router is.</summary>
/// <param name="Number">Its number, from 1, which fixes its addresses and names its BGPPeer.</param>
/// <param name="Asn">Its AS.</param>
public sealed record RouterPlan(int Number, uint Asn)
{
    /// <summary>Its name in the trace, and that of its BGPPeer.</summary>
    public string Name => $"router-{Number}";

    /// <summary>Where speakers reach it: over IPv6 when <see cref="IsOverIPv6"/>.</summary>
    public IpAddress Address => IsOverIPv6 ? AddressV6 : AddressV4;

    /// <summary>Its IPv4 address.</summary>
    public IpAddress AddressV4 => Network.LabAddress.Router(Number);

    /// <summary>Its IPv6 address.</summary>
    public IpAddress AddressV6 => Network.LabAddress.RouterV6(Number);

    /// <summary>Whether speakers are to connect to its IPv6 address.</summary>
    public bool IsOverIPv6 { get; init; }

    /// <summary>The port that it listens on.</summary>
    public int Port { get; init; } = 179;

    /// <summary>The hold time that it offers, in seconds: 0 for none, else 3-65535.</summary>
    public ushort HoldSeconds { get; init; } = 90;

    /// <summary>Whether it knows AS numbers of four octets (RFC 6793).</summary>
    public bool FourOctetAs { get; init; } = true;

    /// <summary>Whether it knows capabilities beside those: route refresh, extended messages.</summary>
    public bool IsModern { get; init; } = true;

    /// <summary>Whether it keeps the routes of a speaker that restarts (RFC 4724).</summary>
    public bool KeepsRoutes { get; init; }

    /// <summary>
    /// Whether a new connection of a speaker takes the place of an established one; otherwise it is the new one that goes (RFC 4271
    /// section 6.8).
    /// </summary>
    public bool PrefersNew { get; init; }

    /// <summary>How many octets it takes without reading them.</summary>
    public int WindowBytes { get; init; } = 4_096;
}
