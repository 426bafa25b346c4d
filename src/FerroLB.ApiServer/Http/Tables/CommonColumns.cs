using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.ApiServer.Http.Tables;

/// <summary>Columns and cell texts that many kinds share.</summary>
internal static class CommonColumns
{
    /// <summary>The object's name.</summary>
    public static readonly TableColumn Name = new("Name", "string", (item, _) => item.Text("metadata", "name"))
    {
        Format = "name",
        Description = "Name must be unique within a namespace.",
    };

    /// <summary>How long ago the object was created.</summary>
    public static readonly TableColumn Age = new(
        "Age", "string", (item, now) => HumanAge.Since(item.Text("metadata", "creationTimestamp"), now))
    {
        Description = "Time since the object was created.",
    };

    /// <summary>When the object was created.</summary>
    public static readonly TableColumn CreatedAt = new("Created At", "date", (item, _) => item.Text("metadata", "creationTimestamp"))
    {
        Description = "When the object was created.",
    };

    /// <summary>A column of text.</summary>
    public static TableColumn Text(string name, Func<JsonElement, string> cell) => new(name, "string", (item, _) => cell(item));

    /// <summary>A column of text that only `-o wide` shows.</summary>
    public static TableColumn Wide(string name, Func<JsonElement, string> cell) => Text(name, cell) with { Priority = 1 };

    /// <summary>A column of whole numbers.</summary>
    public static TableColumn Count(string name, Func<JsonElement, long> cell) => new(name, "integer", (item, _) => cell(item));

    /// <summary>Labels as "a=1,b=2", sorted; "&lt;none&gt;" when there are none.</summary>
    public static string Labels(JsonElement labels) => string.Join(",", Pairs(labels)).OrNone();

    /// <summary>A label selector as kubectl takes it.</summary>
    public static string Selector(JsonElement selector)
    {
        IEnumerable<string> terms = Pairs(selector.At("matchLabels")).Concat(selector.Items("matchExpressions").Select(Requirement));
        return string.Join(",", terms).OrNone();
    }

    /// <summary>The containers' names, or another field of theirs, joined by commas.</summary>
    public static string Containers(JsonElement podSpec, string field) =>
        string.Join(",", podSpec.Items("containers").Select(container => container.Text(field)));

    /// <summary>The status of a condition; "" when there is none.</summary>
    public static string Condition(JsonElement item, string type) => item.Items("status", "conditions")
        .Where(condition => condition.Text("type") == type)
        .Select(condition => condition.Text("status"))
        .FirstOrDefault("");

    private static IEnumerable<string> Pairs(JsonElement labels) =>
        labels.Fields().OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => label.Name + "=" + label.Value);

    private static string Requirement(JsonElement requirement)
    {
        string key = requirement.Text("key");
        string values = "(" + string.Join(",", requirement.Items("values").Select(value => value.ToString())) + ")";
        return requirement.Text("operator") switch
        {
            "In" => key + " in " + values,
            "NotIn" => key + " notin " + values,
            "DoesNotExist" => "!" + key,
            _ => key,
        };
    }
}
