using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Schemas;

/// <summary>
/// One node of a structural schema (OpenAPI v3 as Kubernetes restricts it), read once from JSON and used by pruning, defaulting,
/// validation, merge patches and field ownership alike. Built-in kinds and custom resources have the same form.
/// </summary>
internal sealed class SchemaNode
{
    /// <summary>A schema that accepts and keeps everything.</summary>
    public static readonly SchemaNode Anything = new(new JsonObject { ["x-kubernetes-preserve-unknown-fields"] = true });

    /// <summary>The member that marks a time with microseconds in the schemas of built-in kinds.</summary>
    public const string MicroTimeMark = "x-kubernetes-micro-time";

    /// <summary>Reads a schema, which must have passed <see cref="StructuralSchemaRules"/>.</summary>
    public SchemaNode(JsonObject source)
    {
        Source = source;
        Type = source.Text("type") ?? "";
        Format = source.Text("format") ?? "";
        Nullable = source.Boolean("nullable") ?? false;
        IntOrString = source.Boolean("x-kubernetes-int-or-string") ?? false;
        PreserveUnknown = source.Boolean("x-kubernetes-preserve-unknown-fields") ?? false;
        EmbeddedResource = source.Boolean("x-kubernetes-embedded-resource") ?? false;
        Required = [.. source.Array("required").Texts()];
        Enum = source.Array("enum");
        HasDefault = source.ContainsKey("default");
        Default = source["default"];
        ListType = source.Text("x-kubernetes-list-type") ?? "";
        ListMapKeys = [.. source.Array("x-kubernetes-list-map-keys").Texts()];
        IsMicroTime = source.ContainsKey(MicroTimeMark);
        MapType = source.Text("x-kubernetes-map-type") ?? "";
        PatchMergeKey = source.Text("x-kubernetes-patch-merge-key") ?? "";
        PatchStrategy = source.Text("x-kubernetes-patch-strategy") ?? "";
        GoType = source.Text("x-kubernetes-go-type") ?? "";
        Pattern = source.Text("pattern") is { } pattern ? CompilePattern(pattern) : null;
        Items = source["items"] is JsonObject items ? new SchemaNode(items) : null;
        foreach (var (name, child) in source.Object("properties") ?? [])
            Properties.Add(name, child is JsonObject property ? new SchemaNode(property) : Anything);
        AdditionalProperties = source["additionalProperties"] switch
        {
            JsonObject additional => new SchemaNode(additional),
            { } other when other.Boolean() == true => Anything,
            _ => null,
        };
        Rules = ReadRules(source);
        AllOf = ReadList(source, "allOf");
        AnyOf = ReadList(source, "anyOf");
        OneOf = ReadList(source, "oneOf");
        Not = source["not"] is JsonObject not ? new SchemaNode(not) : null;
    }

    /// <summary>The JSON that it was read from.</summary>
    public JsonObject Source { get; }

    /// <summary>object, array, string, integer, number, boolean, or "" for anything.</summary>
    public string Type { get; }

    /// <summary>The format of a string or number, or "".</summary>
    public string Format { get; }

    /// <summary>Whether a time must have exactly six digits of fractions, as Go's MicroTime is read.</summary>
    public bool IsMicroTime { get; }

    /// <summary>Whether null is a value.</summary>
    public bool Nullable { get; }

    /// <summary>Whether a number and a string are both fine.</summary>
    public bool IntOrString { get; }

    /// <summary>Whether unknown members stay.</summary>
    public bool PreserveUnknown { get; }

    /// <summary>Whether this is a whole object with apiVersion, kind and metadata.</summary>
    public bool EmbeddedResource { get; }

    /// <summary>Members that must be there.</summary>
    public ImmutableArray<string> Required { get; }

    /// <summary>The allowed values, or null.</summary>
    public JsonArray? Enum { get; }

    /// <summary>Whether a default is given (which may be null).</summary>
    public bool HasDefault { get; }

    /// <summary>The default.</summary>
    public JsonNode? Default { get; }

    /// <summary>"atomic", "set", "map", or "" which is atomic.</summary>
    public string ListType { get; }

    /// <summary>The members that identify an item of a map list.</summary>
    public ImmutableArray<string> ListMapKeys { get; }

    /// <summary>"atomic", "granular" or "".</summary>
    public string MapType { get; }

    /// <summary>The member by which strategic merge patches match items, or "".</summary>
    public string PatchMergeKey { get; }

    /// <summary>"merge", "replace", "merge,retainKeys" or "".</summary>
    public string PatchStrategy { get; }

    /// <summary>The name of the Go type of a built-in struct, which error messages mention; "" otherwise.</summary>
    public string GoType { get; }

    /// <summary>The pattern for strings, or null.</summary>
    public Regex? Pattern { get; }

    /// <summary>The schema of items, or null.</summary>
    public SchemaNode? Items { get; }

    /// <summary>The schemas of known members.</summary>
    public SortedDictionary<string, SchemaNode> Properties { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema of the other members, or null when there may be none.</summary>
    public SchemaNode? AdditionalProperties { get; }

    /// <summary>The CEL rules of this node.</summary>
    public ImmutableArray<ValidationRule> Rules { get; }

    /// <summary>Schemas that must all hold.</summary>
    public ImmutableArray<SchemaNode> AllOf { get; }

    /// <summary>Schemas of which one must hold.</summary>
    public ImmutableArray<SchemaNode> AnyOf { get; }

    /// <summary>Schemas of which exactly one must hold.</summary>
    public ImmutableArray<SchemaNode> OneOf { get; }

    /// <summary>A schema that must not hold.</summary>
    public SchemaNode? Not { get; }

    /// <summary>Whether the field is owned as a whole: scalars, atomic lists, atomic maps.</summary>
    public bool IsAtomicList => ListType is not ("set" or "map");

    /// <summary>The schema of a member, or null when the schema does not know it.</summary>
    public SchemaNode? Member(string name)
    {
        if (Properties.TryGetValue(name, out var property))
            return property;
        return AdditionalProperties ?? (PreserveUnknown || Type.Length == 0 ? Anything : null);
    }

    /// <summary>Compiles a pattern of Go's syntax: linear time, and "$" only at the very end of the text.</summary>
    public static Regex CompilePattern(string pattern)
    {
        var translated = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
        if (translated.EndsWith('$') && !translated.EndsWith("\\$", StringComparison.Ordinal))
            translated = translated[..^1] + "\\z";
        return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
    }

    private static ImmutableArray<SchemaNode> ReadList(JsonObject source, string name)
    {
        var list = ImmutableArray.CreateBuilder<SchemaNode>();
        foreach (var item in source.Array(name) ?? [])
        {
            if (item is JsonObject schema)
                list.Add(new SchemaNode(schema));
        }
        return list.ToImmutable();
    }

    private static ImmutableArray<ValidationRule> ReadRules(JsonObject source)
    {
        var rules = ImmutableArray.CreateBuilder<ValidationRule>();
        foreach (var item in source.Array("x-kubernetes-validations") ?? [])
        {
            if (item is JsonObject rule)
                rules.Add(ValidationRule.Read(rule));
        }
        return rules.ToImmutable();
    }
}
