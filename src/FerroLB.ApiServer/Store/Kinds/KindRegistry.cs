using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Schemas;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>All kinds that are served: the built-in ones, and those of the CustomResourceDefinitions that are stored.</summary>
internal sealed class KindRegistry
{
    private readonly SortedDictionary<(string Group, string Plural), ResourceKind> _kinds = [];

    /// <summary>Begins with the built-in kinds.</summary>
    public KindRegistry(IEnumerable<ResourceKind> builtIn)
    {
        foreach (var kind in builtIn)
            _kinds[(kind.Group, kind.Plural)] = kind;
    }

    /// <summary>Grows with each change of the kinds.</summary>
    public long Generation { get; private set; } = 1;

    /// <summary>All kinds, by group and plural name.</summary>
    public IEnumerable<ResourceKind> Kinds => _kinds.Values;

    /// <summary>The kind of a resource, or null.</summary>
    public ResourceKind? Find(string group, string plural) => _kinds.TryGetValue((group, plural), out var kind) ? kind : null;

    /// <summary>The kind of an object reference, or null.</summary>
    public ResourceKind? FindByKind(string apiVersion, string name)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "" : apiVersion[..slash];
        foreach (var kind in _kinds.Values)
        {
            if (kind.Group == group && kind.Name == name)
                return kind;
        }
        return null;
    }

    /// <summary>Serves what a CustomResourceDefinition defines, or no longer; objects stay when only the definition changes.</summary>
    public void DefinitionChanged(JsonObject? before, JsonObject? after)
    {
        var spec = (after ?? before).Object("spec") ?? [];
        if (before is not null && after is not null && JsonTree.Same(before["spec"], spec))
            return;
        Generation++;
        var key = (spec.Text("group") ?? "", spec.Text("names", "plural") ?? "");
        if (after is null)
        {
            _kinds.Remove(key);
            return;
        }
        _kinds.TryGetValue(key, out var existing);
        if (existing is { IsCustom: false })
            return;
        if (Read(spec, existing?.Table) is { } kind)
            _kinds[key] = kind;
        else
            _kinds.Remove(key);
    }

    private static ResourceKind? Read(JsonObject spec, ObjectTable? table)
    {
        var versions = ImmutableArray.CreateBuilder<ResourceVersionDefinition>();
        var storage = "";
        foreach (var version in spec.Array("versions") ?? [])
        {
            if (version is not JsonObject source)
                continue;
            if (source.Boolean("storage") == true)
                storage = source.Text("name") ?? "";
            if (source.Boolean("served") == true)
                versions.Add(ReadVersion(source, spec));
        }
        if (versions.Count == 0)
            return null;
        versions.Sort((left, right) => ApiVersionOrder.Compare(left.Name, right.Name));
        var names = spec.Object("names") ?? [];
        var definition = new ResourceDefinition
        {
            Group = spec.Text("group") ?? "",
            Plural = names.Text("plural") ?? "",
            Singular = names.Text("singular") ?? "",
            Kind = names.Text("kind") ?? "",
            ListKind = names.Text("listKind") ?? "",
            ShortNames = [.. names.Array("shortNames").Texts()],
            Categories = [.. names.Array("categories").Texts()],
            Namespaced = spec.Text("scope") == "Namespaced",
            IsCustom = true,
            Versions = versions.ToImmutable(),
        };
        return new ResourceKind(definition, table)
        {
            StorageVersion = storage, TracksGeneration = true, AllowsUnconditionalUpdate = false, Conversion = ConversionWebhook.Read(spec),
        };
    }

    private static IEnumerable<string> SelectableFields(JsonObject version)
    {
        foreach (var field in version.Array("selectableFields") ?? [])
            yield return (field.Text("jsonPath") ?? "").TrimStart('.');
    }

    private static ResourceVersionDefinition ReadVersion(JsonObject source, JsonObject spec)
    {
        var columns = ImmutableArray.CreateBuilder<PrinterColumn>();
        foreach (var column in source.Array("additionalPrinterColumns") ?? [])
        {
            columns.Add(new PrinterColumn(column.Text("name") ?? "", column.Text("type") ?? "string", column.Text("format") ?? "",
                column.Text("description") ?? "", (int)(column.Integer("priority") ?? 0), column.Text("jsonPath") ?? ""));
        }
        var subresources = ImmutableArray.CreateBuilder<string>();
        if (source.Object("subresources", "scale") is not null)
            subresources.Add("scale");
        if (source.Object("subresources", "status") is not null)
            subresources.Add("status");
        var name = source.Text("name") ?? "";
        return new ResourceVersionDefinition
        {
            Name = name,
            Verbs = BuiltInKinds.AllVerbs,
            Subresources = subresources.ToImmutable(),
            Schema = MetadataSchema.AddTo(source.Object("schema", "openAPIV3Schema") ?? []),
            PrinterColumns = columns.ToImmutable(),
            SelectableFields = [.. SelectableFields(source)],
            DeprecationWarning = source.Boolean("deprecated") != true
                ? null
                : source.Text("deprecationWarning") ?? $"{spec.Text("group")}/{name} {spec.Text("names", "kind")} is deprecated",
        };
    }
}
