using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Text.RegularExpressions;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The interfaces that layer 2 shall not know of: those whose name matches any of a list of regular expressions, unanchored. Matching
/// takes time linear in the name, so look-around and back-references are no part of the language.
/// </summary>
public sealed class InterfaceExclusions
{
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly (string Re2, string Net)[] Dialect =
    [
        ("(?P<", "(?<"), ("[:alnum:]", "0-9A-Za-z"), ("[:alpha:]", "A-Za-z"), ("[:digit:]", "0-9"), ("[:lower:]", "a-z"),
        ("[:upper:]", "A-Z"), ("[:xdigit:]", "0-9A-Fa-f"), ("[:word:]", "0-9A-Za-z_"), ("[:space:]", "\\s"),
    ];

    private readonly IReadOnlyList<Regex> _patterns;

    private InterfaceExclusions(IReadOnlyList<Regex> patterns) => _patterns = patterns;

    /// <summary>Excludes nothing.</summary>
    public static InterfaceExclusions None { get; } = new([]);

    /// <summary>Whether an interface of this name is excluded.</summary>
    public bool Excludes(string interfaceName) => _patterns.Any(pattern => pattern.IsMatch(interfaceName));

    /// <summary>
    /// Reads patterns, the value of announcedInterfacesToExclude. When one is not valid, the result is false and the error says
    /// which, why, and what to write instead.
    /// </summary>
    public static bool TryCreate(
        IReadOnlyList<string> patterns,
        [NotNullWhen(true)] out InterfaceExclusions? exclusions,
        [NotNullWhen(false)] out string? error)
    {
        exclusions = null;
        var read = new List<Regex>();
        for (var i = 0; i < patterns.Count; i++)
        {
            if (!TryRead(patterns[i], out var regex, out var reason))
            {
                error = $"announcedInterfacesToExclude[{i}]: \"{patterns[i]}\" is not a usable regular expression: {reason}; " +
                    "write one such as \"^docker.*\", without look-around or back-references";
                return false;
            }
            read.Add(regex);
        }
        exclusions = new(read);
        error = null;
        return true;
    }

    private static bool TryRead(string pattern, [NotNullWhen(true)] out Regex? regex, out string reason)
    {
        regex = null;
        reason = "";
        try
        {
            var translated = Dialect.Aggregate(pattern, (text, pair) => text.Replace(pair.Re2, pair.Net, StringComparison.Ordinal));
            reason = "it names an unknown character class";
            if (translated.Contains("[[:", StringComparison.Ordinal))
                return false;
            regex = new(translated, Options);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            reason = e.Message;
            return false;
        }
    }
}
