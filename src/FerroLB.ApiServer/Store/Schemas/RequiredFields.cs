using System.Collections.Generic;
using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>The required fields of built-in kinds; their other rules are in code.</summary>
internal static class RequiredFields
{
    /// <summary>Adds an error for each required field that is missing or an empty text.</summary>
    public static void Check(JsonNode? value, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (value is JsonArray array && schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
                Check(array[i], items, $"{path}[{i}]", errors);
        }
        if (value is not JsonObject map)
            return;
        foreach (var name in schema.Required)
        {
            // A missing port number is reported as out of range, in the words for numbers.
            if (schema.Properties[name].Type != "integer" && map[name] is (null or JsonArray { Count: 0 }))
                errors.Add(FieldError.Required(path.Length == 0 ? name : $"{path}.{name}"));
        }
        foreach (var (name, child) in map)
        {
            if (schema.Member(name) is { } member && name != "metadata")
                Check(child, member, path.Length == 0 ? name : $"{path}.{name}", errors);
        }
    }
}
