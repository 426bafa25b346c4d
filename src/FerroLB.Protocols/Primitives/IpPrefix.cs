using System;
using System.Globalization;

namespace FerroLB.Protocols.Primitives;

/// <summary>A CIDR block: an address whose host bits are zero, and a prefix length in bits (0-32 or 0-128).</summary>
public readonly record struct IpPrefix : IComparable<IpPrefix>
{
    /// <summary>Makes a block; host bits of the address are masked away. The length must fit the family.</summary>
    public IpPrefix(IpAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.BitCount);
        Length = length;
        First = IpAddress.From(address.Family, address.Value & ~HostMask(address.BitCount - length));
    }

    /// <summary>The lowest address.</summary>
    public IpAddress First { get; }

    /// <summary>The prefix length in bits.</summary>
    public int Length { get; }

    /// <summary>The family of the block.</summary>
    public AddressFamily Family => First.Family;

    /// <summary>How many low bits are free: 32 - length or 128 - length.</summary>
    public int HostBitCount => First.BitCount - Length;

    /// <summary>The highest address.</summary>
    public IpAddress Last => IpAddress.From(Family, First.Value | HostMask(HostBitCount));

    /// <summary>Whether the address lies in the block; false for the other family.</summary>
    public bool Contains(IpAddress address) =>
        address.Family == Family && (address.Value & ~HostMask(HostBitCount)) == First.Value;

    /// <summary>Whether the blocks share an address, which for CIDR blocks means that one contains the other.</summary>
    public bool Overlaps(IpPrefix other) => Length <= other.Length ? Contains(other.First) : other.Contains(First);

    /// <summary>Parses "address/length"; host bits are masked silently. An IPv4-mapped block needs a length of 96
    /// or more.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpPrefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf('/');
        if (slash < 0 || !IpAddress.TryParse(text[..slash], out var address))
            return false;
        var digits = text[(slash + 1)..];
        if (digits.Length is 0 or > 3 || (digits.Length > 1 && digits[0] == '0') || digits.Contains('\0') ||
            !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            return false;
        if (address.IsIPv4 && text[..slash].IndexOf(':') >= 0)
            length -= 96;
        if (length < 0 || length > address.BitCount)
            return false;
        prefix = new(address, length);
        return true;
    }

    /// <summary>Parses or throws <see cref="FormatException"/>; for constants and tests.</summary>
    public static IpPrefix Parse(string text) =>
        TryParse(text, out var prefix) ? prefix : throw new FormatException($"\"{text}\" is not a CIDR block");

    /// <inheritdoc/>
    public int CompareTo(IpPrefix other)
    {
        var byAddress = First.CompareTo(other.First);
        return byAddress != 0 ? byAddress : Length.CompareTo(other.Length);
    }

    /// <summary>Whether one block sorts before another.</summary>
    public static bool operator <(IpPrefix left, IpPrefix right) => left.CompareTo(right) < 0;

    /// <summary>Whether one block sorts after another.</summary>
    public static bool operator >(IpPrefix left, IpPrefix right) => left.CompareTo(right) > 0;

    /// <summary>Whether one block does not sort after another.</summary>
    public static bool operator <=(IpPrefix left, IpPrefix right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one block does not sort before another.</summary>
    public static bool operator >=(IpPrefix left, IpPrefix right) => left.CompareTo(right) >= 0;

    /// <summary>Canonical "address/length".</summary>
    public override string ToString() => $"{First}/{Length}";

    private static UInt128 HostMask(int bitCount) => bitCount == 128 ? UInt128.MaxValue : (UInt128.One << bitCount) - 1;
}
