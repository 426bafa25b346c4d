using System;
using System.Globalization;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>Kubernetes' order of version names: v2, v1, v1beta2, v1beta1, v1alpha1, and then all others by name.</summary>
internal static class ApiVersionOrder
{
    /// <summary>Negative when the left version is preferred.</summary>
    public static int Compare(string left, string right)
    {
        var (a, b) = (Read(left), Read(right));
        if (a is null || b is null)
            return a is null && b is null ? string.CompareOrdinal(left, right) : a is null ? 1 : -1;
        return b.Value.CompareTo(a.Value);
    }

    // (stability, major, minor): GA above beta above alpha.
    private static (int, int, int)? Read(string text)
    {
        var digits = text.AsSpan(Math.Min(1, text.Length));
        var end = digits.IndexOfAnyExceptInRange('0', '9');
        var rest = end < 0 ? default : digits[end..];
        if (!text.StartsWith('v') || !TryNumber(end < 0 ? digits : digits[..end], out var major))
            return null;
        if (rest.IsEmpty)
            return (3, major, 0);
        var stability = rest.StartsWith("beta") ? 2 : rest.StartsWith("alpha") ? 1 : 0;
        return stability > 0 && TryNumber(rest[(stability == 2 ? 4 : 5)..], out var minor) ? (stability, major, minor) : null;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
