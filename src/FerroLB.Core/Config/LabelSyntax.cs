using System;

namespace FerroLB.Core.Config;

/// <summary>The syntax of label keys and values, as Kubernetes checks it.</summary>
internal static class LabelSyntax
{
    /// <summary>What a key must look like, for messages.</summary>
    public const string KeyRule =
        "is not a label key: at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit, " +
        "after an optional DNS name and '/'";

    /// <summary>What a value must look like, for messages.</summary>
    public const string ValueRule =
        "is not a label value: at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

    private const int NameLimit = 63;
    private const int PrefixLimit = 253;

    /// <summary>Whether the text is a name, or a DNS subdomain (RFC 1123), a slash and a name.</summary>
    public static bool IsKey(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? IsName(text) : IsSubdomain(text.AsSpan(0, slash)) && IsName(text.AsSpan(slash + 1));
    }

    /// <summary>Whether the text is empty or a name.</summary>
    public static bool IsValue(string text) => text.Length == 0 || IsName(text);

    private static bool IsName(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > NameLimit || !char.IsAsciiLetterOrDigit(text[0]) || !char.IsAsciiLetterOrDigit(text[^1]))
            return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
                return false;
        }
        return true;
    }

    private static bool IsSubdomain(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > PrefixLimit)
            return false;
        foreach (var range in text.Split('.'))
        {
            var label = text[range];
            if (label.Length == 0 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var c in label)
            {
                if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-')
                    return false;
            }
        }
        return true;
    }
}
