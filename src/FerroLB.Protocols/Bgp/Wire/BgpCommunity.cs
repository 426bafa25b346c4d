using System;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>A community (RFC 1997).</summary>
/// <param name="Value">Its 32 bits.</param>
public readonly record struct BgpCommunity(uint Value) : IComparable<BgpCommunity>
{
    /// <summary>65535:0, asks for the least preference before planned work (RFC 8326).</summary>
    public static readonly BgpCommunity GracefulShutdown = new(0xFFFF_0000);

    /// <summary>65535:666 (RFC 7999).</summary>
    public static readonly BgpCommunity Blackhole = new(0xFFFF_029A);

    /// <summary>65535:65281.</summary>
    public static readonly BgpCommunity NoExport = new(0xFFFF_FF01);

    /// <summary>65535:65282.</summary>
    public static readonly BgpCommunity NoAdvertise = new(0xFFFF_FF02);

    /// <summary>Makes one of its two halves.</summary>
    public static BgpCommunity Of(ushort high, ushort low) => new((uint)high << 16 | low);

    /// <inheritdoc/>
    public int CompareTo(BgpCommunity other) => Value.CompareTo(other.Value);

    /// <summary>Whether one sorts before another.</summary>
    public static bool operator <(BgpCommunity left, BgpCommunity right) => left.Value < right.Value;

    /// <summary>Whether one sorts after another.</summary>
    public static bool operator >(BgpCommunity left, BgpCommunity right) => left.Value > right.Value;

    /// <summary>Whether one does not sort after another.</summary>
    public static bool operator <=(BgpCommunity left, BgpCommunity right) => left.Value <= right.Value;

    /// <summary>Whether one does not sort before another.</summary>
    public static bool operator >=(BgpCommunity left, BgpCommunity right) => left.Value >= right.Value;

    /// <summary>"64512:100".</summary>
    public override string ToString() => $"{Value >> 16}:{Value & 0xFFFF}";
}
