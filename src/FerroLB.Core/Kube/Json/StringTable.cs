using System;
using System.Collections.Generic;

namespace FerroLB.Core.Kube.Json;

/// <summary>
/// Keeps one copy of each short string that turns up again and again in objects: label keys, namespaces, protocols, the names of Services.
/// <para>
/// It is bounded, and forgets what turns up no more: strings come into the young half, and when that is full it becomes the old half,
/// from which those that are met again are taken over.
/// </para>
/// </summary>
public sealed class StringTable
{
    /// <summary>Most strings in each half.</summary>
    public const int MostInHalf = 16_384;

    /// <summary>Most lists of one text of which one copy is kept.</summary>
    public const int MostLists = 1_024;

    private const int MaximumLength = 96;
    private readonly Dictionary<string, string[]> _lists = new(StringComparer.Ordinal);
    private Dictionary<string, string> _young = new(StringComparer.Ordinal);
    private Dictionary<string, string> _old = new(StringComparer.Ordinal);

    /// <summary>The one copy of a text, if it is worth keeping.</summary>
    public string Intern(string text)
    {
        if (text.Length > MaximumLength)
            return text;
        if (_young.TryGetValue(text, out var known))
            return known;
        if (!_old.TryGetValue(text, out known))
            known = text;
        if (_young.Count == MostInHalf)
        {
            (_young, _old) = (_old, _young);
            _young.Clear();
        }
        _young.Add(known, known);
        return known;
    }

    /// <summary>A list of one text, such as the one family of a Service: the one copy of it, if it is among the first that came.</summary>
    public IReadOnlyList<string> ListOf(string text)
    {
        if (_lists.TryGetValue(text, out var known))
            return known;
        string[] list = [text];
        if (_lists.Count < MostLists && text.Length <= MaximumLength)
            _lists.Add(text, list);
        return list;
    }
}
