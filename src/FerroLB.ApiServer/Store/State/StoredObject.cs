using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;
using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store.State;

/// <summary>
/// One version of one object. It never changes: a write makes a new one. Its bytes are made once per API version that asks.
/// </summary>
internal sealed class StoredObject
{
    private const int MostConversions = 4;

    private readonly List<(string ApiVersion, byte[] Bytes)> _bytes = [];
    private readonly List<(ResourceKind Kind, string Version, JsonObject Json)> _converted = [];

    /// <summary>Wraps a tree that nobody changes from now on.</summary>
    public StoredObject(ResourceKind kind, JsonObject json, long version)
    {
        Kind = kind;
        Json = json;
        Version = version;
        var metadata = json.Object("metadata");
        Namespace = metadata.Text("namespace") ?? "";
        Name = metadata.Text("name") ?? "";
        Uid = metadata.Text("uid") ?? "";
        Labels = metadata.Object("labels");
        IsTerminating = metadata.Text("deletionTimestamp") is not null;
    }

    /// <summary>The kind under which it is stored.</summary>
    public ResourceKind Kind { get; }

    /// <summary>The object in its storage version. Never change it.</summary>
    public JsonObject Json { get; }

    /// <summary>The resource version of this write.</summary>
    public long Version { get; }

    /// <summary>The namespace, "" for cluster-scoped objects.</summary>
    public string Namespace { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The unique id.</summary>
    public string Uid { get; }

    /// <summary>The labels, or null.</summary>
    public JsonObject? Labels { get; }

    /// <summary>Whether a deletion waits for finalizers.</summary>
    public bool IsTerminating { get; }

    /// <summary>The object as it is stored.</summary>
    public byte[] StoredBytes => Bytes(Json.Text("apiVersion") ?? "", Json);

    /// <summary>
    /// The object as one API version shows it, never to be changed; false when a webhook must be asked first and has not been.
    /// </summary>
    public bool TryShow(ResourceKind kind, string version, [NotNullWhen(true)] out JsonObject? shown)
    {
        if (kind.Conversion is null || Json.Text("apiVersion") == kind.ApiVersion(version))
        {
            shown = kind.FromStorage(Json, version);
            return true;
        }
        shown = null;
        foreach (var known in _converted)
        {
            if (ReferenceEquals(known.Kind, kind) && known.Version == version)
                shown = known.Json;
        }
        return shown is not null;
    }

    /// <summary>Keeps what a webhook made of this object under the present definition of the kind.</summary>
    public void Remember(ResourceKind kind, string version, JsonObject converted)
    {
        _converted.RemoveAll(known => ReferenceEquals(known.Kind, kind) && known.Version == version);
        if (_converted.Count >= MostConversions)
            _converted.RemoveAt(0);
        _converted.Add((kind, version, converted));
    }

    /// <summary>The object as one API version shows it, for which <see cref="TryShow"/> holds.</summary>
    public byte[] BytesFor(ResourceKind kind, string version)
    {
        if (kind.Conversion is not null && Json.Text("apiVersion") != kind.ApiVersion(version))
        {
            Invariant.Check(TryShow(kind, version, out var shown), "an object is shown in a version to which it was not converted");
            return JsonText.Write(shown);
        }
        var apiVersion = kind.ApiVersion(version);
        foreach (var known in _bytes)
        {
            if (known.ApiVersion == apiVersion)
                return known.Bytes;
        }
        return Bytes(apiVersion, kind.FromStorage(Json, version));
    }

    private byte[] Bytes(string apiVersion, JsonObject json)
    {
        foreach (var known in _bytes)
        {
            if (known.ApiVersion == apiVersion)
                return known.Bytes;
        }
        var bytes = JsonText.Write(json);
        _bytes.Add((apiVersion, bytes));
        return bytes;
    }
}
