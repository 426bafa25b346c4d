namespace FerroLB.Protocols.Primitives;

/// <summary>The two Internet address families. The values are those of an IP header's version field.</summary>
public enum AddressFamily : byte
{
    /// <summary>IPv4, 32 bits.</summary>
    IPv4 = 4,

    /// <summary>IPv6, 128 bits.</summary>
    IPv6 = 6,
}
