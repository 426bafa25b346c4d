using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>An address family and subsequent address family (RFC 4760 section 3).</summary>
/// <param name="Afi">The address family identifier: 1 is IPv4, 2 is IPv6.</param>
/// <param name="Safi">The subsequent one: 1 is unicast.</param>
public readonly record struct BgpFamily(ushort Afi, byte Safi) : IComparable<BgpFamily>
{
    /// <summary>The AFI of IPv4.</summary>
    public const ushort AfiIPv4 = 1;

    /// <summary>The AFI of IPv6.</summary>
    public const ushort AfiIPv6 = 2;

    /// <summary>IPv4 unicast, the family of the NLRI field itself.</summary>
    public static readonly BgpFamily IPv4Unicast = new(AfiIPv4, 1);

    /// <summary>IPv6 unicast.</summary>
    public static readonly BgpFamily IPv6Unicast = new(AfiIPv6, 1);

    /// <summary>The unicast family of prefixes of an address family.</summary>
    public static BgpFamily UnicastOf(AddressFamily family) => family == AddressFamily.IPv4 ? IPv4Unicast : IPv6Unicast;

    /// <summary>Whether this is <see cref="IPv4Unicast"/> or <see cref="IPv6Unicast"/>, the two whose prefixes are
    /// read and written.</summary>
    public bool IsUnicast => Safi == 1 && Afi is AfiIPv4 or AfiIPv6;

    /// <summary>The address family of the prefixes; meaningful only for the two unicast families.</summary>
    public AddressFamily AddressFamily => Afi == AfiIPv6 ? AddressFamily.IPv6 : AddressFamily.IPv4;

    /// <inheritdoc/>
    public int CompareTo(BgpFamily other) => Afi != other.Afi ? Afi.CompareTo(other.Afi) : Safi.CompareTo(other.Safi);

    /// <summary>Whether one family sorts before another.</summary>
    public static bool operator <(BgpFamily left, BgpFamily right) => left.CompareTo(right) < 0;

    /// <summary>Whether one family sorts after another.</summary>
    public static bool operator >(BgpFamily left, BgpFamily right) => left.CompareTo(right) > 0;

    /// <summary>Whether one family does not sort after another.</summary>
    public static bool operator <=(BgpFamily left, BgpFamily right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one family does not sort before another.</summary>
    public static bool operator >=(BgpFamily left, BgpFamily right) => left.CompareTo(right) >= 0;

    /// <summary>"IPv4 unicast", "IPv6 unicast" or the two numbers.</summary>
    public override string ToString() =>
        this == IPv4Unicast ? "IPv4 unicast" : this == IPv6Unicast ? "IPv6 unicast" : $"AFI {Afi} SAFI {Safi}";
}
