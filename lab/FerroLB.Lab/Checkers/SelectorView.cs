using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.Lab.Checkers;

/// <summary>A label selector that uses matchLabels only, as the workload writes them.</summary>
public sealed class SelectorView
{
    private readonly SortedDictionary<string, string> _labels;

    private SelectorView(SortedDictionary<string, string> labels) => _labels = labels;

    internal static List<SelectorView> ReadList(JsonElement? list) => [.. list.Items().Select(Read)];

    internal static SelectorView Read(JsonElement selector) => new(selector.Field("matchLabels").Map());

    /// <summary>Whether labels satisfy it.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        _labels.All(pair => labels.TryGetValue(pair.Key, out var value) && string.Equals(value, pair.Value, StringComparison.Ordinal));
}
