using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>What a <see cref="SelectorTerm"/> asks of a label.</summary>
public enum SelectorOperator
{
    /// <summary>The label is present with one of the values.</summary>
    In,

    /// <summary>The label is absent or has none of the values.</summary>
    NotIn,

    /// <summary>The label is present.</summary>
    Exists,

    /// <summary>The label is absent.</summary>
    DoesNotExist,
}

/// <summary>One condition of a <see cref="Selector"/>.</summary>
/// <param name="Key">The label's key.</param>
/// <param name="Operator">The question.</param>
/// <param name="Values">Sorted, without duplicates; empty for Exists and DoesNotExist.</param>
public sealed record SelectorTerm(string Key, SelectorOperator Operator, ImmutableArray<string> Values)
{
    /// <summary>Whether a set of labels meets the condition.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var present = labels.TryGetValue(Key, out var value);
        return Operator switch
        {
            SelectorOperator.In => present && Values.Contains(value!, StringComparer.Ordinal),
            SelectorOperator.NotIn => !present || !Values.Contains(value!, StringComparer.Ordinal),
            SelectorOperator.Exists => present,
            _ => !present,
        };
    }

    /// <summary>The condition in the notation of kubectl's -l, for instance "tier in (a,b)".</summary>
    public override string ToString() => Operator switch
    {
        SelectorOperator.In when Values.Length == 1 => $"{Key}={Values[0]}",
        SelectorOperator.In => $"{Key} in ({string.Join(',', Values)})",
        SelectorOperator.NotIn => $"{Key} notin ({string.Join(',', Values)})",
        SelectorOperator.Exists => Key,
        _ => $"!{Key}",
    };
}

/// <summary>
/// A valid label selector, ready to be asked. All its terms must match; without terms it matches everything. Two selectors are equal when
/// they have the same terms, in whatever order they were written.
/// </summary>
public sealed class Selector : IEquatable<Selector>
{
    private readonly string _text;

    /// <summary>Makes a selector of valid terms.</summary>
    public Selector(IEnumerable<SelectorTerm> terms)
    {
        Terms = [.. terms.OrderBy(term => term.ToString(), StringComparer.Ordinal)];
        _text = string.Join(',', Terms);
    }

    /// <summary>The selector without terms.</summary>
    public static Selector Everything { get; } = new([]);

    /// <summary>The terms, in the order of their text.</summary>
    public ImmutableArray<SelectorTerm> Terms { get; }

    /// <summary>Whether every term matches.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var term in Terms)
        {
            if (!term.Matches(labels))
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Selector? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Selector);

    /// <inheritdoc/>
    public override int GetHashCode() => Terms.Length;

    /// <summary>The terms in kubectl's notation, joined by commas; empty for a selector that matches everything.</summary>
    public override string ToString() => _text;
}
