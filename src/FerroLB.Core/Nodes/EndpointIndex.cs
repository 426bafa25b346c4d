using System;
using System.Collections.Generic;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Nodes;

/// <summary>EndpointSlices by the Service that they belong to. Cost of a change is that of the slice.</summary>
internal sealed class EndpointIndex
{
    private static readonly SortedDictionary<ObjectKey, EndpointSlice> None = [];

    private readonly SortedDictionary<ObjectKey, SortedDictionary<ObjectKey, EndpointSlice>> _byService = [];

    /// <summary>Takes a change of a slice in; returns the Services whose endpoints may have changed.</summary>
    public IEnumerable<ObjectKey> Change(EndpointSlice? before, EndpointSlice? after)
    {
        if (before?.Service is { } left && left != after?.Service)
            Remove(left, before.Key);
        if (after?.Service is { } joined)
        {
            if (!_byService.TryGetValue(joined, out var slices))
                _byService.Add(joined, slices = []);
            slices[after.Key] = after;
        }
        if (before?.Service is { } first)
            yield return first;
        if (after?.Service is { } second && second != before?.Service)
            yield return second;
    }

    /// <summary>Whether any endpoint of a Service can serve, on whatever node.</summary>
    public bool HasServing(ObjectKey service)
    {
        foreach (var slice in SlicesOf(service))
        {
            if (slice.HasServing)
                return true;
        }
        return false;
    }

    /// <summary>The nodes with an endpoint of a Service that can serve.</summary>
    public IReadOnlySet<string> ServingNodes(ObjectKey service)
    {
        var nodes = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var slice in SlicesOf(service))
            nodes.UnionWith(slice.ServingNodes);
        return nodes;
    }

    private SortedDictionary<ObjectKey, EndpointSlice>.ValueCollection SlicesOf(ObjectKey service) =>
        _byService.GetValueOrDefault(service, None).Values;

    private void Remove(ObjectKey service, ObjectKey slice)
    {
        if (!_byService.TryGetValue(service, out var slices))
            return;
        slices.Remove(slice);
        if (slices.Count == 0)
            _byService.Remove(service);
    }
}
