using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Cel;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>Runs the x-kubernetes-validations of a schema over a value and, for transition rules, the value before.</summary>
internal static class CelRules
{
    /// <summary>Every rule that does not hold.</summary>
    public static List<FieldError> Check(JsonNode? value, JsonNode? old, SchemaNode schema)
    {
        var errors = new List<FieldError>();
        Check(value, old, schema, "", errors);
        return errors;
    }

    private static void Check(JsonNode? value, JsonNode? old, SchemaNode schema, string path, List<FieldError> errors)
    {
        if (value is null)
            return;
        foreach (var rule in schema.Rules)
        {
            if (!rule.IsTransition || old is not null)
                Run(rule, value, old, schema, path, errors);
        }
        if (value is JsonObject map)
        {
            foreach (var (name, child) in map)
            {
                if (schema.Properties.TryGetValue(name, out var property))
                    Check(child, old.At(name), property, path.Length == 0 ? name : $"{path}.{name}", errors);
                else if (schema.AdditionalProperties is { } additional)
                    Check(child, old.At(name), additional, $"{path}[{name}]", errors);
            }
        }
        else if (value is JsonArray array && schema.Items is { } items)
        {
            for (var i = 0; i < array.Count; i++)
                Check(array[i], OldItem(array[i], old as JsonArray, schema), items, $"{path}[{i}]", errors);
        }
    }

    // Items of lists have a past only when keys tell which item is which.
    private static JsonObject? OldItem(JsonNode? item, JsonArray? old, SchemaNode schema)
    {
        if (schema.ListType != "map")
            return null;
        foreach (var candidate in old ?? [])
        {
            var same = candidate is JsonObject;
            foreach (var key in schema.ListMapKeys)
                same = same && JsonTree.Same(candidate.At(key), item.At(key));
            if (same)
                return (JsonObject)candidate!;
        }
        return null;
    }

    private static void Run(ValidationRule rule, JsonNode value, JsonNode? old, SchemaNode schema, string path, List<FieldError> errors)
    {
        var shown = $"\"{(schema.Type.Length == 0 ? "object" : schema.Type)}\"";
        var place = rule.FieldPath.Length == 0 ? path : (path + rule.FieldPath).TrimStart('.');
        try
        {
            if (rule.Expression is null || CelEvaluator.Evaluate(rule.Expression, value, old) is true)
                return;
            errors.Add(FieldError.InvalidShown(place, shown, MessageOf(rule, value, old)) with { Reason = rule.Reason });
        }
        catch (Exception e) when (e is CelException or OverflowException or ArgumentException)
        {
            errors.Add(FieldError.InvalidShown(place, shown,
                $"rule evaluation error: {e.Message} evaluating rule: {MessageOf(rule, null, null)}"));
        }
    }

    private static string MessageOf(ValidationRule rule, JsonNode? value, JsonNode? old)
    {
        var fallback = rule.Message.Length > 0 ? rule.Message : $"failed rule: {rule.Rule}";
        if (rule.MessageExpression is null || value is null)
            return fallback;
        try
        {
            return CelEvaluator.Evaluate(rule.MessageExpression, value, old) as string ?? fallback;
        }
        catch (Exception e) when (e is CelException or OverflowException or ArgumentException)
        {
            return fallback;
        }
    }
}
