using System;
using System.Buffers.Binary;

namespace FerroLB.Protocols.Primitives;

/// <summary>
/// An IPv4 or IPv6 address without zone. The text form is canonical: dotted quad, or RFC 5952 (lower case, longest run of zeros
/// compressed).
/// Addresses of different families are never equal; IPv4 sorts before IPv6. IPv4-mapped IPv6 text (::ffff:a.b.c.d) parses to the IPv4
/// address, as Kubernetes and MetalLB read it.
/// </summary>
public readonly record struct IpAddress : IComparable<IpAddress>
{
    private readonly AddressFamily _family;

    private IpAddress(AddressFamily family, UInt128 value)
    {
        _family = family;
        Value = value;
    }

    /// <summary>The family; <see cref="AddressFamily.IPv4"/> for the default value, which is 0.0.0.0.</summary>
    public AddressFamily Family => _family == 0 ? AddressFamily.IPv4 : _family;

    /// <summary>The address as a number; for IPv4 below 2^32.</summary>
    public UInt128 Value { get; }

    /// <summary>Whether this is an IPv4 address.</summary>
    public bool IsIPv4 => Family == AddressFamily.IPv4;

    /// <summary>Whether this is an IPv6 address.</summary>
    public bool IsIPv6 => Family == AddressFamily.IPv6;

    /// <summary>32 or 128.</summary>
    public int BitCount => IsIPv4 ? 32 : 128;

    /// <summary>4 or 16 octets.</summary>
    public int SizeBytes => BitCount / 8;

    /// <summary>Whether every bit is zero.</summary>
    public bool IsUnspecified => Value == 0;

    /// <summary>Whether this is fe80::/10 (RFC 4291 2.5.6) or 169.254.0.0/16 (RFC 3927).</summary>
    public bool IsLinkLocal => IsIPv4 ? Value >> 16 == 0xA9FE : Value >> 118 == 0x3FA;

    /// <summary>Makes an IPv4 address from its number.</summary>
    public static IpAddress V4(uint value) => new(AddressFamily.IPv4, value);

    /// <summary>Makes an IPv6 address from its number.</summary>
    public static IpAddress V6(UInt128 value) => new(AddressFamily.IPv6, value);

    /// <summary>Makes an address of a family from its number, which must fit the family.</summary>
    public static IpAddress From(AddressFamily family, UInt128 value) =>
        family == AddressFamily.IPv4 ? V4((uint)value) : V6(value);

    /// <summary>Reads 4 or 16 octets in network order; any other length is a programming error.</summary>
    public static IpAddress Read(ReadOnlySpan<byte> bytes) => bytes.Length switch
    {
        4 => V4(BinaryPrimitives.ReadUInt32BigEndian(bytes)),
        16 => V6(BinaryPrimitives.ReadUInt128BigEndian(bytes)),
        _ => throw new ArgumentException("an address has 4 or 16 octets", nameof(bytes)),
    };

    /// <summary>Writes <see cref="SizeBytes"/> octets in network order.</summary>
    public void Write(Span<byte> bytes)
    {
        if (IsIPv4)
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)Value);
        else
            BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
    }

    /// <summary>Parses dotted quad (no leading zeros, as Go's net package) or RFC 4291 text without zone; white space is not
    /// accepted.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpAddress address) => IpAddressText.TryParse(text, out address);

    /// <summary>Parses or throws <see cref="FormatException"/>; for constants and tests.</summary>
    public static IpAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"\"{text}\" is not an IP address");

    /// <inheritdoc/>
    public int CompareTo(IpAddress other) =>
        Family != other.Family ? ((byte)Family).CompareTo((byte)other.Family) : Value.CompareTo(other.Value);

    /// <summary>Equal family and bits.</summary>
    public bool Equals(IpAddress other) => Family == other.Family && Value == other.Value;

    /// <summary>The same in every process.</summary>
    public override int GetHashCode()
    {
        unchecked
        {
            var folded = (ulong)Value ^ (ulong)(Value >> 64);
            return (int)(folded ^ folded >> 32) * -1640531535 ^ (int)Family;
        }
    }

    /// <summary>Whether one address sorts before another.</summary>
    public static bool operator <(IpAddress left, IpAddress right) => left.CompareTo(right) < 0;

    /// <summary>Whether one address sorts after another.</summary>
    public static bool operator >(IpAddress left, IpAddress right) => left.CompareTo(right) > 0;

    /// <summary>Whether one address does not sort after another.</summary>
    public static bool operator <=(IpAddress left, IpAddress right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one address does not sort before another.</summary>
    public static bool operator >=(IpAddress left, IpAddress right) => left.CompareTo(right) >= 0;

    /// <summary>The canonical text.</summary>
    public override string ToString() => IpAddressText.Format(this);
}
