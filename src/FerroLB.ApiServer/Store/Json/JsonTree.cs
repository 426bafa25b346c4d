using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store.Json;

/// <summary>Short ways to read, compare and change JSON trees.</summary>
internal static class JsonTree
{
    /// <summary>The object at a path, or null when a step is missing or no object.</summary>
    public static JsonObject? Object(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    /// <summary>The array at a path, or null.</summary>
    public static JsonArray? Array(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonArray;

    /// <summary>The text at a path, or null when it is missing or no string.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path).AsText();

    /// <summary>The whole number at a path, or null.</summary>
    public static long? Integer(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path).AsInteger();

    /// <summary>The truth value at a path, or null.</summary>
    public static bool? Boolean(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.TryGetValue(out bool result) ? result : null;

    /// <summary>The node at a path, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (node is not JsonObject parent || !parent.TryGetPropertyValue(step, out node))
                return null;
        }
        return node;
    }

    /// <summary>This node as text, or null.</summary>
    public static string? AsText(this JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>This node as a whole number, or null.</summary>
    public static long? AsInteger(this JsonNode? node)
    {
        if (node is not JsonValue value)
            return null;
        if (value.TryGetValue(out long integer))
            return integer;
        if (value.TryGetValue(out int small))
            return small;
        return value.TryGetValue(out double number) && number == Math.Floor(number) && Math.Abs(number) < 9e18 ? (long)number : null;
    }

    /// <summary>This node as a number, or null.</summary>
    public static double? AsNumber(this JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out double number) ? number : node.AsInteger();

    /// <summary>The texts of an array; items of other kinds are left out.</summary>
    public static List<string> Texts(this JsonArray? array)
    {
        var texts = new List<string>();
        foreach (var item in array ?? [])
        {
            if (item.AsText() is { } text)
                texts.Add(text);
        }
        return texts;
    }

    /// <summary>The child object of that name, made if it is missing.</summary>
    public static JsonObject Ensure(this JsonObject parent, string name)
    {
        if (parent[name] is JsonObject child)
            return child;
        child = [];
        parent[name] = child;
        return child;
    }

    /// <summary>Replaces or, for a missing value, removes a member by a copy of a value.</summary>
    public static void Restore(this JsonObject target, string name, JsonObject source)
    {
        if (source.TryGetPropertyValue(name, out var value))
            target[name] = value?.DeepClone();
        else
            target.Remove(name);
    }

    /// <summary>An array of texts.</summary>
    public static JsonArray ToArray(IEnumerable<string> texts)
    {
        var array = new JsonArray();
        foreach (var text in texts)
            array.Add((JsonNode)text);
        return array;
    }

    /// <summary>A copy of the object of its own, null for null.</summary>
    public static JsonObject Copy(this JsonObject source) => (JsonObject)source.DeepClone();

    /// <summary>How many values a tree has, itself included, counted up to a limit.</summary>
    public static int CountUpTo(JsonNode? node, int limit)
    {
        var count = 1;
        if (node is JsonObject map)
        {
            foreach (var (_, child) in map)
                count += count < limit ? CountUpTo(child, limit - count) : 0;
        }
        else if (node is JsonArray array)
        {
            foreach (var child in array)
                count += count < limit ? CountUpTo(child, limit - count) : 0;
        }
        return count;
    }

    /// <summary>Whether containers are nested more than so many levels deep.</summary>
    public static bool IsDeeperThan(JsonNode? node, int levels)
    {
        if (node is JsonObject map)
        {
            foreach (var (_, child) in map)
            {
                if (levels == 0 || IsDeeperThan(child, levels - 1))
                    return true;
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var child in array)
            {
                if (levels == 0 || IsDeeperThan(child, levels - 1))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Whether two values are the same, the order of object members aside; 1 equals 1.0.</summary>
    public static bool Same(JsonNode? left, JsonNode? right)
    {
        if (ReferenceEquals(left, right))
            return true;
        return (left, right) switch
        {
            (JsonObject a, JsonObject b) => SameObjects(a, b),
            (JsonArray a, JsonArray b) => SameArrays(a, b),
            (JsonValue a, JsonValue b) => SameValues(a, b),
            _ => false,
        };
    }

    private static bool SameObjects(JsonObject left, JsonObject right)
    {
        if (left.Count != right.Count)
            return false;
        foreach (var (key, value) in left)
        {
            if (!right.TryGetPropertyValue(key, out var other) || !Same(value, other))
                return false;
        }
        return true;
    }

    private static bool SameArrays(JsonArray left, JsonArray right)
    {
        if (left.Count != right.Count)
            return false;
        for (var i = 0; i < left.Count; i++)
        {
            if (!Same(left[i], right[i]))
                return false;
        }
        return true;
    }

    private static bool SameValues(JsonValue left, JsonValue right)
    {
        if (left.AsText() is { } text)
            return text == right.AsText();
        if (left.TryGetValue(out bool truth))
            return right.TryGetValue(out bool other) && truth == other;
        if (left.AsInteger() is { } integer)
            return right.AsInteger() == integer;
        return left.AsNumber() is { } number && right.AsNumber() is { } otherNumber && number.Equals(otherNumber);
    }
}
