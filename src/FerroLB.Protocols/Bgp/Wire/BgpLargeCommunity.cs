using System;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>A large community (RFC 8092).</summary>
/// <param name="GlobalAdministrator">An AS number.</param>
/// <param name="LocalData1">Its own meaning.</param>
/// <param name="LocalData2">Its own meaning.</param>
public readonly record struct BgpLargeCommunity(uint GlobalAdministrator, uint LocalData1, uint LocalData2)
    : IComparable<BgpLargeCommunity>
{
    /// <summary>Octets on the wire.</summary>
    public const int SizeBytes = 12;

    /// <inheritdoc/>
    public int CompareTo(BgpLargeCommunity other)
    {
        var order = GlobalAdministrator.CompareTo(other.GlobalAdministrator);
        order = order != 0 ? order : LocalData1.CompareTo(other.LocalData1);
        return order != 0 ? order : LocalData2.CompareTo(other.LocalData2);
    }

    /// <summary>Whether one sorts before another.</summary>
    public static bool operator <(BgpLargeCommunity left, BgpLargeCommunity right) => left.CompareTo(right) < 0;

    /// <summary>Whether one sorts after another.</summary>
    public static bool operator >(BgpLargeCommunity left, BgpLargeCommunity right) => left.CompareTo(right) > 0;

    /// <summary>Whether one does not sort after another.</summary>
    public static bool operator <=(BgpLargeCommunity left, BgpLargeCommunity right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one does not sort before another.</summary>
    public static bool operator >=(BgpLargeCommunity left, BgpLargeCommunity right) => left.CompareTo(right) >= 0;

    /// <summary>"64512:1:2".</summary>
    public override string ToString() => $"{GlobalAdministrator}:{LocalData1}:{LocalData2}";
}
