using System;
using System.Globalization;

namespace FerroLB.Core.Config;

/// <summary>A BGP community: a standard one of 32 bits (RFC 1997) or a large one of three times 32 bits (RFC 8092).</summary>
public readonly record struct CommunityValue : IComparable<CommunityValue>
{
    private const string LargePrefix = "large";

    private CommunityValue(bool isLarge, uint first, uint second, uint third) =>
        (IsLarge, First, Second, Third) = (isLarge, first, second, third);

    /// <summary>Whether this is a large community.</summary>
    public bool IsLarge { get; }

    /// <summary>A standard community's 32 bits; a large one's global administrator.</summary>
    public uint First { get; }

    /// <summary>A large community's first local part; otherwise 0.</summary>
    public uint Second { get; }

    /// <summary>A large community's second local part; otherwise 0.</summary>
    public uint Third { get; }

    /// <summary>Makes a standard community.</summary>
    public static CommunityValue Standard(ushort high, ushort low) => new(false, ((uint)high << 16) | low, 0, 0);

    /// <summary>Makes a large community.</summary>
    public static CommunityValue Large(uint administrator, uint first, uint second) => new(true, administrator, first, second);

    /// <summary>
    /// Reads "n:n" with two numbers of 16 bits, or "large:n:n:n" with three of 32 bits. <paramref name="isAlmost"/> tells that a text that
    /// is none was meant to be one, because it has two or four parts; others may be names.
    /// </summary>
    public static bool TryParse(string text, out CommunityValue value, out bool isAlmost)
    {
        var parts = text.Split(':');
        isAlmost = parts.Length is 2 or 4;
        value = default;
        if (parts.Length == 2 && TryRead(parts[0], out var high) && TryRead(parts[1], out var low) &&
            high <= ushort.MaxValue && low <= ushort.MaxValue)
            value = Standard((ushort)high, (ushort)low);
        else if (parts.Length == 4 && parts[0] == LargePrefix && TryRead(parts[1], out var global) && TryRead(parts[2], out var first) &&
            TryRead(parts[3], out var second))
            value = Large(global, first, second);
        else
            return false;
        return true;
    }

    /// <summary>By number; a standard community counts as a large one whose local parts are 0, and stands before it.</summary>
    public int CompareTo(CommunityValue other)
    {
        var order = First.CompareTo(other.First);
        if (order == 0)
            order = Second.CompareTo(other.Second);
        if (order == 0)
            order = Third.CompareTo(other.Third);
        return order == 0 ? IsLarge.CompareTo(other.IsLarge) : order;
    }

    /// <summary>Whether one stands before another.</summary>
    public static bool operator <(CommunityValue left, CommunityValue right) => left.CompareTo(right) < 0;

    /// <summary>Whether one stands after another.</summary>
    public static bool operator >(CommunityValue left, CommunityValue right) => left.CompareTo(right) > 0;

    /// <summary>Whether one does not stand after another.</summary>
    public static bool operator <=(CommunityValue left, CommunityValue right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one does not stand before another.</summary>
    public static bool operator >=(CommunityValue left, CommunityValue right) => left.CompareTo(right) >= 0;

    /// <summary>As users write it: "64500:100" or "large:64500:1:100".</summary>
    public override string ToString() => IsLarge
        ? string.Create(CultureInfo.InvariantCulture, $"{LargePrefix}:{First}:{Second}:{Third}")
        : string.Create(CultureInfo.InvariantCulture, $"{First >> 16}:{First & 0xFFFF}");

    private static bool TryRead(string text, out uint number) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
