using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http.OpenApi;

/// <summary>Prepares the store's schema of a kind for publication in an OpenAPI document.</summary>
internal static class KindSchema
{
    /// <summary>OpenAPI v3: the schema as the store has it, with references for metadata and the kind's name.</summary>
    public static JsonObject V3(ResourceDefinition resource, ResourceVersionDefinition version) =>
        Complete(resource, version, "#/components/schemas/", schema => schema);

    /// <summary>OpenAPI v2: the same without what that version of the language cannot express.</summary>
    public static JsonObject V2(ResourceDefinition resource, ResourceVersionDefinition version) =>
        Complete(resource, version, "#/definitions/", Reduce);

    private static JsonObject Complete(
        ResourceDefinition resource, ResourceVersionDefinition version, string references, Func<JsonObject, JsonObject> convert)
    {
        JsonObject schema = version.Schema is { } known ? convert((JsonObject)known.DeepClone()) : new JsonObject { ["type"] = "object" };
        if (schema["properties"] is JsonObject properties)
        {
            properties["apiVersion"] ??= Described("The versioned schema of this representation of an object.");
            properties["kind"] ??= Described("The REST resource that this object represents, in CamelCase.");
            properties["metadata"] = new JsonObject
            {
                ["description"] = "Standard object's metadata.",
                ["$ref"] = references + DefinitionName.ObjectMeta,
            };
        }
        schema["x-kubernetes-group-version-kind"] = new JsonArray(new JsonObject
        {
            ["group"] = resource.Group,
            ["kind"] = resource.Kind,
            ["version"] = version.Name,
        });
        return schema;
    }

    private static JsonObject Described(string description) => new() { ["type"] = "string", ["description"] = description };

    /// <summary>
    /// Removes what OpenAPI v2 lacks. Clients that validate by it know no "or anything else", so where unknown fields are kept, the
    /// known ones are not listed either.
    /// </summary>
    private static JsonObject Reduce(JsonObject schema)
    {
        string[] unknown = ["nullable", "oneOf", "anyOf", "allOf", "not", "x-kubernetes-validations", "x-kubernetes-embedded-resource"];
        foreach (string key in unknown)
            schema.Remove(key);
        if (IsTrue(schema["x-kubernetes-int-or-string"]))
        {
            schema["type"] = "string";
            schema["format"] = "int-or-string";
        }
        if (IsTrue(schema["x-kubernetes-preserve-unknown-fields"]))
            schema.Remove("properties");
        if (schema["properties"] is JsonObject properties)
            ReduceEach(properties);
        if (schema["items"] is JsonObject items)
            Reduce(items);
        if (schema["additionalProperties"] is JsonObject values)
            Reduce(values);
        return schema;
    }

    private static void ReduceEach(JsonObject properties)
    {
        foreach ((_, JsonNode? property) in properties.ToArray())
        {
            if (property is JsonObject nested)
                Reduce(nested);
        }
    }

    private static bool IsTrue(JsonNode? node) => node is JsonValue value && value.TryGetValue(out bool flag) && flag;
}
