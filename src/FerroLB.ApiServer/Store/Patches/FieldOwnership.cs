using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Store.Patches;

/// <summary>Which fields a value has, and in which fields two values differ, in the granularity in which fields are owned.</summary>
internal static class FieldOwnership
{
    /// <summary>What changed between two values.</summary>
    /// <param name="Written">Fields added or with another value.</param>
    /// <param name="Removed">Fields that are gone; each stands for all below it.</param>
    public sealed record Difference(FieldSet Written, FieldSet Removed);

    /// <summary>The fields that somebody who applies this value owns.</summary>
    public static FieldSet Of(JsonNode? value, SchemaNode schema)
    {
        var set = new FieldSet();
        AddFields(value, schema, set, false);
        return set;
    }

    /// <summary>The differences between two values.</summary>
    public static Difference Compare(JsonNode? old, JsonNode? value, SchemaNode schema)
    {
        var difference = new Difference(new FieldSet(), new FieldSet());
        Compare(old, value, schema, difference.Written, difference.Removed);
        return difference;
    }

    /// <summary>Whether a value of this schema is owned as a whole.</summary>
    public static bool IsLeaf(JsonNode? value, SchemaNode schema) => value switch
    {
        JsonObject => schema.MapType == "atomic",
        JsonArray => schema.IsAtomicList,
        _ => true,
    };

    /// <summary>The schema of a member for ownership: metadata is alike in all kinds.</summary>
    public static SchemaNode Member(SchemaNode schema, string name) => schema.Member(name) ?? SchemaNode.Anything;

    /// <summary>The key under which an item of a list is owned; null when it has none.</summary>
    public static string? ItemKey(JsonNode? item, SchemaNode list)
    {
        if (list.ListType == "set")
            return "v:" + JsonText.ToText(item);
        if (item is not JsonObject map)
            return null;
        var key = new JsonObject();
        var names = new List<string>(list.ListMapKeys);
        names.Sort(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var part = map[name] ?? list.Items?.Member(name)?.Default;
            if (part is not null)
                key[name] = part.DeepClone();
        }
        return key.Count == 0 ? null : "k:" + JsonText.ToText(key);
    }

    private static void AddFields(JsonNode? value, SchemaNode schema, FieldSet set, bool withInner)
    {
        if (IsLeaf(value, schema))
        {
            set.IsMember = true;
            return;
        }
        set.IsMember |= withInner;
        if (value is JsonObject map)
        {
            set.IsMember |= map.Count == 0;
            foreach (var (name, child) in map)
            {
                var field = set.Child("f:" + name);
                AddFields(child, Member(schema, name), field, withInner);
                field.IsMember |= !schema.Properties.ContainsKey(name);
            }
        }
        else if (value is JsonArray array)
        {
            set.IsMember |= array.Count == 0;
            foreach (var item in array)
            {
                if (ItemKey(item, schema) is not { } key)
                    continue;
                var field = set.Child(key);
                if (schema.ListType == "map")
                    AddFields(item, schema.Items ?? SchemaNode.Anything, field, withInner);
                field.IsMember = true;
            }
        }
    }

    private static void Compare(JsonNode? old, JsonNode? value, SchemaNode schema, FieldSet written, FieldSet removed)
    {
        if (old is JsonObject oldMap && value is JsonObject map && schema.MapType != "atomic")
        {
            foreach (var (name, child) in map)
                CompareChild(oldMap[name], oldMap.ContainsKey(name), child, Member(schema, name), "f:" + name, written, removed);
            foreach (var (name, _) in oldMap)
            {
                if (!map.ContainsKey(name))
                    removed.Child("f:" + name).IsMember = true;
            }
        }
        else if (old is JsonArray oldArray && value is JsonArray array && !schema.IsAtomicList)
            CompareLists(oldArray, array, schema, written, removed);
        else if (!JsonTree.Same(old, value))
            AddFields(value, schema, written, true);
    }

    private static void CompareChild(
        JsonNode? old, bool existed, JsonNode? value, SchemaNode schema, string key, FieldSet written, FieldSet removed)
    {
        var (writtenChild, removedChild) = (new FieldSet(), new FieldSet());
        if (existed)
            Compare(old, value, schema, writtenChild, removedChild);
        else
            AddFields(value, schema, writtenChild, true);
        if (!writtenChild.IsEmpty)
            written.Child(key).Add(writtenChild);
        if (!removedChild.IsEmpty)
            removed.Child(key).Add(removedChild);
    }

    private static void CompareLists(JsonArray old, JsonArray value, SchemaNode schema, FieldSet written, FieldSet removed)
    {
        var before = ByKey(old, schema);
        var after = ByKey(value, schema);
        foreach (var (key, item) in after)
        {
            var existed = before.TryGetValue(key, out var oldItem);
            CompareChild(oldItem, existed, item, schema.ListType == "map" ? schema.Items ?? SchemaNode.Anything : SchemaNode.Anything, key,
                written, removed);
        }
        foreach (var (key, _) in before)
        {
            if (!after.ContainsKey(key))
                removed.Child(key).IsMember = true;
        }
    }

    private static SortedDictionary<string, JsonNode?> ByKey(JsonArray array, SchemaNode schema)
    {
        var items = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in array)
        {
            if (ItemKey(item, schema) is { } key)
                items[key] = item;
        }
        return items;
    }
}
