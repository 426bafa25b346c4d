using System;
using System.Collections.Generic;
using System.Text.Json;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>One page of a list, taken apart.</summary>
/// <typeparam name="T">The record of the kind.</typeparam>
public sealed class ListPage<T>
    where T : KubeObject
{
    private ListPage(string resourceVersion, string? next, IReadOnlyList<T> items, IReadOnlyList<JsonFault> faults) =>
        (ResourceVersion, Continue, Items, Faults) = (resourceVersion, next, items, faults);

    /// <summary>Where a watch may begin once the last page is there.</summary>
    public string ResourceVersion { get; }

    /// <summary>Token of the next page; null on the last one.</summary>
    public string? Continue { get; }

    /// <summary>The objects that could be read, in the order of the page.</summary>
    public IReadOnlyList<T> Items { get; }

    /// <summary>The objects that could not.</summary>
    public IReadOnlyList<JsonFault> Faults { get; }

    /// <summary>
    /// Reads a page. A body that is not a complete list (no resourceVersion, no "items") gives null and the reason: it must never be taken
    /// for an empty collection.
    /// </summary>
    internal static ListPage<T>? Read(KubeKind<T> kind, ReadOnlyMemory<byte> json, StringTable strings, out string problem)
    {
        if (!KubeJson.TryParse(json, out var document, out problem))
            return null;
        using (document)
        {
            var root = document!.RootElement;
            var meta = ReadListMeta(root, strings);
            if (meta.ResourceVersion is not { Length: > 0 } || !root.TryGetProperty("items", out var items) ||
                items.ValueKind is not (JsonValueKind.Array or JsonValueKind.Null))
            {
                problem = $"not a list of {kind.Resource.Kind} objects";
                return null;
            }
            return ReadItems(kind, meta.ResourceVersion, meta.Continue, items, strings);
        }
    }

    private static ListPage<T> ReadItems(KubeKind<T> kind, string version, string? next, JsonElement items, StringTable strings)
    {
        var count = items.ValueKind == JsonValueKind.Array ? items.GetArrayLength() : 0;
        var objects = new List<T>(count);
        var faults = new List<JsonFault>();
        for (var i = 0; i < count; i++)
        {
            if (KubeJson.ReadElement(kind, items[i], strings, out var fault) is { } item)
                objects.Add(item);
            else
                faults.Add(fault!);
        }
        return new ListPage<T>(version, next, objects, faults);
    }

    private static (string? ResourceVersion, string? Continue) ReadListMeta(JsonElement root, StringTable strings)
    {
        try
        {
            var meta = JsonView.Of(root, strings).Object("metadata");
            var next = meta?.String("continue");
            return (meta?.String("resourceVersion"), string.IsNullOrEmpty(next) ? null : next);
        }
        catch (InvalidOperationException)
        {
            return (null, null);
        }
    }
}
