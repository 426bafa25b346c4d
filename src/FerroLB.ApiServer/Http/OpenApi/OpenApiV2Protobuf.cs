using System;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http.Protobuf;

namespace FerroLB.ApiServer.Http.OpenApi;

/// <summary>
/// Turns an OpenAPI v2 document in JSON into the protobuf message `openapi.v2.Document` of the gnostic project, the only form in which
/// kubectl reads /openapi/v2. Field numbers are those of gnostic's OpenAPIv2.proto. Only what <see cref="OpenApiDocuments"/> writes is
/// known here.
/// </summary>
public static class OpenApiV2Protobuf
{
    /// <summary>Encodes a whole document.</summary>
    public static byte[] Encode(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var writer = new ProtobufWriter();
        writer.String(1, Text(document, "swagger"));
        writer.Message(2, info =>
        {
            info.String(1, Text(document["info"], "title"));
            info.String(2, Text(document["info"], "version"));
        });
        writer.Message(8, paths => Named(paths, 2, document["paths"], WritePathItem));
        writer.Message(9, definitions => Named(definitions, 1, document["definitions"], WriteSchema));
        return writer.Written.ToArray();
    }

    private static void WritePathItem(ProtobufWriter writer, JsonNode item)
    {
        (int Field, string Method)[] operations = [(2, "get"), (3, "put"), (4, "post"), (5, "delete"), (8, "patch")];
        foreach ((int field, string method) in operations)
        {
            if (item[method] is JsonObject operation)
                writer.Message(field, nested => WriteOperation(nested, operation));
        }
        WriteParameters(writer, 9, item["parameters"]);
    }

    private static void WriteOperation(ProtobufWriter writer, JsonObject operation)
    {
        writer.String(3, Text(operation, "description"));
        writer.String(5, Text(operation, "operationId"));
        Strings(writer, 6, operation["produces"]);
        Strings(writer, 7, operation["consumes"]);
        WriteParameters(writer, 8, operation["parameters"]);
        writer.Message(9, responses => Named(responses, 1, operation["responses"], (value, response) =>
            value.Message(1, nested => nested.String(1, Text(response, "description")))));
        WriteExtensions(writer, 13, operation);
    }

    private static void WriteParameters(ProtobufWriter writer, int field, JsonNode? parameters)
    {
        foreach (JsonNode? parameter in parameters as JsonArray ?? [])
            writer.Message(field, item => item.Message(1, nested => WriteParameter(nested, parameter!)));
    }

    private static void WriteParameter(ProtobufWriter writer, JsonNode parameter)
    {
        string place = Text(parameter, "in");
        if (place == "body")
        {
            writer.Message(1, body =>
            {
                body.String(2, Text(parameter, "name"));
                body.String(3, place);
                body.Bool(4, IsTrue(parameter["required"]));
                body.Message(5, schema => WriteSchema(schema, parameter["schema"]!));
            });
            return;
        }
        bool inQuery = place == "query";
        writer.Message(2, nonBody => nonBody.Message(inQuery ? 3 : 4, nested =>
        {
            nested.Bool(1, IsTrue(parameter["required"]));
            nested.String(2, place);
            nested.String(3, Text(parameter, "description"));
            nested.String(4, Text(parameter, "name"));
            nested.String(inQuery ? 6 : 5, Text(parameter, "type"));
        }));
    }

    private static void WriteSchema(ProtobufWriter writer, JsonNode schema)
    {
        writer.String(1, Text(schema, "$ref"));
        writer.String(2, Text(schema, "format"));
        writer.String(3, Text(schema, "title"));
        writer.String(4, Text(schema, "description"));
        if (schema["default"] is { } standard)
            writer.Message(5, any => WriteAny(any, standard));
        WriteBounds(writer, schema);
        Strings(writer, 19, schema["required"]);
        foreach (JsonNode? value in schema["enum"] as JsonArray ?? [])
            writer.Message(20, any => WriteAny(any, value));
        WriteStructure(writer, schema);
        WriteExtensions(writer, 31, schema);
    }

    private static void WriteBounds(ProtobufWriter writer, JsonNode schema)
    {
        (int Field, string Key)[] doubles = [(6, "multipleOf"), (7, "maximum"), (9, "minimum")];
        foreach ((int field, string key) in doubles)
            writer.Double(field, Number(schema[key]));
        (int Field, string Key)[] integers =
        [
            (11, "maxLength"), (12, "minLength"), (14, "maxItems"), (15, "minItems"), (17, "maxProperties"), (18, "minProperties"),
        ];
        writer.Bool(8, IsTrue(schema["exclusiveMaximum"]));
        writer.Bool(10, IsTrue(schema["exclusiveMinimum"]));
        writer.String(13, Text(schema, "pattern"));
        writer.Bool(16, IsTrue(schema["uniqueItems"]));
        foreach ((int field, string key) in integers)
            writer.Number(field, (long)Number(schema[key]));
    }

    private static void WriteStructure(ProtobufWriter writer, JsonNode schema)
    {
        switch (schema["additionalProperties"])
        {
            case JsonObject values:
                writer.Message(21, item => item.Message(1, nested => WriteSchema(nested, values)));
                break;
            case JsonValue allowed:
                writer.Message(21, item => item.Bool(2, IsTrue(allowed)));
                break;
        }
        if (Text(schema, "type") is { Length: > 0 } type)
            writer.Message(22, item => item.Element(1, type));
        if (schema["items"] is JsonObject items)
            writer.Message(23, item => item.Message(1, nested => WriteSchema(nested, items)));
        if (schema["properties"] is JsonObject properties)
            writer.Message(25, nested => Named(nested, 1, properties, WriteSchema));
    }

    private static void WriteExtensions(ProtobufWriter writer, int field, JsonNode owner)
    {
        foreach ((string key, JsonNode? value) in (JsonObject)owner)
        {
            if (!key.StartsWith("x-", StringComparison.Ordinal))
                continue;
            writer.Message(field, named =>
            {
                named.String(1, key);
                named.Message(2, any => WriteAny(any, value));
            });
        }
    }

    /// <summary>gnostic keeps values of unknown shape as YAML text, of which JSON is a part.</summary>
    private static void WriteAny(ProtobufWriter writer, JsonNode? value) => writer.Element(2, (value?.ToJsonString() ?? "null") + "\n");

    private static void Named(ProtobufWriter writer, int field, JsonNode? map, Action<ProtobufWriter, JsonNode> write)
    {
        foreach ((string name, JsonNode? value) in map as JsonObject ?? [])
        {
            writer.Message(field, pair =>
            {
                pair.String(1, name);
                pair.Message(2, nested => write(nested, value!));
            });
        }
    }

    private static void Strings(ProtobufWriter writer, int field, JsonNode? array)
    {
        foreach (JsonNode? element in array as JsonArray ?? [])
            writer.Element(field, element!.GetValue<string>());
    }

    private static string Text(JsonNode? owner, string key) =>
        owner?[key] is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "";

    private static bool IsTrue(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    private static double Number(JsonNode? node) => node is JsonValue value && value.TryGetValue(out double number) ? number
        : node is JsonValue integer && integer.TryGetValue(out long whole) ? whole : 0;
}
