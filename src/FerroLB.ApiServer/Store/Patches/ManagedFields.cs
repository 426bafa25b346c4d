using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Patches;

/// <summary>Who writes: the identity under which fields are owned.</summary>
/// <param name="Name">The manager's name.</param>
/// <param name="IsApply">Whether by server-side apply.</param>
/// <param name="ApiVersion">The version in which it wrote.</param>
/// <param name="Subresource">"" or "status".</param>
internal sealed record FieldOwner(string Name, bool IsApply, string ApiVersion, string Subresource)
{
    /// <summary>Whether two identities are one manager; an applier stays itself when it changes the API version.</summary>
    public bool Is(FieldOwner other) => Name == other.Name && IsApply == other.IsApply && Subresource == other.Subresource &&
        (IsApply || ApiVersion == other.ApiVersion);

    /// <summary>As conflict messages name it.</summary>
    public override string ToString()
    {
        var text = $"\"{Name}\"";
        if (Subresource.Length > 0)
            text += $" with subresource \"{Subresource}\"";
        return IsApply ? text : $"{text} using {ApiVersion}";
    }
}

/// <summary>The managedFields of one object: which manager owns which fields.</summary>
internal sealed class ManagedFields
{
    private const int MostUpdaters = 10;
    private const string AncientChanges = "ancient-changes";

    private static readonly string[] Unmanaged =
        ["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion", "generateName",
         "deletionTimestamp", "deletionGracePeriodSeconds"];

    private readonly List<Entry> _entries = [];

    /// <summary>One manager and what it owns.</summary>
    internal sealed class Entry(FieldOwner manager, FieldSet fields, string time)
    {
        /// <summary>Who.</summary>
        public FieldOwner Manager { get; set; } = manager;

        /// <summary>What.</summary>
        public FieldSet Fields { get; set; } = fields;

        /// <summary>Since when, RFC 3339.</summary>
        public string Time { get; set; } = time;
    }

    /// <summary>The entries, in the order of the object.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Reads the managedFields of an object; entries in a form that is not known are dropped.</summary>
    public static ManagedFields Read(JsonObject source)
    {
        var result = new ManagedFields();
        foreach (var item in source.Object("metadata").Array("managedFields") ?? [])
        {
            if (item.Text("manager") is not { } name)
                continue;
            var manager = new FieldOwner(name, item.Text("operation") == "Apply", item.Text("apiVersion") ?? "",
                item.Text("subresource") ?? "");
            result._entries.Add(new Entry(manager, FieldSet.Read(item.Object("fieldsV1")), item.Text("time") ?? ""));
        }
        return result;
    }

    /// <summary>Writes the entries into an object's metadata, appliers first.</summary>
    public void Write(JsonObject target)
    {
        _entries.RemoveAll(entry => entry.Fields.IsEmpty);
        var metadata = target.Ensure("metadata");
        metadata.Remove("managedFields");
        if (_entries.Count == 0)
            return;
        var sorted = new List<Entry>(_entries);
        sorted.Sort(Compare);
        var array = new JsonArray();
        foreach (var entry in sorted)
            array.Add((JsonNode)ToJson(entry));
        metadata["managedFields"] = array;
    }

    /// <summary>What a manager owns; null when it owns nothing.</summary>
    public Entry? Find(FieldOwner manager) => _entries.Find(entry => entry.Manager.Is(manager));

    /// <summary>Records a write other than apply: written fields change hands, removed ones are nobody's.</summary>
    public void Record(FieldOwnership.Difference difference, FieldOwner manager, DateTimeOffset utcNow)
    {
        Strip(difference.Written);
        Strip(difference.Removed);
        foreach (var entry in _entries)
        {
            if (!entry.Manager.Is(manager))
                entry.Fields.Subtract(difference.Written);
            entry.Fields.SubtractTrees(difference.Removed);
        }
        if (difference.Written.IsEmpty)
            return;
        var own = Find(manager);
        if (own is null)
            _entries.Add(own = new Entry(manager, new FieldSet(), ""));
        own.Fields.Add(difference.Written);
        own.Time = Rfc3339(utcNow);
        MergeOldest();
    }

    // Programs that change their name with every run would fill the object; Kubernetes keeps ten of those that do not apply.
    private void MergeOldest()
    {
        _entries.RemoveAll(entry => entry.Fields.IsEmpty);
        var updaters = _entries.FindAll(entry => !entry.Manager.IsApply && entry.Manager.Subresource.Length == 0);
        if (updaters.Count <= MostUpdaters)
            return;
        updaters.Sort(Compare);
        var merged = new SortedDictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var entry in updaters.GetRange(0, updaters.Count - MostUpdaters + 1))
        {
            _entries.Remove(entry);
            var version = entry.Manager.ApiVersion;
            if (merged.TryGetValue(version, out var ancient))
            {
                ancient.Fields.Add(entry.Fields);
                ancient.Time = entry.Time;
                continue;
            }
            merged[version] = ancient = new Entry(new FieldOwner(AncientChanges, false, version, ""), entry.Fields, entry.Time);
            _entries.Add(ancient);
        }
    }

    /// <summary>Records an apply: the manager owns exactly what it applied.</summary>
    public void RecordApply(FieldSet applied, FieldOwnership.Difference difference, FieldOwner manager, DateTimeOffset utcNow)
    {
        Strip(difference.Written);
        Strip(difference.Removed);
        foreach (var entry in _entries)
        {
            if (!entry.Manager.Is(manager))
                entry.Fields.Subtract(difference.Written);
            entry.Fields.SubtractTrees(difference.Removed);
        }
        var own = Find(manager);
        if (own is null)
            _entries.Add(own = new Entry(manager, new FieldSet(), ""));
        if (!own.Fields.Same(applied) || own.Manager.ApiVersion != manager.ApiVersion || own.Time.Length == 0)
            own.Time = Rfc3339(utcNow);
        own.Manager = manager;
        own.Fields = applied;
    }

    /// <summary>Takes the fields out that nobody owns because the server keeps them.</summary>
    public static void Strip(FieldSet set)
    {
        set.Remove("f:apiVersion");
        set.Remove("f:kind");
        foreach (var key in (ReadOnlySpan<string>)["f:metadata", "f:spec", "f:status"])
        {
            if (set.Find(key) is { } child && (key == "f:metadata" || child.Children.GetEnumerator().MoveNext()))
                child.IsMember = false;
        }
        if (set.Find("f:metadata") is not { } metadata)
            return;
        foreach (var name in Unmanaged)
            metadata.Remove("f:" + name);
        if (metadata.IsEmpty)
            set.Remove("f:metadata");
    }

    /// <summary>A time as Kubernetes writes it, in whole seconds.</summary>
    public static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static int Compare(Entry left, Entry right)
    {
        var byOperation = right.Manager.IsApply.CompareTo(left.Manager.IsApply);
        if (byOperation != 0)
            return byOperation;
        var byTime = string.CompareOrdinal(left.Time, right.Time);
        return byTime != 0 ? byTime : string.CompareOrdinal(left.Manager.Name, right.Manager.Name);
    }

    private static JsonObject ToJson(Entry entry)
    {
        var json = new JsonObject
        {
            ["manager"] = entry.Manager.Name,
            ["operation"] = entry.Manager.IsApply ? "Apply" : "Update",
            ["apiVersion"] = entry.Manager.ApiVersion,
            ["time"] = entry.Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = entry.Fields.Write(),
        };
        if (entry.Manager.Subresource.Length > 0)
            json["subresource"] = entry.Manager.Subresource;
        return json;
    }
}
