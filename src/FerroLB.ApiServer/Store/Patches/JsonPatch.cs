using System;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Patches;

/// <summary>JSON patch (RFC 6902) with JSON pointers (RFC 6901).</summary>
internal static class JsonPatch
{
    private const int MaximumOperations = 10_000;
    private const int MaximumCopiedValues = 100_000;
    private const int MaximumSteps = 150;

    /// <summary>The target with all operations applied; the target is changed. Throws <see cref="ApiException"/> 400 or 422.</summary>
    public static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
            throw ApiErrors.BadRequest("json: cannot unmarshal object into Go value of type jsonpatch.Patch");
        if (operations.Count > MaximumOperations)
            throw new ApiException(413, "RequestEntityTooLarge",
                $"The allowed maximum operations in a JSON patch is {MaximumOperations}, got {operations.Count}");
        var copies = MaximumCopiedValues;
        foreach (var operation in operations)
            target = ApplyOne(target, operation, ref copies);
        return target;
    }

    private static JsonNode? ApplyOne(JsonNode? target, JsonNode? operation, ref int copies)
    {
        var name = operation.Text("op") ?? "";
        var path = Pointer(operation.Text("path") ?? throw Failed($"{name} operation missing path field"));
        switch (name)
        {
            case "add":
                return Add(target, path, ValueOf(operation));
            case "remove":
                return Remove(target, path, name, out _);
            case "replace":
                if (path.Length == 0)
                    return ValueOf(operation);
                target = Remove(target, path, name, out _);
                return Add(target, path, ValueOf(operation));
            case "move":
                var from = Pointer(operation.Text("from") ?? throw Failed("move operation missing from field"));
                if (path.Length > from.Length && path.AsSpan(0, from.Length).SequenceEqual(from))
                    throw Failed("move operation does not apply: a value cannot be moved into itself");
                target = Remove(target, from, name, out var moved);
                return Add(target, path, moved);
            case "copy":
                var source = Find(target, Pointer(operation.Text("from") ?? throw Failed("copy operation missing from field")), name);
                copies -= JsonTree.CountUpTo(source, copies + 1);
                return copies < 0 ? throw Failed("the copy operations copy too much") : Add(target, path, source?.DeepClone());
            case "test":
                if (!JsonTree.Same(Find(target, path, name), ValueOf(operation)))
                    throw Failed($"testing value {operation.Text("path")} failed: test failed");
                return target;
            default:
                throw ApiErrors.BadRequest($"Unexpected kind: {name}");
        }
    }

    private static JsonNode? ValueOf(JsonNode? operation) => operation is JsonObject map && map.TryGetPropertyValue("value", out var value)
        ? value?.DeepClone()
        : throw Failed("operation missing value field");

    private static string[] Pointer(string text)
    {
        if (text.Length == 0)
            return [];
        if (text[0] != '/')
            throw Failed($"invalid JSON pointer \"{text}\"");
        var steps = text[1..].Split('/');
        if (steps.Length > MaximumSteps)
            throw Failed($"a JSON pointer may have at most {MaximumSteps} steps");
        for (var i = 0; i < steps.Length; i++)
            steps[i] = steps[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
        return steps;
    }

    private static JsonNode? Find(JsonNode? target, ReadOnlySpan<string> path, string operation)
    {
        foreach (var step in path)
        {
            target = target switch
            {
                JsonObject map when map.TryGetPropertyValue(step, out var child) => child,
                JsonArray array => array[Index(step, array.Count - 1, operation)],
                _ => throw Missing(operation, path),
            };
        }
        return target;
    }

    private static JsonNode? Add(JsonNode? target, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
            return value;
        var last = path[^1];
        switch (Find(target, path.AsSpan(0, path.Length - 1), "add"))
        {
            case JsonObject map:
                map[last] = value;
                break;
            case JsonArray array:
                array.Insert(last == "-" ? array.Count : Index(last, array.Count, "add"), value);
                break;
            default:
                throw Missing("add", path);
        }
        return target;
    }

    private static JsonNode? Remove(JsonNode? target, string[] path, string operation, out JsonNode? removed)
    {
        removed = target;
        if (path.Length == 0)
            return null;
        var last = path[^1];
        switch (Find(target, path.AsSpan(0, path.Length - 1), operation))
        {
            case JsonObject map when map.TryGetPropertyValue(last, out removed):
                map.Remove(last);
                return target;
            case JsonArray array:
                var index = Index(last, array.Count - 1, operation);
                removed = array[index];
                array.RemoveAt(index);
                return target;
            default:
                throw Missing(operation, path);
        }
    }

    private static int Index(string step, int most, string operation)
    {
        var canonical = step is "0" || (step.Length > 0 && step[0] != '0');
        return canonical && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= most
            ? index
            : throw Failed($"{operation} operation does not apply: doc is missing key: {step}: missing value");
    }

    private static ApiException Missing(string operation, ReadOnlySpan<string> path) =>
        Failed($"{operation} operation does not apply: doc is missing path: \"/{string.Join('/', path!)}\": missing value");

    private static ApiException Failed(string message) =>
        new(422, "Invalid", $"the server rejected our request due to an error in our request: {message}");
}
