using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Selection;

/// <summary>A label selector as objects hold it, with matchLabels and matchExpressions; an empty one selects everything.</summary>
internal sealed class ObjectSelector
{
    private readonly List<(string Key, string Operator, List<string> Values)> _requirements = [];

    /// <summary>Reads a selector; null selects everything, as an empty one does.</summary>
    public ObjectSelector(JsonObject? source)
    {
        foreach (var (key, value) in source.Object("matchLabels") ?? [])
            _requirements.Add((key, "In", [value.AsText() ?? ""]));
        foreach (var item in source.Array("matchExpressions") ?? [])
            _requirements.Add((item.Text("key") ?? "", item.Text("operator") ?? "", item.Array("values").Texts()));
    }

    /// <summary>Whether everything is selected.</summary>
    public bool IsEmpty => _requirements.Count == 0;

    /// <summary>Whether labels satisfy every requirement.</summary>
    public bool Matches(JsonObject? labels) => _requirements.TrueForAll(requirement => IsMet(requirement, labels));

    private static bool IsMet((string Key, string Operator, List<string> Values) requirement, JsonObject? labels)
    {
        var actual = labels.Text(requirement.Key);
        return requirement.Operator switch
        {
            "In" => actual is not null && requirement.Values.Contains(actual),
            "NotIn" => actual is null || !requirement.Values.Contains(actual),
            "Exists" => actual is not null,
            "DoesNotExist" => actual is null,
            _ => false,
        };
    }

    /// <summary>Adds what is wrong with a selector.</summary>
    public static void Check(JsonObject? source, string path, List<FieldError> errors)
    {
        foreach (var (key, value) in source.Object("matchLabels") ?? [])
        {
            if (ObjectNames.LabelKeyError(key) is { } keyError)
                errors.Add(FieldError.Invalid(path + ".matchLabels", key, keyError));
            if (ObjectNames.LabelValueError(value.AsText() ?? "") is { } valueError)
                errors.Add(FieldError.Invalid(path + ".matchLabels", value, valueError));
        }
        var expressions = source.Array("matchExpressions") ?? [];
        for (var i = 0; i < expressions.Count; i++)
            CheckExpression(expressions[i], $"{path}.matchExpressions[{i}]", errors);
    }

    private static void CheckExpression(JsonNode? expression, string path, List<FieldError> errors)
    {
        var count = expression.Array("values")?.Count ?? 0;
        var name = expression.Text("operator") ?? "";
        if (name is "In" or "NotIn" && count == 0)
            errors.Add(FieldError.Required(path + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
        else if (name is "Exists" or "DoesNotExist" && count > 0)
            errors.Add(FieldError.Forbidden(path + ".values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
        else if (name is not ("In" or "NotIn" or "Exists" or "DoesNotExist"))
            errors.Add(FieldError.Invalid(path + ".operator", name, "not a valid selector operator"));
        if (ObjectNames.LabelKeyError(expression.Text("key") ?? "") is { } keyError)
            errors.Add(FieldError.Invalid(path + ".key", expression.Text("key") ?? "", keyError));
    }
}
