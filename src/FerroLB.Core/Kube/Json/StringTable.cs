using System;
using System.Collections.Generic;

namespace FerroLB.Core.Kube.Json;

/// <summary>
/// Keeps one copy of each short string that turns up again and again in objects (label keys, namespaces, protocols, pool names). It is
/// bounded: once full, strings it does not know are passed through as they are.
/// </summary>
public sealed class StringTable
{
    private const int MaximumEntries = 8192;
    private const int MaximumLength = 96;
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <summary>The one copy of a text, if it is worth keeping.</summary>
    public string Intern(string text)
    {
        if (text.Length > MaximumLength)
            return text;
        if (_known.TryGetValue(text, out var known))
            return known;
        if (_known.Count < MaximumEntries)
            _known.Add(text, text);
        return text;
    }
}
