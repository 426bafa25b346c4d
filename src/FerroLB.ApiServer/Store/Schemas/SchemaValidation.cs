using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>
/// Checks a value against a structural schema and words each breach as Kubernetes' OpenAPI validation does. CEL rules are checked
/// elsewhere, after the value passed here.
/// </summary>
internal static class SchemaValidation
{
    /// <summary>Every breach, in the order of the value's members.</summary>
    public static List<FieldError> Check(JsonNode? value, SchemaNode schema, string path)
    {
        var errors = new List<FieldError>();
        Check(value, schema, path, errors);
        return errors;
    }

    private static void Check(JsonNode? value, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (value is null)
        {
            if (!schema.Nullable && schema.Type.Length > 0)
                errors.Add(WrongType(path, schema, "null"));
            return;
        }
        if (!HasType(value, schema))
        {
            errors.Add(WrongType(path, schema, TypeOf(value)));
            return;
        }
        CheckEnum(value, schema, path, errors);
        CheckCombinations(value, schema, path, errors);
        switch (value)
        {
            case JsonObject map:
                CheckObject(map, schema, path, errors);
                break;
            case JsonArray array:
                CheckArray(array, schema, path, errors);
                break;
            default:
                if (value.AsText() is { } text)
                    CheckText(text, schema, path, errors);
                else if (value.AsNumber() is { } number)
                    CheckNumber(value, number, schema, path, errors);
                break;
        }
    }

    private static FieldError WrongType(string path, SchemaNode schema, string actual) =>
        FieldError.WrongType(path, actual,
            $"{path} in body must be of type {(schema.IntOrString ? "integer,string" : schema.Type)}: \"{actual}\"");

    private static FieldError Broken(string path, JsonNode value, string rule) => FieldError.Invalid(path, value, $"{path} in body {rule}");

    private static bool HasType(JsonNode value, SchemaNode schema)
    {
        if (schema.IntOrString)
            return value.AsText() is not null || value.AsInteger() is not null;
        var actual = TypeOf(value);
        return schema.Type.Length == 0 || actual == schema.Type || (actual == "integer" && schema.Type == "number") ||
            (actual == "number" && schema.Type == "integer" && value.AsInteger() is not null);
    }

    private static string TypeOf(JsonNode value) => value switch
    {
        JsonObject => "object",
        JsonArray => "array",
        JsonValue scalar when scalar.AsText() is not null => "string",
        JsonValue scalar when scalar.TryGetValue(out bool _) => "boolean",
        JsonValue scalar when scalar.AsInteger() is not null => "integer",
        _ => "number",
    };

    private static void CheckEnum(JsonNode value, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.Enum is not { } allowed)
            return;
        var texts = new List<string>();
        foreach (var item in allowed)
        {
            if (JsonTree.Same(item, value))
                return;
            texts.Add(item.AsText() ?? JsonText.ToText(item));
        }
        errors.Add(FieldError.NotSupported(path, value, texts));
    }

    private static void CheckCombinations(JsonNode value, SchemaNode schema, string path, List<FieldError> errors)
    {
        foreach (var part in schema.AllOf)
            Check(value, part, path, errors);
        if (schema.AnyOf.Length > 0 && CountMatches(value, schema.AnyOf, path) == 0)
            errors.Add(FieldError.Invalid(path, "", $"\"{path}\" must validate at least one schema (anyOf)"));
        if (schema.OneOf.Length > 0 && CountMatches(value, schema.OneOf, path) is var matches and not 1)
        {
            var found = matches == 0 ? "Found none valid" : $"Found {matches} valid alternatives";
            errors.Add(FieldError.Invalid(path, "", $"\"{path}\" must validate one and only one schema (oneOf). {found}"));
        }
        if (schema.Not is { } not && Check(value, not, path).Count == 0)
            errors.Add(FieldError.Invalid(path, "", $"\"{path}\" must not validate the schema (not)"));
    }

    private static int CountMatches(JsonNode value, IEnumerable<SchemaNode> schemas, string path)
    {
        var count = 0;
        foreach (var schema in schemas)
            count += Check(value, schema, path).Count == 0 ? 1 : 0;
        return count;
    }

    private static void CheckObject(JsonObject map, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.Source.Integer("minProperties") is { } least && map.Count < least)
            errors.Add(Broken(path, map, $"should have at least {least} properties"));
        if (schema.Source.Integer("maxProperties") is { } most && map.Count > most)
            errors.Add(FieldError.InvalidShown(path, JsonText.ToText(map), $"{path} in body should have at most {most} properties"));
        foreach (var name in schema.Required)
        {
            if (!map.ContainsKey(name))
                errors.Add(FieldError.Required(Join(path, name)));
        }
        foreach (var (name, child) in map)
        {
            if (schema.Properties.TryGetValue(name, out var property))
                Check(child, property, Join(path, name), errors);
            else if (schema.AdditionalProperties is { } additional)
                Check(child, additional, Join(path, name), errors);
        }
    }

    private static void CheckArray(JsonArray array, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.Source.Integer("minItems") is { } least && array.Count < least)
            errors.Add(FieldError.Invalid(path, array.Count, $"{path} in body should have at least {least} items"));
        if (schema.Source.Integer("maxItems") is { } most && array.Count > most)
            errors.Add(FieldError.TooMany(path, array.Count, most));
        if (schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
                Check(array[i], items, $"{path}[{i}]", errors);
        }
        CheckUnique(array, schema, path, errors);
    }

    private static void CheckUnique(JsonArray array, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.IsAtomicList && schema.Source.Boolean("uniqueItems") != true)
            return;
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < array.Count; i++)
        {
            var key = schema.ListType == "map" ? KeyOf(array[i], schema) : array[i];
            if (!seen.Add(JsonText.ToText(key)))
                errors.Add(FieldError.Duplicate($"{path}[{i}]", key));
        }
    }

    private static JsonObject KeyOf(JsonNode? item, SchemaNode schema)
    {
        var key = new JsonObject();
        foreach (var name in schema.ListMapKeys)
        {
            if (item.At(name) is { } part)
                key[name] = part.DeepClone();
        }
        return key;
    }

    private static void CheckText(string text, SchemaNode schema, string path, List<FieldError> errors)
    {
        var characters = 0;
        foreach (var _ in text.EnumerateRunes())
            characters++;
        if (schema.Source.Integer("minLength") is { } least && characters < least)
            errors.Add(Broken(path, text, $"should be at least {least} chars long"));
        if (schema.Source.Integer("maxLength") is { } most && characters > most)
            errors.Add(FieldError.TooLong(path, most));
        if (schema.Pattern is { } pattern && !pattern.IsMatch(text))
            errors.Add(Broken(path, text, $"should match '{schema.Source.Text("pattern")}'"));
        if (schema.Format.Length > 0 && !schema.IntOrString && !SchemaFormats.Matches(schema.Format, text))
            errors.Add(FieldError.Invalid(path, text, $"{path} in body must be of type {schema.Format}: {JsonText.ToText(text)}"));
    }

    private static void CheckNumber(JsonNode value, double number, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (schema.Source["minimum"].AsNumber() is { } least)
        {
            var exclusive = schema.Source.Boolean("exclusiveMinimum") == true;
            if (exclusive ? number <= least : number < least)
                errors.Add(Broken(path, value, $"should be greater than {(exclusive ? "" : "or equal to ")}{Show(least)}"));
        }
        if (schema.Source["maximum"].AsNumber() is { } most)
        {
            var exclusive = schema.Source.Boolean("exclusiveMaximum") == true;
            if (exclusive ? number >= most : number > most)
                errors.Add(Broken(path, value, $"should be less than {(exclusive ? "" : "or equal to ")}{Show(most)}"));
        }
        if (schema.Source["multipleOf"].AsNumber() is { } step && step > 0 && Math.Abs(Math.IEEERemainder(number, step)) > 1e-9)
            errors.Add(Broken(path, value, $"should be a multiple of {Show(step)}"));
        if (schema.Format == "int32" && number is (< int.MinValue or > int.MaxValue))
            errors.Add(Broken(path, value, $"must be of type int32: \"{Show(number)}\""));
    }

    private static string Show(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
