using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.Lab.Checkers;

/// <summary>A label selector as the checkers see it: every label and every expression must hold.</summary>
public sealed class SelectorView
{
    private readonly SortedDictionary<string, string> _labels;
    private readonly List<(string Key, string Operator, List<string> Values)> _expressions;

    private SelectorView(JsonElement selector)
    {
        _labels = selector.Field("matchLabels").Map();
        _expressions = [.. selector.Field("matchExpressions").Items().Select(item => (
            item.Field("key").Text() ?? "", item.Field("operator").Text() ?? "",
            item.Field("values").Texts().Order(StringComparer.Ordinal).ToList()))];
    }

    /// <summary>Whether it may be used at all, on its own.</summary>
    public bool IsValid => _expressions.All(item => item.Operator switch
    {
        "In" or "NotIn" => item.Values.Count > 0 && item.Values.Distinct(StringComparer.Ordinal).Count() == item.Values.Count,
        "Exists" or "DoesNotExist" => item.Values.Count == 0,
        _ => false,
    }) && _expressions.Select(Text).Distinct(StringComparer.Ordinal).Count() == _expressions.Count;

    internal static List<SelectorView> ReadList(JsonElement? list) => [.. list.Items().Select(Read)];

    internal static SelectorView Read(JsonElement selector) => new(selector);

    /// <summary>Whether a list may be used: each selector on its own, and none twice.</summary>
    public static bool AreValid(IReadOnlyList<SelectorView> list) => list.All(selector => selector.IsValid) &&
        list.Select(selector => selector.ToString()).Distinct(StringComparer.Ordinal).Count() == list.Count;

    /// <summary>Whether labels satisfy it.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels) =>
        _labels.All(pair => labels.TryGetValue(pair.Key, out var value) && string.Equals(value, pair.Value, StringComparison.Ordinal)) &&
        _expressions.All(item => item.Operator switch
        {
            "In" => labels.TryGetValue(item.Key, out var value) && item.Values.Contains(value),
            "NotIn" => !labels.TryGetValue(item.Key, out var value) || !item.Values.Contains(value),
            "Exists" => labels.ContainsKey(item.Key),
            _ => !labels.ContainsKey(item.Key),
        });

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join(',', _labels.Select(pair => $"{pair.Key}={pair.Value}")) + ";" + string.Join(',', _expressions.Select(Text));

    private static string Text((string Key, string Operator, List<string> Values) item) =>
        $"{item.Key} {item.Operator} {string.Join('+', item.Values)}";
}
