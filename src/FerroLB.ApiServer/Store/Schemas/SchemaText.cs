using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>
/// Reads the compact form in which the schemas of the built-in kinds are written. A line "type Name" begins a struct; each indented line
/// is a field:
/// <code>  name TYPE [!] [=DEFAULT] [@map=key,key] [@merge=key] [@set] [@atomic] [@retain] [: description]</code>
/// TYPE is string, string? (a pointer: an empty text is kept), int32, int64, bool, time, microtime, bytes, intstr, quantity, any
/// (everything is kept), another struct, []TYPE or map[TYPE]. "!" makes the field required.
/// </summary>
internal sealed class SchemaText
{
    private readonly SortedDictionary<string, List<string>> _structs = new(StringComparer.Ordinal);

    /// <summary>Reads texts; struct names are shared among them.</summary>
    public SchemaText(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            List<string>? fields = null;
            foreach (var line in text.Split('\n'))
            {
                if (line.StartsWith("type ", StringComparison.Ordinal))
                    _structs[line[5..].Trim()] = fields = [];
                else if (line.Trim().Length > 0)
                    fields!.Add(line.Trim());
            }
        }
    }

    /// <summary>The OpenAPI schema of a struct, with all it contains.</summary>
    public JsonObject Struct(string name)
    {
        var schema = new JsonObject { ["type"] = "object", ["x-kubernetes-go-type"] = name };
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var line in _structs[name])
            AddField(line, properties, required);
        schema["properties"] = properties;
        if (required.Count > 0)
            schema["required"] = required;
        return schema;
    }

    private void AddField(string line, JsonObject properties, JsonArray required)
    {
        var colon = line.IndexOf(" : ", StringComparison.Ordinal);
        var words = (colon < 0 ? line : line[..colon]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var schema = TypeOf(words[1]);
        if (colon >= 0)
            schema["description"] = line[(colon + 3)..];
        foreach (var flag in words.AsSpan(2))
        {
            if (flag == "!")
                required.Add((JsonNode)words[0]);
            else
                AddFlag(schema, flag);
        }
        properties[words[0]] = schema;
    }

    private static void AddFlag(JsonObject schema, string flag)
    {
        var equals = flag.IndexOf('=', StringComparison.Ordinal);
        var argument = flag[(equals + 1)..];
        switch (equals < 0 ? flag : flag[..equals])
        {
            case "":
                schema["default"] = DefaultOf(schema, argument);
                break;
            case "@map":
                schema["x-kubernetes-list-type"] = "map";
                schema["x-kubernetes-list-map-keys"] = JsonTree.ToArray(argument.Split(','));
                break;
            case "@merge":
                schema["x-kubernetes-patch-strategy"] = "merge";
                if (equals >= 0)
                    schema["x-kubernetes-patch-merge-key"] = argument;
                break;
            case "@retain":
                var merges = schema.ContainsKey("x-kubernetes-patch-strategy");
                schema["x-kubernetes-patch-strategy"] = merges ? "merge,retainKeys" : "retainKeys";
                break;
            case "@set":
                schema["x-kubernetes-list-type"] = "set";
                break;
            case "@atomic":
                schema[schema.Text("type") == "array" ? "x-kubernetes-list-type" : "x-kubernetes-map-type"] = "atomic";
                break;
            default:
                throw new FormatException($"unknown flag {flag}");
        }
    }

    private static JsonNode? DefaultOf(JsonObject schema, string text) =>
        schema.Text("type") is "string" ? text
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : JsonText.Parse(text is "{}" or "true" or "false" ? text : $"\"{text}\"");

    private JsonObject TypeOf(string type)
    {
        if (type.StartsWith("[]", StringComparison.Ordinal))
            return new JsonObject { ["type"] = "array", ["items"] = TypeOf(type[2..]) };
        if (type.StartsWith("map[", StringComparison.Ordinal))
            return new JsonObject { ["type"] = "object", ["additionalProperties"] = TypeOf(type[4..^1]) };
        return type switch
        {
            "string" => Scalar("string"),
            "string?" => new JsonObject { ["type"] = "string", ["nullable"] = true },
            "int32" or "int64" => Scalar("integer", type),
            "bool" => Scalar("boolean"),
            "time" => Scalar("string", "date-time"),
            "microtime" => new JsonObject { ["type"] = "string", ["format"] = "date-time", [SchemaNode.MicroTimeMark] = true },
            "bytes" => Scalar("string", "byte"),
            "intstr" => new JsonObject { ["x-kubernetes-int-or-string"] = true },
            "quantity" => new JsonObject { ["x-kubernetes-int-or-string"] = true, ["format"] = "quantity" },
            "any" => new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            "anything" => new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true },
            _ => Struct(type),
        };
    }

    private static JsonObject Scalar(string type, string? format = null)
    {
        var schema = new JsonObject { ["type"] = type };
        if (format is not null)
            schema["format"] = format;
        return schema;
    }
}
