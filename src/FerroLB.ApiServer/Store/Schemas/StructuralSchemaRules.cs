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
        if (errors.Count == 0)
            CheckExpressions(new SchemaNode(schema), path, true, true, errors);
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

    // Rules are compiled only against schemas that are otherwise right.
    private static void CheckExpressions(SchemaNode schema, string path, bool isResource, bool isCorrelatable, List<FieldError> errors)
    {
        var rules = schema.Source.Array("x-kubernetes-validations") ?? [];
        var self = rules.Count == 0 ? CelType.Dyn : CelType.Of(schema, isResource);
        for (var i = 0; i < rules.Count; i++)
            CheckExpression(rules[i], self, schema, $"{path}.x-kubernetes-validations[{i}]", isCorrelatable, errors);
        foreach (var (name, property) in schema.Properties)
            CheckExpressions(property, $"{path}.properties[{name}]", property.EmbeddedResource, isCorrelatable, errors);
        if (schema.Items is { } items)
            CheckExpressions(items, path + ".items", items.EmbeddedResource, isCorrelatable && schema.ListType == "map", errors);
        if (schema.AdditionalProperties is { } additional && !ReferenceEquals(additional, SchemaNode.Anything))
            CheckExpressions(additional, path + ".additionalProperties", additional.EmbeddedResource, isCorrelatable, errors);
    }

    private static void CheckExpression(
        JsonNode? rule, CelType self, SchemaNode schema, string place, bool isCorrelatable, List<FieldError> errors)
    {
        var text = rule.Text("rule") ?? "";
        if (CelParser.TryParse(text, out var expression, out _))
        {
            var wrong = CelChecker.Check(text, expression!, self, CelType.Bool, "cel expression must evaluate to a bool");
            if (wrong is not null)
                errors.Add(FieldError.Invalid(place + ".rule", text, wrong));
            else if (!isCorrelatable && expression!.Mentions("oldSelf"))
                errors.Add(FieldError.Invalid(place + ".rule", text,
                    "oldSelf cannot be used on the uncorrelatable portion of the schema within " + place[..place.LastIndexOf('.')]));
        }
        var reason = rule.Text("reason");
        if (reason is not (null or "FieldValueInvalid" or "FieldValueForbidden" or "FieldValueRequired" or "FieldValueDuplicate"))
            errors.Add(FieldError.NotSupported(place + ".reason", reason,
                ["FieldValueRequired", "FieldValueInvalid", "FieldValueForbidden", "FieldValueDuplicate"]));
        if (rule.Text("fieldPath") is { Length: > 0 } fieldPath && !Exists(schema, fieldPath))
            errors.Add(FieldError.Invalid(place + ".fieldPath", fieldPath,
                "fieldPath must be a valid path: does not refer to a valid field"));
        if (rule.Text("messageExpression") is not { } message)
            return;
        if (!CelParser.TryParse(message, out var parsed, out var syntax))
            errors.Add(FieldError.Invalid(place + ".messageExpression", message, $"messageExpression compilation failed: {syntax}"));
        else if (CelChecker.Check(message, parsed!, self, CelType.Text, "messageExpression must evaluate to a string") is { } wrongMessage)
            errors.Add(FieldError.Invalid(place + ".messageExpression", message, wrongMessage));
    }

    private static bool Exists(SchemaNode schema, string fieldPath)
    {
        SchemaNode? node = schema;
        foreach (var step in fieldPath.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = step.Split('[')[0];
            node = name.Length == 0 ? node : node?.Member(name);
        }
        return node is not null;
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
