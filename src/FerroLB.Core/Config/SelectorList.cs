using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>
/// A list of selectors, of which one must match. What an empty list means depends on the field that holds it, so the caller names it:
/// usually "everything" (<see cref="IsEmptyOrMatches"/>). Equality disregards the order.
/// </summary>
public sealed class SelectorList : IEquatable<SelectorList>
{
    private readonly string _text;

    /// <summary>Makes a list of valid selectors.</summary>
    public SelectorList(IEnumerable<Selector> selectors)
    {
        Selectors = [.. selectors];
        _text = string.Join(" | ", Selectors.Select(selector => $"{{{selector}}}").Order(StringComparer.Ordinal));
    }

    /// <summary>The list without selectors.</summary>
    public static SelectorList Empty { get; } = new([]);

    /// <summary>The selectors as written.</summary>
    public ImmutableArray<Selector> Selectors { get; }

    /// <summary>Whether there is no selector.</summary>
    public bool IsEmpty => Selectors.IsEmpty;

    /// <summary>Whether at least one selector matches; an empty list matches nothing.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var selector in Selectors)
        {
            if (selector.Matches(labels))
                return true;
        }
        return false;
    }

    /// <summary>Whether the list is empty or at least one selector matches.</summary>
    public bool IsEmptyOrMatches(IReadOnlyDictionary<string, string> labels) => IsEmpty || Matches(labels);

    /// <inheritdoc/>
    public bool Equals(SelectorList? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SelectorList);

    /// <inheritdoc/>
    public override int GetHashCode() => Selectors.Length;

    /// <summary>The selectors, each in braces, joined by " | " in the order of their text.</summary>
    public override string ToString() => _text;
}
