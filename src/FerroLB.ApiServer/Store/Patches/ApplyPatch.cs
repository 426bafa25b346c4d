using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Store.Patches;

/// <summary>
/// Server-side apply: the applied fields are merged into the live object, fields that this manager applied before and no longer does are
/// removed unless somebody else owns them, and a field whose value would change although another manager owns it is a conflict.
/// </summary>
internal static class ApplyPatch
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>The result of applying; the live object (null for a new one) is not changed. Throws <see cref="ApiException"/>.</summary>
    public static JsonObject Apply(
        JsonObject? live, JsonObject applied, SchemaNode schema, FieldOwner manager, bool force, DateTimeOffset utcNow)
    {
        var before = live ?? new JsonObject { ["apiVersion"] = applied.Text("apiVersion"), ["kind"] = applied.Text("kind") };
        CheckTyped(applied, schema, "", applied);
        var managers = ManagedFields.Read(before);
        var set = FieldOwnership.Of(applied, schema);
        ManagedFields.Strip(set);
        var result = (JsonObject)Merge(before, applied, schema)!;
        if (managers.Find(manager) is { } own)
            RemoveAbandoned(result, own.Fields, set, managers, manager, schema);
        var difference = FieldOwnership.Compare(before, result, schema);
        ManagedFields.Strip(difference.Written);
        if (!force)
            CheckConflicts(before, managers, manager, difference.Written, schema);
        managers.RecordApply(set, difference, manager, utcNow);
        managers.Write(result);
        return result;
    }

    private static JsonNode? Merge(JsonNode? live, JsonNode? applied, SchemaNode schema)
    {
        if (FieldOwnership.IsLeaf(applied, schema) || live is null)
            return applied?.DeepClone();
        if (applied is JsonObject map && live is JsonObject liveMap)
        {
            var result = liveMap.Copy();
            foreach (var (name, child) in map)
                result[name] = Merge(liveMap[name], child, FieldOwnership.Member(schema, name));
            return result;
        }
        return applied is JsonArray array && live is JsonArray liveArray ? MergeLists(liveArray, array, schema) : applied?.DeepClone();
    }

    private static JsonArray MergeLists(JsonArray live, JsonArray applied, SchemaNode schema)
    {
        var result = (JsonArray)live.DeepClone();
        foreach (var item in applied)
        {
            var key = FieldOwnership.ItemKey(item, schema);
            var index = IndexOf(result, key, schema);
            if (index < 0)
                result.Add(item?.DeepClone());
            else if (schema.ListType == "map")
                result[index] = Merge(live[index], item, schema.Items ?? SchemaNode.Anything);
        }
        return result;
    }

    private static int IndexOf(JsonArray array, string? key, SchemaNode schema)
    {
        for (var i = 0; i < array.Count; i++)
        {
            if (FieldOwnership.ItemKey(array[i], schema) == key)
                return i;
        }
        return -1;
    }

    private static void RemoveAbandoned(
        JsonObject result, FieldSet before, FieldSet now, ManagedFields managers, FieldOwner manager, SchemaNode schema)
    {
        var abandoned = before.Copy();
        abandoned.Subtract(now);
        var kept = now.Copy();
        foreach (var entry in managers.Entries)
        {
            if (!entry.Manager.Is(manager))
                kept.Add(entry.Fields);
        }
        Remove(result, abandoned, kept, schema);
    }

    private static void Remove(JsonNode? value, FieldSet abandoned, FieldSet? kept, SchemaNode schema)
    {
        foreach (var (key, child) in abandoned.Children)
        {
            var keptChild = kept?.Find(key);
            var goes = child.IsMember && (keptChild is null || keptChild.IsEmpty);
            if (value is JsonObject map && key.StartsWith("f:", StringComparison.Ordinal))
            {
                var name = key[2..];
                if (goes)
                    map.Remove(name);
                else
                    Remove(map[name], child, keptChild, FieldOwnership.Member(schema, name));
            }
            else if (value is JsonArray array && IndexOf(array, key, schema) is var index and >= 0)
            {
                if (goes)
                    array.RemoveAt(index);
                else
                    Remove(array[index], child, keptChild, schema.Items ?? SchemaNode.Anything);
            }
        }
    }

    private static void CheckConflicts(JsonObject live, ManagedFields managers, FieldOwner manager, FieldSet written, SchemaNode schema)
    {
        var conflicts = new List<(FieldOwner Manager, string Path)>();
        var adopted = managers.Find(manager) is null && manager.Name == "kubectl" ? LastAppliedFields(live, schema) : null;
        foreach (var entry in managers.Entries)
        {
            if (entry.Manager.Is(manager))
                continue;
            var clash = entry.Fields.Intersect(written);
            if (adopted is not null)
                clash.Subtract(adopted);
            foreach (var path in clash.Paths())
                conflicts.Add((entry.Manager, path));
        }
        if (conflicts.Count > 0)
            throw Conflict(conflicts);
    }

    // Who moves from client-side to server-side apply keeps the fields that it had applied on the client side.
    private static FieldSet? LastAppliedFields(JsonObject live, SchemaNode schema)
    {
        if (live.Object("metadata", "annotations").Text(LastApplied) is not { } text)
            return null;
        try
        {
            return FieldOwnership.Of(JsonText.Parse(text), schema);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ApiException Conflict(List<(FieldOwner Manager, string Path)> conflicts)
    {
        var causes = new JsonArray();
        var byManager = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (manager, path) in conflicts)
        {
            causes.Add((JsonNode)new JsonObject
            {
                ["reason"] = "FieldManagerConflict", ["message"] = $"conflict with {manager}", ["field"] = path,
            });
            if (!byManager.TryGetValue(manager.ToString(), out var paths))
                byManager[manager.ToString()] = paths = [];
            paths.Add(path);
        }
        var message = $"Apply failed with 1 conflict: conflict with {conflicts[0].Manager}: {conflicts[0].Path}";
        if (conflicts.Count > 1)
        {
            var lines = new List<string>();
            foreach (var (manager, paths) in byManager)
                lines.Add($"conflicts with {manager}:\n- {string.Join("\n- ", paths)}");
            message = $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', lines)}";
        }
        return new(409, "Conflict", message, new JsonObject { ["causes"] = causes });
    }

    private static void CheckTyped(JsonNode? value, SchemaNode schema, string path, JsonObject whole)
    {
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    var isCommon = path.Length == 0 && name is ("apiVersion" or "kind" or "metadata");
                    if (!isCommon && schema.Member(name) is null)
                        throw Untyped(whole, $"{path}.{name}: field not declared in schema");
                    CheckTyped(child, FieldOwnership.Member(schema, name), $"{path}.{name}", whole);
                }
                break;
            case JsonArray array when schema.ListType == "map":
                CheckKeys(array, schema, path, whole);
                break;
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array)
                    CheckTyped(item, items, path, whole);
                break;
        }
    }

    private static void CheckKeys(JsonArray array, SchemaNode schema, string path, JsonObject whole)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < array.Count; i++)
        {
            foreach (var name in schema.ListMapKeys)
            {
                if (array[i].At(name) is null && schema.Items?.Member(name)?.Default is null)
                    throw Untyped(whole, $"{path}: element {i}: associative list with keys has an element that omits key field \"{name}\"");
            }
            var key = FieldOwnership.ItemKey(array[i], schema)!;
            if (!seen.Add(key))
                throw Untyped(whole, $"duplicate entries for key [{key[3..^1]}]");
            CheckTyped(array[i], schema.Items ?? SchemaNode.Anything, $"{path}[{key[3..^1]}]", whole);
        }
    }

    private static ApiException Untyped(JsonObject applied, string why)
    {
        var metadata = applied.Object("metadata");
        var name = metadata.Text("namespace") is { Length: > 0 } space ? $"{space}/{metadata.Text("name")}" : metadata.Text("name");
        var apiVersion = applied.Text("apiVersion") ?? "";
        var qualified = apiVersion.Contains('/', StringComparison.Ordinal) ? apiVersion : "/" + apiVersion;
        return new(500, "", $"failed to create typed patch object ({name}; {qualified}, Kind={applied.Text("kind")}): {why}");
    }
}
