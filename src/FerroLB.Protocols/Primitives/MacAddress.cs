using System;
using System.Buffers.Binary;
using System.Globalization;

namespace FerroLB.Protocols.Primitives;

/// <summary>An EUI-48 hardware address.</summary>
/// <param name="Value">The 48 bits in network order, the first octet in bits 47-40.</param>
public readonly record struct MacAddress(ulong Value) : IComparable<MacAddress>
{
    /// <summary>Octets on the wire.</summary>
    public const int SizeBytes = 6;

    /// <summary>ff:ff:ff:ff:ff:ff.</summary>
    public static readonly MacAddress Broadcast = new(0xFFFF_FFFF_FFFF);

    /// <summary>00:00:00:00:00:00.</summary>
    public static readonly MacAddress Zero = new(0);

    /// <summary>Whether the group bit is set (broadcast included).</summary>
    public bool IsMulticast => (Value >> 40 & 1) != 0;

    /// <summary>Reads six octets; the span must hold at least six.</summary>
    public static MacAddress Read(ReadOnlySpan<byte> bytes) =>
        new((ulong)BinaryPrimitives.ReadUInt16BigEndian(bytes) << 32 | BinaryPrimitives.ReadUInt32BigEndian(bytes[2..]));

    /// <summary>Writes six octets; the span must hold at least six.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(Value >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(bytes[2..], (uint)(Value & 0xFFFF_FFFF));
    }

    /// <summary>Parses "aa:bb:cc:dd:ee:ff" in either case.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out MacAddress mac)
    {
        mac = default;
        if (text.Length != 17 || text.Contains('\0'))
            return false;
        ulong value = 0;
        for (var i = 0; i < 6; i++)
        {
            if (i > 0 && text[i * 3 - 1] != ':')
                return false;
            if (!byte.TryParse(text.Slice(i * 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
                return false;
            value = value << 8 | octet;
        }
        mac = new(value);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(MacAddress other) => Value.CompareTo(other.Value);

    /// <summary>Whether one address sorts before another.</summary>
    public static bool operator <(MacAddress left, MacAddress right) => left.Value < right.Value;

    /// <summary>Whether one address sorts after another.</summary>
    public static bool operator >(MacAddress left, MacAddress right) => left.Value > right.Value;

    /// <summary>Whether one address does not sort after another.</summary>
    public static bool operator <=(MacAddress left, MacAddress right) => left.Value <= right.Value;

    /// <summary>Whether one address does not sort before another.</summary>
    public static bool operator >=(MacAddress left, MacAddress right) => left.Value >= right.Value;

    /// <summary>Lower-case with colons.</summary>
    public override string ToString() => string.Create(17, Value, static (chars, value) =>
    {
        for (var i = 0; i < 6; i++)
        {
            var octet = (byte)(value >> (40 - i * 8) & 0xFF);
            chars[i * 3] = "0123456789abcdef"[octet >> 4];
            chars[i * 3 + 1] = "0123456789abcdef"[octet & 15];
            if (i < 5)
                chars[i * 3 + 2] = ':';
        }
    });
}
