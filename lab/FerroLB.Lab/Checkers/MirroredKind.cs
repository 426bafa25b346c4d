using System;
using System.Collections.Generic;
using System.Text.Json;
using FerroLB.ApiServer.Store;
using FerroLB.Core;
using FerroLB.Core.Kube;
using FerroLB.Lab.Cluster;

namespace FerroLB.Lab.Checkers;

/// <summary>All objects of one kind, exactly as the store has them at every instant: a watch without delay or faults.</summary>
public sealed class MirroredKind<TView>
    where TView : class
{
    private readonly ApiFront _api;
    private readonly KubeResource _resource;
    private readonly Func<JsonElement, TView> _read;
    private readonly SortedDictionary<ObjectKey, TView> _objects = [];
    private ApiWatch? _watch;

    internal MirroredKind(ApiFront api, KubeResource resource, Func<JsonElement, TView> read) =>
        (_api, _resource, _read) = (api, resource, read);

    /// <summary>The objects, by key.</summary>
    public IReadOnlyDictionary<ObjectKey, TView> Objects => _objects;

    /// <summary>Called for each change with the object before and after; null for none.</summary>
    public Action<TView?, TView?>? Changed { get; set; }

    /// <summary>Takes over what was written since the last call.</summary>
    internal void Refresh()
    {
        if (_watch is null || _watch.Closed)
            Open();
        while (_watch!.TryTake(out var line, _api.Utc))
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            var type = root.Field("type").Text();
            if (type is "ADDED" or "MODIFIED")
                Put(root.GetProperty("object"));
            else if (type == "DELETED")
                Remove(KeyOf(root.GetProperty("object")));
        }
    }

    /// <summary>Starts again from a list, after the store was replaced.</summary>
    internal void Reopen()
    {
        _watch = null;
        Refresh();
    }

    private void Open()
    {
        using var list = JsonDocument.Parse(_api.Store.Handle(Request(ApiVerb.List, null), _api.Utc).Body);
        var seen = new SortedSet<ObjectKey>();
        foreach (var item in list.RootElement.Field("items").Items())
        {
            seen.Add(KeyOf(item));
            Put(item);
        }
        foreach (var key in new List<ObjectKey>(_objects.Keys))
        {
            if (!seen.Contains(key))
                Remove(key);
        }
        var version = list.RootElement.Field("metadata").Field("resourceVersion").Text();
        if (!_api.Store.TryOpenWatch(Request(ApiVerb.Watch, version), _api.Utc, out _watch, out var error))
            throw new InvalidOperationException($"no watch of {_resource.Plural}: {error!.StatusCode}");
    }

    private void Put(JsonElement json)
    {
        var key = KeyOf(json);
        var before = _objects.GetValueOrDefault(key);
        var after = _read(json);
        _objects[key] = after;
        Changed?.Invoke(before, after);
    }

    private void Remove(ObjectKey key)
    {
        if (_objects.Remove(key, out var before))
            Changed?.Invoke(before, null);
    }

    private static ObjectKey KeyOf(JsonElement json)
    {
        var metadata = json.Field("metadata");
        return new(metadata.Field("namespace").Text() ?? "", metadata.Field("name").Text() ?? "");
    }

    private ApiRequest Request(ApiVerb verb, string? version)
    {
        var query = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (version is not null)
        {
            query["resourceVersion"] = version;
            // The longest that the server takes as given; a watch that ended in between would look as if everything had been written anew.
            query["timeoutSeconds"] = "999999";
        }
        return new()
        {
            Verb = verb,
            Group = _resource.Group,
            Version = _resource.Version,
            Resource = _resource.Plural,
            Query = query,
        };
    }
}
