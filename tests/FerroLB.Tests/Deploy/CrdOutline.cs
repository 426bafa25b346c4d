using System;
using System.Collections.Generic;
using System.Linq;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Tests.Deploy;

/// <summary>
/// Writes what a custom resource definition allows as a short text, one line for each version, printer column and field, so that a test
/// can state a whole schema as a table. Standard label selectors are one line. Descriptions are left out.
/// </summary>
internal static class CrdOutline
{
    private static readonly (string Key, string Label)[] Facets =
    [
        ("format", ""), ("default", "default "), ("minimum", ">= "), ("maximum", "<= "), ("minItems", "items >= "),
        ("maxItems", "items <= "),
        ("minLength", "length >= "), ("maxLength", "length <= "),
        ("x-kubernetes-list-type", "list-type "), ("x-kubernetes-map-type", "map-type "),
    ];

    public static string Of(YamlNode crd)
    {
        var lines = new List<string>();
        foreach (var version in ((YamlSequenceNode)crd.At("spec/versions")!).Children)
        {
            var storage = version.Text("storage") == "true" ? " (storage)" : "";
            var deprecated = version.Text("deprecated") == "true" ? " (deprecated)" : "";
            lines.Add($"{crd.Text("spec/names/kind")} {version.Text("name")}{storage}{deprecated}");
            lines.AddRange(Columns(version));
            AddFields(version.At("schema/openAPIV3Schema")!, "", lines);
        }

        return string.Join('\n', lines);
    }

    private static IEnumerable<string> Columns(YamlNode version)
    {
        var columns = version.At("additionalPrinterColumns") as YamlSequenceNode;
        foreach (var column in columns?.Children ?? [])
        {
            var priority = column.Text("priority") is { } number ? $" priority {number}" : "";
            yield return $"  | {column.Text("name")} | {column.Text("type")} {column.Text("jsonPath")}{priority}";
        }
    }

    private static void AddFields(YamlNode schema, string path, List<string> lines)
    {
        var required = schema.Texts("required");
        foreach (var (name, property) in schema.Entries("properties"))
        {
            if (path.Length == 0 && name is "apiVersion" or "kind" or "metadata")
            {
                continue;
            }

            AddField(property, path + name, required.Contains(name), lines);
        }
    }

    private static void AddField(YamlNode schema, string path, bool required, List<string> lines)
    {
        var mark = required ? " required" : "";
        var core = schema;
        var text = path;
        if (schema.At("items") is { } items)
        {
            core = items;
            text += "[]";
        }

        var type = IsLabelSelector(core) ? "LabelSelector" : core.Text("type") ?? "?";
        lines.Add($"  {text}: {type}{mark}{FacetText(schema)}{(core == schema ? "" : FacetText(core))}");
        if (type != "LabelSelector")
        {
            AddFields(core, text + ".", lines);
        }
    }

    private static string FacetText(YamlNode schema)
    {
        var facets = Facets.Where(_ => !IsLabelSelector(schema)).Select(facet => (facet.Label, Value: schema.Text(facet.Key)))
            .Where(facet => facet.Value is not null).Select(facet => $", {facet.Label}{facet.Value}").ToList();
        if (schema.At("enum") is not null)
        {
            facets.Add($", one of {string.Join(' ', schema.Texts("enum"))}");
        }

        if (schema.At("x-kubernetes-list-map-keys") is not null)
        {
            facets.Add($" by {string.Join(' ', schema.Texts("x-kubernetes-list-map-keys"))}");
        }

        if (schema.At("x-kubernetes-validations") is YamlSequenceNode rules)
        {
            facets.AddRange(rules.Children.Select(rule => $", rule {rule.Text("rule")}"));
        }

        return string.Concat(facets);
    }

    private static bool IsLabelSelector(YamlNode schema) =>
        schema.Text("x-kubernetes-map-type") == "atomic"
        && schema.Text("properties/matchLabels/additionalProperties/type") == "string"
        && schema.Texts("properties/matchExpressions/items/required").SequenceEqual(["key", "operator"], StringComparer.Ordinal)
        && schema.Text("properties/matchExpressions/x-kubernetes-list-type") == "atomic"
        && schema.Text("properties/matchExpressions/items/properties/key/type") == "string"
        && schema.Text("properties/matchExpressions/items/properties/operator/type") == "string"
        && schema.Texts("properties/matchExpressions/items/properties/operator/enum").SequenceEqual(
            ["In", "NotIn", "Exists", "DoesNotExist"], StringComparer.Ordinal)
        && schema.Text("properties/matchExpressions/items/x-kubernetes-validations/0/rule") == CrdTables.ValuesRule
        && schema.Text("properties/matchExpressions/items/properties/values/items/type") == "string"
        && schema.Text("properties/matchExpressions/items/properties/values/x-kubernetes-list-type") == "atomic";
}
