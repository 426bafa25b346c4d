using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Kinds;

namespace FerroLB.ApiServer.Store.State;

/// <summary>
/// One version of one object. It never changes: a write makes a new one. Its bytes are made once per API version that asks.
/// </summary>
internal sealed class StoredObject
{
    private readonly List<(string ApiVersion, byte[] Bytes)> _bytes = [];

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

    /// <summary>The object as one API version shows it.</summary>
    public byte[] BytesFor(ResourceKind kind, string version)
    {
        var apiVersion = kind.ApiVersion(version);
        foreach (var known in _bytes)
        {
            if (known.ApiVersion == apiVersion)
                return known.Bytes;
        }
        var bytes = JsonText.Write(kind.FromStorage(Json, version));
        _bytes.Add((apiVersion, bytes));
        return bytes;
    }
}
