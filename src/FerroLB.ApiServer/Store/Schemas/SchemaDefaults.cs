using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>Fills in what a schema gives as defaults; parents first, so that defaults of defaults count.</summary>
internal static class SchemaDefaults
{
    /// <summary>Changes the value in place.</summary>
    public static void Apply(JsonNode? value, SchemaNode schema)
    {
        switch (value)
        {
            case JsonObject map:
                ApplyToObject(map, schema);
                break;
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array)
                    Apply(item, items);
                break;
        }
    }

    private static void ApplyToObject(JsonObject map, SchemaNode schema)
    {
        foreach (var (name, property) in schema.Properties)
        {
            var present = map.TryGetPropertyValue(name, out var child);
            if (property.HasDefault && (!present || (child is null && !property.Nullable)))
            {
                child = property.Default?.DeepClone();
                map[name] = child;
            }
            Apply(child, property);
        }
        if (schema.AdditionalProperties is not { } additional)
            return;
        foreach (var (name, child) in map)
        {
            if (!schema.Properties.ContainsKey(name))
                Apply(child, additional);
        }
    }
}
