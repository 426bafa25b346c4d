using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>Checks the types of a built-in object as Go's JSON decoder does, with its words, which kubectl shows to users.</summary>
internal static class TypedDecoding
{
    /// <summary>What the decoder would say first; null when every value fits.</summary>
    public static string? FirstError(JsonObject value, SchemaNode schema) => CheckMembers(value, schema, "", schema.GoType);

    private static string? CheckMembers(JsonObject map, SchemaNode schema, string path, string goType)
    {
        foreach (var (name, child) in map)
        {
            var known = schema.Properties.TryGetValue(name, out var property);
            var member = property ?? schema.AdditionalProperties;
            if (member is null || child is null)
                continue;
            var childPath = path.Length == 0 ? name : known ? $"{path}.{name}" : path;
            if (Check(child, member, childPath, goType) is { } error)
                return error;
        }
        return null;
    }

    private static string? Check(JsonNode value, SchemaNode schema, string path, string goType)
    {
        if (schema.IntOrString)
        {
            return value is JsonValue scalar && scalar.Boolean() is null
                ? null
                : $"json: cannot unmarshal {Kind(value)} into Go struct field {goType}.{path} of type {GoName(schema)}";
        }
        if (!Fits(value, schema))
            return $"json: cannot unmarshal {Describe(value, schema)} into Go struct field {goType}.{path} of type {GoName(schema)}";
        switch (value)
        {
            case JsonObject map:
                return CheckMembers(map, schema, path, schema.GoType.Length > 0 ? schema.GoType : goType);
            case JsonArray array when schema.Items is { } items:
                foreach (var item in array)
                {
                    if (item is not null && Check(item, items, path, goType) is { } error)
                        return error;
                }
                return null;
            default:
                return schema.Format switch
                {
                    "byte" when value.AsText() is { } text && !SchemaFormats.IsBase64(text) => "illegal base64 data at input byte 0",
                    "date-time" when value.AsText() is { Length: > 0 } time && !SchemaFormats.IsDateTime(time) =>
                        $"parsing time \"{time}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"{time}\" as \"2006\"",
                    "date-time" when schema.IsMicroTime && value.AsText() is { Length: > 19 } time && !HasMicroseconds(time) =>
                        $"parsing time \"{time}\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"{time[19..]}\" as \".000000\"",
                    _ => null,
                };
        }
    }

    private static bool HasMicroseconds(string time)
    {
        var digits = 0;
        while (20 + digits < time.Length && char.IsAsciiDigit(time[20 + digits]))
            digits++;
        return time[19] == '.' && digits == 6;
    }

    private static bool Fits(JsonNode value, SchemaNode schema) => schema.Type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value.AsText() is not null,
        "boolean" => value.Boolean() is not null,
        "integer" => value.AsInteger() is { } number && (schema.Format != "int32" || number is >= int.MinValue and <= int.MaxValue),
        "number" => value.AsNumber() is not null,
        _ => true,
    };

    private static string Describe(JsonNode value, SchemaNode schema) =>
        schema.Type == "integer" && value.AsNumber() is not null ? "number " + JsonText.ToText(value) : Kind(value);

    private static string Kind(JsonNode value) => value switch
    {
        JsonObject => "object",
        JsonArray => "array",
        _ when value.AsText() is not null => "string",
        _ when value.Boolean() is not null => "bool",
        _ => "number",
    };

    private static string GoName(SchemaNode schema) => schema switch
    {
        { IntOrString: true } => schema.Format == "quantity" ? "resource.Quantity" : "intstr.IntOrString",
        { Type: "array", Items: { } items } => "[]" + GoName(items),
        { Type: "object", GoType.Length: > 0 } => "v1." + schema.GoType,
        { Type: "object", AdditionalProperties: { } additional } => "map[string]" + GoName(additional),
        { Type: "integer" } => schema.Format,
        { Type: "boolean" } => "bool",
        { Format: "date-time" } => schema.IsMicroTime ? "v1.MicroTime" : "v1.Time",
        { Format: "byte" } => "[]uint8",
        { Type.Length: > 0 } => schema.Type,
        _ => "interface {}",
    };
}
