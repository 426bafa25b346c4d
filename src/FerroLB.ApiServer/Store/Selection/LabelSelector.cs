using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Selection;

/// <summary>A label selector of the query string, as in "app=web,tier in (a,b),!legacy,n&gt;3".</summary>
internal sealed class LabelSelector
{
    private readonly List<(string Key, string Operator, List<string> Values)> _requirements = [];

    /// <summary>Whether everything matches.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Reads a selector; throws <see cref="ApiException"/> 400.</summary>
    public static LabelSelector Parse(string? text)
    {
        var selector = new LabelSelector();
        foreach (var part in SplitOutsideParentheses(text ?? ""))
            selector._requirements.Add(ParseRequirement(part.Trim(), text!));
        return selector;
    }

    /// <summary>Whether labels match.</summary>
    public bool Matches(JsonObject? labels)
    {
        foreach (var (key, @operator, values) in _requirements)
        {
            if (!Holds(@operator, values, labels.Text(key)))
                return false;
        }
        return true;
    }

    private static bool Holds(string @operator, List<string> values, string? label) => @operator switch
    {
        "exists" => label is not null,
        "!" => label is null,
        "in" => label is not null && values.Contains(label),
        "notin" => label is null || !values.Contains(label),
        _ => long.TryParse(label, out var number) && long.TryParse(values[0], out var bound) &&
            (@operator == ">" ? number > bound : number < bound),
    };

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        var depth = 0;
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
            if (text[i] != ',' || depth != 0)
                continue;
            yield return text[start..i];
            start = i + 1;
        }
        if (text.AsSpan(start).Trim().Length > 0 || start > 0)
            yield return text[start..];
    }

    private static (string, string, List<string>) ParseRequirement(string part, string whole)
    {
        var symbol = part.AsSpan(Math.Min(1, part.Length)).IndexOfAny("=!<>") + 1;
        if (symbol > 0)
        {
            var text = part[symbol..];
            var length = text.StartsWith("==", StringComparison.Ordinal) || text.StartsWith("!=", StringComparison.Ordinal) ? 2 : 1;
            var name = text[..length] switch { "=" or "==" => "in", "!=" => "notin", ">" => ">", "<" => "<", _ => throw Bad(whole, text) };
            return (Key(part[..symbol]), name, [Value(text[length..])]);
        }
        if (part.StartsWith('!'))
            return (Key(part[1..]), "!", []);
        var words = part.Split([' ', '('], 2, StringSplitOptions.TrimEntries);
        if (words.Length == 1)
            return (Key(part), "exists", []);
        return ParseSet(part, whole);
    }

    private static (string, string, List<string>) ParseSet(string part, string whole)
    {
        var open = part.IndexOf('(', StringComparison.Ordinal);
        var words = (open < 0 ? part : part[..open]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (open < 0 || !part.EndsWith(')') || words.Length != 2 || words[1] is not ("in" or "notin"))
            throw Bad(whole, words.Length > 1 ? words[1] : part);
        var values = new List<string>();
        foreach (var value in part[(open + 1)..^1].Split(','))
            values.Add(Value(value));
        return (Key(words[0]), words[1], values);
    }

    private static string Key(string text) => ObjectNames.LabelKeyError(text.Trim()) is { } error
        ? throw ApiErrors.BadRequest($"unable to parse requirement: <nil>: Invalid value: {JsonText.ToText(text.Trim())}: {error}")
        : text.Trim();

    private static string Value(string text) => ObjectNames.LabelValueError(text.Trim()) is { } error
        ? throw ApiErrors.BadRequest($"unable to parse requirement: values[0]: Invalid value: {JsonText.ToText(text.Trim())}: {error}")
        : text.Trim();

    private static ApiException Bad(string whole, string found) =>
        ApiErrors.BadRequest($"unable to parse requirement: found '{found}', expected: in, notin, =, ==, !=, gt, lt (in \"{whole}\")");
}
