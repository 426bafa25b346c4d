using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>Removes the members that a schema does not know, and tells which they were, as in spec.ports[0].foo.</summary>
internal static class SchemaPruning
{
    /// <summary>Changes an object of a kind in place; apiVersion, kind and metadata belong to every object.</summary>
    public static void PruneObject(JsonObject value, SchemaNode schema, List<string> unknown) => Prune(value, schema, "", true, unknown);

    /// <summary>Changes a value in place.</summary>
    public static void Prune(JsonNode? value, SchemaNode schema, string path, bool isResource, List<string> unknown)
    {
        if (value is JsonObject map)
            PruneMembers(map, schema, path, isResource || schema.EmbeddedResource, unknown);
        else if (value is JsonArray array && schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
                Prune(array[i], items, $"{path}[{i}]", false, unknown);
        }
    }

    private static void PruneMembers(JsonObject map, SchemaNode schema, string path, bool isResource, List<string> unknown)
    {
        List<string>? remove = null;
        foreach (var (name, child) in map)
        {
            var childPath = path.Length == 0 ? name : $"{path}.{name}";
            if (isResource && name is ("apiVersion" or "kind"))
                continue;
            if (isResource && name == "metadata")
                Prune(child, MetadataSchema.Node, childPath, false, unknown);
            else if (schema.Properties.TryGetValue(name, out var property))
                Prune(child, property, childPath, false, unknown);
            else if (schema.AdditionalProperties is { } additional)
                Prune(child, additional, childPath, false, unknown);
            else if (!schema.PreserveUnknown && schema.Type.Length > 0)
            {
                unknown.Add(childPath);
                (remove ??= []).Add(name);
            }
        }
        foreach (var name in remove ?? [])
            map.Remove(name);
    }

    /// <summary>
    /// The strict decoding errors for unknown and repeated fields, joined as Kubernetes joins them; "" when there are none.
    /// </summary>
    public static string StrictErrors(IEnumerable<string> duplicates, IEnumerable<string> unknown)
    {
        var errors = new List<string>();
        foreach (var path in duplicates)
            errors.Add($"duplicate field \"{path}\"");
        foreach (var path in unknown)
            errors.Add($"unknown field \"{path}\"");
        return string.Join(", ", errors);
    }

    /// <summary>Removes members that are null, as Go's decoder does for built-in types.</summary>
    public static void DropNulls(JsonNode? value)
    {
        if (value is JsonArray array)
        {
            foreach (var item in array)
                DropNulls(item);
            return;
        }
        if (value is not JsonObject map)
            return;
        List<string>? nulls = null;
        foreach (var (name, child) in map)
        {
            if (child is null)
                (nulls ??= []).Add(name);
            else
                DropNulls(child);
        }
        foreach (var name in nulls ?? [])
            map.Remove(name);
    }

    /// <summary>
    /// Removes what a Go struct with omitempty does not write: empty lists, empty maps and empty strings of optional fields. Structs stay.
    /// </summary>
    public static void DropEmpties(JsonObject map, SchemaNode schema)
    {
        List<string>? empties = null;
        foreach (var (name, child) in map)
        {
            if (schema.Member(name) is not { } member)
                continue;
            if (schema.Properties.ContainsKey(name) && IsEmpty(child, member) && !schema.Required.Contains(name))
                (empties ??= []).Add(name);
            else if (child is JsonObject inner)
                DropEmpties(inner, member);
            else if (child is JsonArray array && member.Items is { } items)
            {
                foreach (var item in array)
                {
                    if (item is JsonObject element)
                        DropEmpties(element, items);
                }
            }
        }
        foreach (var name in empties ?? [])
            map.Remove(name);
    }

    private static bool IsEmpty(JsonNode? value, SchemaNode schema) => value switch
    {
        JsonArray array => array.Count == 0,
        JsonObject map => map.Count == 0 && schema.AdditionalProperties is not null && schema.Properties.Count == 0,
        _ => value.AsText()?.Length == 0 && !schema.Nullable,
    };
}
