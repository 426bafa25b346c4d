using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Cel;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>
/// What Kubernetes demands of the schema in a CustomResourceDefinition: structural form, types it knows, patterns and rules that compile.
/// </summary>
internal static class StructuralSchemaRules
{
    private const int MaximumDepth = 60;

    private static readonly string[] Types = ["array", "boolean", "integer", "number", "object", "string"];

    /// <summary>Everything that is wrong with a schema.</summary>
    public static void Check(JsonObject schema, string path, List<FieldError> errors)
    {
        if (schema.Text("type") != "object")
            errors.Add(FieldError.Invalid(path + ".type", schema.Text("type") ?? "", "must be object at the root"));
        CheckNode(schema, path, true, 0, errors);
    }

    private static void CheckNode(JsonObject schema, string path, bool mustHaveType, int depth, List<FieldError> errors)
    {
        if (depth > MaximumDepth)
        {
            errors.Add(FieldError.Forbidden(path, $"the schema is nested more than {MaximumDepth} levels deep"));
            return;
        }
        CheckType(schema, path, mustHaveType, errors);
        CheckValues(schema, path, errors);
        if (schema.ContainsKey("$ref"))
            errors.Add(FieldError.Forbidden(path + ".$ref", "$ref is not supported"));
        CheckLists(schema, path, errors);
        foreach (var (name, child) in schema.Object("properties") ?? [])
            CheckChild(child, $"{path}.properties[{name}]", mustHaveType, depth, errors);
        if (schema.TryGetPropertyValue("items", out var items))
            CheckChild(items, path + ".items", mustHaveType, depth, errors);
        else if (schema.Text("type") == "array" && mustHaveType)
            errors.Add(FieldError.Required(path + ".items", "must be specified"));
        if (schema["additionalProperties"] is JsonObject additional)
        {
            if (schema.ContainsKey("properties"))
                errors.Add(FieldError.Forbidden(path + ".additionalProperties",
                    "additionalProperties and properties are mutual exclusive"));
            CheckNode(additional, path + ".additionalProperties", mustHaveType, depth + 1, errors);
        }
        foreach (var name in (ReadOnlySpan<string>)["allOf", "anyOf", "oneOf"])
        {
            var list = schema.Array(name) ?? [];
            for (var i = 0; i < list.Count; i++)
                CheckChild(list[i], $"{path}.{name}[{i}]", false, depth, errors);
        }
        CheckRules(schema, path, errors);
    }

    private static void CheckChild(JsonNode? child, string path, bool mustHaveType, int depth, List<FieldError> errors)
    {
        if (child is JsonObject schema)
            CheckNode(schema, path, mustHaveType, depth + 1, errors);
        else
            errors.Add(FieldError.Invalid(path, child, "must be a schema"));
    }

    private static void CheckType(JsonObject schema, string path, bool mustHaveType, List<FieldError> errors)
    {
        var type = schema.Text("type");
        var anyType = schema.Boolean("x-kubernetes-int-or-string") == true ||
            schema.Boolean("x-kubernetes-preserve-unknown-fields") == true;
        if (string.IsNullOrEmpty(type))
        {
            if (mustHaveType && !anyType)
                errors.Add(FieldError.Required(path + ".type", "must not be empty for specified object fields"));
        }
        else if (Array.IndexOf(Types, type) < 0)
            errors.Add(FieldError.NotSupported(path + ".type", type, Types));
    }

    private static void CheckValues(JsonObject schema, string path, List<FieldError> errors)
    {
        foreach (var name in (ReadOnlySpan<string>)["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "multipleOf"])
        {
            if (schema.TryGetPropertyValue(name, out var bound) && bound.AsNumber() is null)
                errors.Add(FieldError.Invalid($"{path}.{name}", bound, "must be a number"));
        }
        if (schema.Text("pattern") is { } pattern && !Compiles(pattern, out var why))
            errors.Add(FieldError.Invalid(path + ".pattern", pattern, $"must be a valid regular expression, but isn't: {why}"));
        if (schema["default"] is not { } value || errors.Count > 0)
            return;
        var defaulted = new SchemaNode(schema);
        foreach (var error in SchemaValidation.Check(value, defaulted, path + ".default"))
            errors.Add(error);
    }

    private static bool Compiles(string pattern, out string why)
    {
        try
        {
            SchemaNode.CompilePattern(pattern);
            why = "";
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            why = e.Message;
            return false;
        }
    }

    private static void CheckLists(JsonObject schema, string path, List<FieldError> errors)
    {
        var listType = schema.Text("x-kubernetes-list-type");
        if (listType is not null && listType is not ("atomic" or "set" or "map"))
            errors.Add(FieldError.NotSupported(path + ".x-kubernetes-list-type", listType, ["atomic", "map", "set"]));
        if (listType is not null && schema.Text("type") != "array")
            errors.Add(FieldError.Invalid(path + ".type", schema.Text("type") ?? "",
                "must be array if x-kubernetes-list-type is specified"));
        var keys = schema.Array("x-kubernetes-list-map-keys");
        if (listType == "map" && (keys is null || keys.Count == 0))
            errors.Add(FieldError.Required(path + ".x-kubernetes-list-map-keys", "must not be empty if x-kubernetes-list-type is map"));
        foreach (var key in keys.Texts())
        {
            if (schema.Object("items", "properties", key) is null)
                errors.Add(FieldError.Invalid(path + ".x-kubernetes-list-map-keys", key, "entries must all be names of item properties"));
        }
    }

    private static void CheckRules(JsonObject schema, string path, List<FieldError> errors)
    {
        var rules = schema.Array("x-kubernetes-validations") ?? [];
        for (var i = 0; i < rules.Count; i++)
        {
            var place = $"{path}.x-kubernetes-validations[{i}]";
            var rule = rules[i].Text("rule") ?? "";
            if (rule.Trim().Length == 0)
                errors.Add(FieldError.Required(place + ".rule", "rule is not specified"));
            else if (!CelParser.TryParse(rule, out _, out var error))
                errors.Add(FieldError.Invalid(place + ".rule", rule, $"compilation failed: ERROR: <input>: {error}"));
        }
    }
}
