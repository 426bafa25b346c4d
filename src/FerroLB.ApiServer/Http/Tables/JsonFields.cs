using System;
using System.Collections.Generic;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>Reads fields of objects whose shape is not certain: what is absent or of another type reads as nothing.</summary>
internal static class JsonFields
{
    /// <summary>The element at a path of field names; an undefined element when there is none.</summary>
    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (string name in path)
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                return default;
        }
        return element;
    }

    /// <summary>The string at a path, or "".</summary>
    public static string Text(this JsonElement element, params ReadOnlySpan<string> path)
    {
        JsonElement found = element.At(path);
        return found.ValueKind == JsonValueKind.String ? found.GetString()! : "";
    }

    /// <summary>The integer at a path, or 0.</summary>
    public static long Integer(this JsonElement element, params ReadOnlySpan<string> path)
    {
        JsonElement found = element.At(path);
        return found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out long value) ? value : 0;
    }

    /// <summary>Whether the path holds true.</summary>
    public static bool IsTrue(this JsonElement element, params ReadOnlySpan<string> path) =>
        element.At(path).ValueKind == JsonValueKind.True;

    /// <summary>The elements of the array at a path, or none.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, params ReadOnlySpan<string> path)
    {
        JsonElement found = element.At(path);
        return found.ValueKind == JsonValueKind.Array ? found.EnumerateArray() : [];
    }

    /// <summary>The fields of the object at a path, or none.</summary>
    public static IEnumerable<JsonProperty> Fields(this JsonElement element, params ReadOnlySpan<string> path)
    {
        JsonElement found = element.At(path);
        return found.ValueKind == JsonValueKind.Object ? found.EnumerateObject() : [];
    }

    /// <summary>The text, or Kubernetes' word for nothing.</summary>
    public static string OrNone(this string text) => text.Length == 0 ? "<none>" : text;
}
