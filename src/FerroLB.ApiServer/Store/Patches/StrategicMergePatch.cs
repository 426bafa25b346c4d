using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Store.Patches;

/// <summary>
/// Kubernetes' strategic merge patch: as a merge patch, but lists whose schema says "merge" are merged item by item, and directives
/// ($patch, $retainKeys, $setElementOrder/x, $deleteFromPrimitiveList/x) say what plain JSON cannot.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Order = "$setElementOrder/";
    private const string DeleteValues = "$deleteFromPrimitiveList/";

    /// <summary>Applies a patch to an object in place. Throws <see cref="ApiException"/> 400.</summary>
    public static void Apply(JsonObject target, JsonObject patch, SchemaNode schema)
    {
        switch (patch.Text("$patch"))
        {
            case "replace":
                target.Clear();
                break;
            case "delete":
                target.Clear();
                return;
            case null or "merge":
                break;
            case var directive:
                throw ApiErrors.BadRequest($"Unknown patch type found: {directive}");
        }
        RetainKeys(target, patch);
        foreach (var (name, change) in patch)
        {
            if (name.StartsWith(DeleteValues, StringComparison.Ordinal))
                RemoveValues(target, name[DeleteValues.Length..], change as JsonArray ?? []);
        }
        foreach (var (name, change) in patch)
        {
            if (!name.StartsWith('$'))
                ApplyMember(target, name, change, schema.Member(name) ?? SchemaNode.Anything);
        }
        foreach (var (name, order) in patch)
        {
            if (name.StartsWith(Order, StringComparison.Ordinal))
                Reorder(target, name[Order.Length..], order as JsonArray ?? [], schema);
        }
    }

    private static void RetainKeys(JsonObject target, JsonObject patch)
    {
        if (patch.Array("$retainKeys") is not { } retained)
            return;
        var keep = retained.Texts();
        var names = new List<string>();
        foreach (var (name, _) in target)
            names.Add(name);
        foreach (var name in names)
        {
            if (!keep.Contains(name))
                target.Remove(name);
        }
    }

    private static void ApplyMember(JsonObject target, string name, JsonNode? change, SchemaNode schema)
    {
        switch (change)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject map:
                if (target[name] is not JsonObject existing)
                    target[name] = existing = [];
                Apply(existing, map, schema);
                if (map.Text("$patch") == "delete")
                    target.Remove(name);
                break;
            case JsonArray items when schema.PatchStrategy.StartsWith("merge", StringComparison.Ordinal):
                if (target[name] is not JsonArray list)
                    target[name] = list = [];
                MergeList(list, items, schema, name);
                break;
            default:
                target[name] = change.DeepClone();
                break;
        }
    }

    private static void MergeList(JsonArray list, JsonArray changes, SchemaNode schema, string name)
    {
        if (schema.PatchMergeKey.Length == 0)
        {
            foreach (var value in changes)
            {
                if (IndexOfValue(list, value) < 0)
                    list.Add(value?.DeepClone());
            }
            return;
        }
        foreach (var change in changes)
        {
            if (change is JsonObject { Count: 1 } only && only.Text("$patch") == "replace")
                list.Clear();
        }
        foreach (var change in changes)
        {
            if (change is JsonObject item && !(item.Count == 1 && item.ContainsKey("$patch")))
                MergeItem(list, item, schema, name);
        }
    }

    private static void MergeItem(JsonArray list, JsonObject item, SchemaNode schema, string name)
    {
        if (!item.ContainsKey(schema.PatchMergeKey))
            throw ApiErrors.BadRequest($"map: {JsonText.ToText(item)} does not contain declared merge key: {schema.PatchMergeKey}");
        var index = IndexOfItem(list, item, schema);
        if (item.Text("$patch") == "delete")
        {
            for (; index >= 0; index = IndexOfItem(list, item, schema))
                list.RemoveAt(index);
            return;
        }
        if (index < 0)
        {
            index = list.Count;
            list.Add((JsonNode)new JsonObject());
        }
        Apply((JsonObject)list[index]!, item, schema.Items ?? throw new InvalidOperationException(name));
    }

    // Items are matched by the merge key; further list keys count where both sides give them, so that one port number may serve two
    // protocols.
    private static int IndexOfItem(JsonArray list, JsonObject item, SchemaNode schema)
    {
        for (var i = 0; i < list.Count; i++)
        {
            var same = JsonTree.Same(list[i].At(schema.PatchMergeKey), item[schema.PatchMergeKey]);
            foreach (var key in schema.ListMapKeys)
                same = same && (list[i].At(key) is not { } there || item[key] is not { } here || JsonTree.Same(there, here));
            if (same)
                return i;
        }
        return -1;
    }

    private static int IndexOfValue(JsonArray list, JsonNode? value)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (JsonTree.Same(list[i], value))
                return i;
        }
        return -1;
    }

    private static void RemoveValues(JsonObject target, string name, JsonArray values)
    {
        if (target[name] is not JsonArray list)
            return;
        foreach (var value in values)
        {
            for (var index = IndexOfValue(list, value); index >= 0; index = IndexOfValue(list, value))
                list.RemoveAt(index);
        }
    }

    // Items that the patch does not mention keep their places; the mentioned ones fill the other places in the order asked for.
    private static void Reorder(JsonObject target, string name, JsonArray order, SchemaNode schema)
    {
        if (target[name] is not JsonArray list || schema.Member(name) is not { } listSchema)
            return;
        var places = new List<int>();
        var items = new List<JsonNode?>();
        foreach (var wanted in order)
        {
            var index = wanted is JsonObject item && listSchema.PatchMergeKey.Length > 0 && item.ContainsKey(listSchema.PatchMergeKey)
                ? IndexOfItem(list, item, listSchema)
                : IndexOfValue(list, wanted);
            if (index < 0 || places.Contains(index))
                continue;
            places.Add(index);
            items.Add(list[index]?.DeepClone());
        }
        places.Sort();
        for (var i = 0; i < places.Count; i++)
            list[places[i]] = items[i];
    }
}
