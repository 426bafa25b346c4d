using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace FerroLB.ApiServer.Store.Cel;

/// <summary>What a node of an expression is.</summary>
internal enum CelKind
{
    /// <summary>A constant.</summary>
    Literal,

    /// <summary>A variable; the text is its name.</summary>
    Identifier,

    /// <summary>A member; the text is its name, the first child the target.</summary>
    Select,

    /// <summary>An index into a list or map.</summary>
    Index,

    /// <summary>A function or operator; the text is its name.</summary>
    Call,

    /// <summary>A method; the text is its name, the first child the target.</summary>
    Method,

    /// <summary>A list of the children.</summary>
    List,

    /// <summary>A map of alternating keys and values.</summary>
    Map,
}

/// <summary>One node of a parsed CEL expression.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">A name, or "".</param>
/// <param name="Value">The constant of a literal: null, bool, long, double or string.</param>
/// <param name="Children">Operands, in order.</param>
internal sealed record CelNode(CelKind Kind, string Text, object? Value, ImmutableArray<CelNode> Children)
{
    /// <summary>How many nodes lie on the longest way down, itself included.</summary>
    public int Depth { get; } = 1 + Deepest(Children);

    /// <summary>Where complaints about it point, counted from 0: a name, an operator, the dot of a member, the bracket of a call.</summary>
    public int At { get; init; }

    /// <summary>For the method "matches" with a constant pattern: the pattern, compiled once for all values.</summary>
    public Regex? Pattern { get; init; }

    private static int Deepest(ImmutableArray<CelNode> children)
    {
        var deepest = 0;
        foreach (var child in children)
            deepest = child.Depth > deepest ? child.Depth : deepest;
        return deepest;
    }

    /// <summary>Whether a variable of that name occurs anywhere.</summary>
    public bool Mentions(string identifier)
    {
        if (Kind == CelKind.Identifier && Text == identifier)
            return true;
        foreach (var child in Children)
        {
            if (child.Mentions(identifier))
                return true;
        }
        return false;
    }
}
