using System;
using System.Collections.Generic;

namespace FerroLB.ApiServer.Store.State;

/// <summary>The live objects of one resource, in the order of namespace and name.</summary>
internal sealed class ObjectTable
{
    private readonly SortedDictionary<string, SortedDictionary<string, StoredObject>> _namespaces = new(StringComparer.Ordinal);

    /// <summary>How many objects there are.</summary>
    public int Count { get; private set; }

    /// <summary>The object of that name, or null.</summary>
    public StoredObject? Find(string @namespace, string name) =>
        _namespaces.TryGetValue(@namespace, out var objects) && objects.TryGetValue(name, out var stored) ? stored : null;

    /// <summary>All objects, or those of one namespace.</summary>
    public List<StoredObject> List(string? @namespace)
    {
        var result = new List<StoredObject>();
        if (@namespace is not null)
        {
            if (_namespaces.TryGetValue(@namespace, out var objects))
                result.AddRange(objects.Values);
            return result;
        }
        foreach (var objects in _namespaces.Values)
            result.AddRange(objects.Values);
        return result;
    }

    /// <summary>Adds an object or puts it in place of its older version.</summary>
    public void Put(StoredObject stored)
    {
        if (!_namespaces.TryGetValue(stored.Namespace, out var objects))
            _namespaces[stored.Namespace] = objects = new(StringComparer.Ordinal);
        if (!objects.ContainsKey(stored.Name))
            Count++;
        objects[stored.Name] = stored;
    }

    /// <summary>Removes an object.</summary>
    public void Remove(StoredObject stored)
    {
        if (!_namespaces.TryGetValue(stored.Namespace, out var objects) || !objects.Remove(stored.Name))
            return;
        Count--;
        if (objects.Count == 0)
            _namespaces.Remove(stored.Namespace);
    }
}
