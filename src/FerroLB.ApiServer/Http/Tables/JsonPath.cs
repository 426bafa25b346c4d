using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>
/// The part of JSONPath that printer columns use: `.spec.addresses`, `.status['key']`, `.items[0]`, `.items[*]`, `\.` for a dot within
/// a name, and `.conditions[?(@.type=="Ready")].status`. What does not parse finds nothing.
/// </summary>
public sealed class JsonPath
{
    private readonly List<Func<JsonElement, IEnumerable<JsonElement>>> _steps = [];

    private JsonPath()
    {
    }

    /// <summary>Parses a path; a path that cannot be understood becomes one that finds nothing.</summary>
    public static JsonPath Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var path = new JsonPath();
        ReadOnlySpan<char> rest = text.AsSpan().Trim().TrimStart('$');
        while (!rest.IsEmpty)
        {
            if (!path.TryTakeStep(ref rest))
                return Unreadable();
        }
        return path;
    }

    /// <summary>The first element that the path finds; undefined when there is none.</summary>
    public JsonElement First(JsonElement root)
    {
        foreach (JsonElement found in Walk(root, 0))
            return found;
        return default;
    }

    private static JsonPath Unreadable()
    {
        var path = new JsonPath();
        path._steps.Add(_ => []);
        return path;
    }

    private IEnumerable<JsonElement> Walk(JsonElement element, int step)
    {
        if (step == _steps.Count)
        {
            yield return element;
            yield break;
        }
        foreach (JsonElement next in _steps[step](element))
        {
            foreach (JsonElement found in Walk(next, step + 1))
                yield return found;
        }
    }

    private bool TryTakeStep(ref ReadOnlySpan<char> rest)
    {
        if (rest[0] == '[')
            return TryTakeBracket(ref rest);
        if (rest[0] != '.')
            return false;
        rest = rest[1..];
        if (rest.IsEmpty || rest[0] == '[')
            return true;
        string name = TakeName(ref rest);
        if (name.Length == 0)
            return false;
        _steps.Add(name == "*" ? Elements : element => Field(element, name));
        return true;
    }

    private static string TakeName(ref ReadOnlySpan<char> rest)
    {
        var name = new System.Text.StringBuilder();
        int index = 0;
        while (index < rest.Length && rest[index] is not ('.' or '['))
        {
            if (rest[index] == '\\' && index + 1 < rest.Length)
                index++;
            name.Append(rest[index++]);
        }
        rest = rest[index..];
        return name.ToString();
    }

    private bool TryTakeBracket(ref ReadOnlySpan<char> rest)
    {
        int end = rest.IndexOf(']');
        if (end < 0)
            return false;
        ReadOnlySpan<char> inside = rest[1..end].Trim();
        rest = rest[(end + 1)..];
        if (inside is "*")
        {
            _steps.Add(Elements);
            return true;
        }
        if (inside.StartsWith("?(") && inside.EndsWith(")"))
            return TryAddFilter(inside[2..^1].ToString());
        if (int.TryParse(inside, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int position))
        {
            _steps.Add(element => Position(element, position));
            return true;
        }
        string name = inside.Trim("'\"").ToString();
        _steps.Add(element => Field(element, name));
        return name.Length > 0;
    }

    private bool TryAddFilter(string condition)
    {
        int equals = condition.IndexOf("==", StringComparison.Ordinal);
        if (equals < 0 || !condition.StartsWith('@'))
            return false;
        JsonPath left = Parse(condition[1..equals]);
        string wanted = condition[(equals + 2)..].Trim().Trim('\'', '"');
        _steps.Add(element => Matching(element, left, wanted));
        return true;
    }

    private static IEnumerable<JsonElement> Matching(JsonElement element, JsonPath left, string wanted)
    {
        foreach (JsonElement candidate in Elements(element))
        {
            JsonElement value = left.First(candidate);
            if (value.ValueKind != JsonValueKind.Undefined && value.ToString() == wanted)
                yield return candidate;
        }
    }

    private static IEnumerable<JsonElement> Field(JsonElement element, string name)
    {
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value))
            yield return value;
    }

    private static IEnumerable<JsonElement> Position(JsonElement element, int position)
    {
        if (element.ValueKind != JsonValueKind.Array)
            yield break;
        int index = position < 0 ? element.GetArrayLength() + position : position;
        if (index >= 0 && index < element.GetArrayLength())
            yield return element[index];
    }

    private static IEnumerable<JsonElement> Elements(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement item in element.EnumerateArray())
                yield return item;
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty property in element.EnumerateObject())
                yield return property.Value;
        }
    }
}
