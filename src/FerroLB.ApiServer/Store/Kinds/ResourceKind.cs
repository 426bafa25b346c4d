using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Schemas;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>How names of a kind must look.</summary>
internal enum NameRule
{
    /// <summary>RFC 1123 subdomain.</summary>
    Subdomain,

    /// <summary>RFC 1123 label.</summary>
    Label,

    /// <summary>RFC 1035 label.</summary>
    Label1035,

    /// <summary>Anything that fits into a path.</summary>
    PathSegment,
}

/// <summary>A resource that is served: its public definition, its schemas, its rules and its objects.</summary>
internal sealed class ResourceKind
{
    private readonly SortedDictionary<string, SchemaNode> _schemas = new(StringComparer.Ordinal);

    /// <summary>Takes a definition; the schemas are read from it.</summary>
    public ResourceKind(ResourceDefinition definition, ObjectTable? table = null)
    {
        Definition = definition;
        Table = table ?? new ObjectTable();
        StorageVersion = definition.Versions[0].Name;
        foreach (var version in definition.Versions)
            _schemas[version.Name] = version.Schema is { } schema ? new SchemaNode(schema) : SchemaNode.Anything;
    }

    /// <summary>What discovery tells.</summary>
    public ResourceDefinition Definition { get; }

    /// <summary>The objects.</summary>
    public ObjectTable Table { get; }

    /// <summary>The version in which objects are kept.</summary>
    public string StorageVersion { get; init; }

    /// <summary>What the kind does beyond its schema.</summary>
    public IKindRules Rules { get; init; } = SchemaOnlyRules.Instance;

    /// <summary>How names must look.</summary>
    public NameRule Names { get; init; }

    /// <summary>Whether an object is a question that is answered and never stored.</summary>
    public bool IsVirtual { get; init; }

    /// <summary>Whether a PUT without resourceVersion overwrites whatever is there.</summary>
    public bool AllowsUnconditionalUpdate { get; init; } = true;

    /// <summary>Whether metadata.generation counts changes of the desired state.</summary>
    public bool TracksGeneration { get; init; }

    /// <summary>Translates between this kind and the one under which it is stored; null when they are the same.</summary>
    public (Func<JsonObject, JsonObject> From, Func<JsonObject, JsonObject> To)? Translation { get; init; }

    /// <summary>The webhook that converts between versions; null when they differ in their names only.</summary>
    public ConversionWebhook? Conversion { get; init; }

    /// <summary>The kind under which objects are stored: this one, unless it only shows another kind's objects.</summary>
    public ResourceKind StorageKind { get => field ?? this; init; }

    /// <summary>The group.</summary>
    public string Group => Definition.Group;

    /// <summary>The plural name.</summary>
    public string Plural => Definition.Plural;

    /// <summary>The kind's name.</summary>
    public string Name => Definition.Kind;

    /// <summary>Whether objects live in namespaces.</summary>
    public bool Namespaced => Definition.Namespaced;

    /// <summary>Whether a CustomResourceDefinition defines it.</summary>
    public bool IsCustom => Definition.IsCustom;

    /// <summary>"v1", "apps/v1".</summary>
    public string ApiVersion(string version) => Group.Length == 0 ? version : $"{Group}/{version}";

    /// <summary>The version's definition, or null when it is not served.</summary>
    public ResourceVersionDefinition? Version(string name)
    {
        foreach (var version in Definition.Versions)
        {
            if (version.Name == name)
                return version;
        }
        return null;
    }

    /// <summary>Whether a version has a subresource.</summary>
    public bool HasSubresource(string version, string subresource) => Version(version)?.Subresources.Contains(subresource) == true;

    /// <summary>The schema of a served version.</summary>
    public SchemaNode Schema(string version) => _schemas.TryGetValue(version, out var schema) ? schema : SchemaNode.Anything;

    /// <summary>
    /// A stored object as a version shows it; the stored tree itself when nothing differs, so never change it. Not for another version of a
    /// kind with a conversion webhook: see <see cref="StoredObject.TryShow"/>.
    /// </summary>
    public JsonObject FromStorage(JsonObject stored, string version)
    {
        if (Translation is { } translation)
            return translation.From(stored);
        if (stored.Text("apiVersion") == ApiVersion(version))
            return stored;
        var shown = stored.Copy();
        shown["apiVersion"] = ApiVersion(version);
        if (IsCustom)
        {
            SchemaPruning.PruneObject(shown, Schema(version), []);
            SchemaDefaults.Apply(shown, Schema(version));
        }
        return shown;
    }

    /// <summary>An object of a version as it is stored.</summary>
    public JsonObject ToStorage(JsonObject value)
    {
        if (Translation is { } translation)
            return translation.To(value);
        value["apiVersion"] = ApiVersion(StorageVersion);
        return value;
    }
}
