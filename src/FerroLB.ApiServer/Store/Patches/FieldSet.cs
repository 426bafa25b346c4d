using System;
using System.Collections.Generic;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Patches;

/// <summary>
/// A set of fields of an object as a tree, in the form of fieldsV1: "f:name" is a member, "k:{...}" the item of a list with these keys,
/// "v:..." a value of a set; "." means the field itself.
/// </summary>
internal sealed class FieldSet
{
    private readonly SortedDictionary<string, FieldSet> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the field of this node is in the set.</summary>
    public bool IsMember { get; set; }

    /// <summary>Whether neither this node nor any below is in the set.</summary>
    public bool IsEmpty => !IsMember && _children.Count == 0;

    /// <summary>The nodes below.</summary>
    public IEnumerable<KeyValuePair<string, FieldSet>> Children => _children;

    /// <summary>The node below with that key, made if it is missing.</summary>
    public FieldSet Child(string key)
    {
        if (!_children.TryGetValue(key, out var child))
            _children[key] = child = new FieldSet();
        return child;
    }

    /// <summary>The node below with that key, or null.</summary>
    public FieldSet? Find(string key) => _children.TryGetValue(key, out var child) ? child : null;

    /// <summary>Takes a node with all below out of the set.</summary>
    public void Remove(string key) => _children.Remove(key);

    /// <summary>Reads fieldsV1.</summary>
    public static FieldSet Read(JsonObject? json)
    {
        var set = new FieldSet();
        foreach (var (key, value) in json ?? [])
        {
            if (key == ".")
                set.IsMember = true;
            else
                set._children[key] = value is JsonObject { Count: > 0 } inner ? Read(inner) : new FieldSet { IsMember = true };
        }
        return set;
    }

    /// <summary>Writes fieldsV1.</summary>
    public JsonObject Write()
    {
        var json = new JsonObject();
        if (IsMember && _children.Count > 0)
            json["."] = new JsonObject();
        foreach (var (key, child) in _children)
            json[key] = child.Write();
        return json;
    }

    /// <summary>A copy of its own.</summary>
    public FieldSet Copy()
    {
        var copy = new FieldSet { IsMember = IsMember };
        foreach (var (key, child) in _children)
            copy._children[key] = child.Copy();
        return copy;
    }

    /// <summary>Adds the fields of another set.</summary>
    public void Add(FieldSet other)
    {
        IsMember |= other.IsMember;
        foreach (var (key, child) in other._children)
            Child(key).Add(child);
    }

    /// <summary>Takes the fields of another set out, but not what lies below them.</summary>
    public void Subtract(FieldSet other)
    {
        IsMember &= !other.IsMember;
        foreach (var (key, child) in other._children)
        {
            if (!_children.TryGetValue(key, out var mine))
                continue;
            mine.Subtract(child);
            if (mine.IsEmpty)
                _children.Remove(key);
        }
    }

    /// <summary>Takes the fields of another set out with all that lies below them.</summary>
    public void SubtractTrees(FieldSet other)
    {
        foreach (var (key, child) in other._children)
        {
            if (!_children.TryGetValue(key, out var mine))
                continue;
            if (!child.IsMember)
                mine.SubtractTrees(child);
            if (child.IsMember || mine.IsEmpty)
                _children.Remove(key);
        }
    }

    /// <summary>The fields that are in both sets.</summary>
    public FieldSet Intersect(FieldSet other)
    {
        var result = new FieldSet { IsMember = IsMember && other.IsMember };
        foreach (var (key, child) in _children)
        {
            if (other._children.TryGetValue(key, out var match) && child.Intersect(match) is { IsEmpty: false } both)
                result._children[key] = both;
        }
        return result;
    }

    /// <summary>Whether both sets hold the same fields.</summary>
    public bool Same(FieldSet other)
    {
        if (IsMember != other.IsMember || _children.Count != other._children.Count)
            return false;
        foreach (var (key, child) in _children)
        {
            if (!other._children.TryGetValue(key, out var match) || !child.Same(match))
                return false;
        }
        return true;
    }

    /// <summary>The paths in the set as messages show them, as in .spec.ports[port=80,protocol="TCP"].name.</summary>
    public List<string> Paths()
    {
        var paths = new List<string>();
        AddPaths("", paths);
        return paths;
    }

    private void AddPaths(string prefix, List<string> paths)
    {
        if (IsMember)
            paths.Add(prefix);
        foreach (var (key, child) in _children)
            child.AddPaths(prefix + Show(key), paths);
    }

    private static string Show(string key)
    {
        if (key.StartsWith("f:", StringComparison.Ordinal))
            return "." + key[2..];
        if (key.StartsWith("v:", StringComparison.Ordinal))
            return $"[={key[2..]}]";
        var text = new StringBuilder("[");
        foreach (var (name, value) in JsonText.Parse(key[2..]) as JsonObject ?? [])
            text.Append(text.Length > 1 ? "," : "").Append(name).Append('=').Append(JsonText.ToText(value));
        return text.Append(']').ToString();
    }
}
