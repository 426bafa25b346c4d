using System;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>An extended community (RFC 4360).</summary>
/// <param name="Value">Its eight octets; the first is the type.</param>
public readonly record struct BgpExtendedCommunity(ulong Value) : IComparable<BgpExtendedCommunity>
{
    /// <summary>Octets on the wire.</summary>
    public const int SizeBytes = 8;

    private const ushort LinkBandwidthType = 0x4004;
    private const ushort TransitiveLinkBandwidthType = 0x0004;

    /// <summary>The link bandwidth community (draft-ietf-idr-link-bandwidth), not transitive.</summary>
    /// <param name="asn">The AS that adds it.</param>
    /// <param name="bytesPerSecond">The bandwidth, not negative.</param>
    public static BgpExtendedCommunity LinkBandwidth(ushort asn, float bytesPerSecond) =>
        new((ulong)LinkBandwidthType << 48 | (ulong)asn << 32 | BitConverter.SingleToUInt32Bits(bytesPerSecond));

    /// <summary>The type octet; its highest bit says who assigned it, the next one that it is not transitive.</summary>
    public byte Type => (byte)(Value >> 56);

    /// <summary>The second octet, for most types the sub-type.</summary>
    public byte Subtype => (byte)(Value >> 48 & 0xFF);

    /// <summary>Whether it may cross an AS boundary.</summary>
    public bool IsTransitive => (Type & 0x40) == 0;

    /// <summary>The bandwidth in bytes per second when this is a link bandwidth community; null when it is another, or no number that a
    /// link can have.</summary>
    public float? LinkBandwidthBytesPerSecond
    {
        get
        {
            if ((ushort)(Value >> 48) is not (LinkBandwidthType or TransitiveLinkBandwidthType))
                return null;
            var bandwidth = BitConverter.UInt32BitsToSingle((uint)(Value & uint.MaxValue));
            return float.IsFinite(bandwidth) && bandwidth >= 0 ? bandwidth : null;
        }
    }

    /// <inheritdoc/>
    public int CompareTo(BgpExtendedCommunity other) => Value.CompareTo(other.Value);

    /// <summary>Whether one sorts before another.</summary>
    public static bool operator <(BgpExtendedCommunity left, BgpExtendedCommunity right) => left.Value < right.Value;

    /// <summary>Whether one sorts after another.</summary>
    public static bool operator >(BgpExtendedCommunity left, BgpExtendedCommunity right) => left.Value > right.Value;

    /// <summary>Whether one does not sort after another.</summary>
    public static bool operator <=(BgpExtendedCommunity left, BgpExtendedCommunity right) => left.Value <= right.Value;

    /// <summary>Whether one does not sort before another.</summary>
    public static bool operator >=(BgpExtendedCommunity left, BgpExtendedCommunity right) => left.Value >= right.Value;

    /// <summary>"LB:64512:125000000" for link bandwidth, else the octets.</summary>
    public override string ToString() =>
        LinkBandwidthBytesPerSecond is { } bandwidth ? $"LB:{Value >> 32 & 0xFFFF}:{bandwidth}" : $"0x{Value:x16}";
}
