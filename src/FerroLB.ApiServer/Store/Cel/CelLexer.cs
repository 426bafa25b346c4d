using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>One word of an expression.</summary>
/// <param name="Text">An identifier, an operator, or "" for a constant and the end.</param>
/// <param name="Value">The constant.</param>
/// <param name="IsLiteral">Whether this is a number or string.</param>
/// <param name="IsIdentifier">Whether this is a name.</param>
internal readonly record struct CelToken(string Text, object? Value, bool IsLiteral, bool IsIdentifier)
{
    /// <summary>Where it begins, counted from 0.</summary>
    public int At { get; init; }
}

/// <summary>Cuts a CEL expression into words.</summary>
internal static class CelLexer
{
    private static readonly string[] Operators =
        ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "!", "?", ":", ".", ",", "(", ")", "[", "]", "{", "}"];

    /// <summary>All words; throws <see cref="CelException"/>.</summary>
    public static List<CelToken> Read(string text)
    {
        var tokens = new List<CelToken>();
        var i = 0;
        while (i < text.Length)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }
            var at = i;
            tokens.Add(ReadToken(text, ref i) with { At = at });
        }
        tokens.Add(new("", null, false, false) { At = text.Length });
        return tokens;
    }

    private static CelToken ReadToken(string text, ref int i)
    {
        var c = text[i];
        if (c is '"' or '\'')
            return new("", ReadString(text, ref i, false), true, false);
        if (c == 'r' && i + 1 < text.Length && text[i + 1] is ('"' or '\''))
        {
            i++;
            return new("", ReadString(text, ref i, true), true, false);
        }
        if (char.IsAsciiDigit(c))
            return new("", ReadNumber(text, ref i), true, false);
        return char.IsAsciiLetter(c) || c == '_'
            ? new(ReadName(text, ref i), null, false, true)
            : new(ReadOperator(text, ref i), null, false, false);
    }

    private static string ReadName(string text, ref int i)
    {
        var start = i;
        while (i < text.Length && (char.IsAsciiLetterOrDigit(text[i]) || text[i] == '_'))
            i++;
        return text[start..i];
    }

    private static string ReadOperator(string text, ref int i)
    {
        foreach (var candidate in Operators)
        {
            if (string.CompareOrdinal(text, i, candidate, 0, candidate.Length) != 0)
                continue;
            i += candidate.Length;
            return candidate;
        }
        throw new CelException($"Syntax error: token recognition error at: '{text[i]}'");
    }

    private static object ReadNumber(string text, ref int i)
    {
        var start = i;
        while (i < text.Length && (char.IsAsciiDigit(text[i]) || (text[i] == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]))))
            i++;
        var digits = text.AsSpan(start, i - start);
        if (i < text.Length && text[i] is ('u' or 'U'))
            i++;
        if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var integer))
            return integer;
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new CelException($"Syntax error: bad number {digits}");
    }

    private static string ReadString(string text, ref int i, bool raw)
    {
        var quote = text[i++];
        var result = new StringBuilder();
        while (i < text.Length && text[i] != quote)
        {
            var c = text[i++];
            if (c != '\\' || raw || i == text.Length)
            {
                result.Append(c);
                continue;
            }
            var escaped = text[i++];
            result.Append(escaped switch { 'n' => '\n', 't' => '\t', 'r' => '\r', _ => escaped });
        }
        if (i == text.Length)
            throw new CelException("Syntax error: unterminated string");
        i++;
        return result.ToString();
    }
}
