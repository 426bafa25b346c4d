using System;
using System.Collections.Generic;
using System.Text.Json;

namespace FerroLB.Lab.Checkers;

/// <summary>Reads fields of API objects for the checkers, which must not see the world through the decoders that they check.</summary>
internal static class JsonReading
{
    private static readonly SortedDictionary<string, string> NoMap = new(StringComparer.Ordinal);

    public static JsonElement? Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null
            ? value : null;

    public static JsonElement? Field(this JsonElement? element, string name) => element?.Field(name);

    public static string? Text(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static bool? Flag(this JsonElement? element) => element?.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static int Number(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Number } value && value.TryGetInt32(out var number) ? number : 0;

    public static IEnumerable<JsonElement> Items(this JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    public static List<string> Texts(this JsonElement? element)
    {
        var texts = new List<string>();
        foreach (var item in element.Items())
            texts.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : "");
        return texts;
    }

    public static SortedDictionary<string, string> Map(this JsonElement? element)
    {
        if (element is not { ValueKind: JsonValueKind.Object } value)
            return NoMap;
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
            map[property.Name] = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString()! : "";
        return map;
    }
}
