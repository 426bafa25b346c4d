using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Nodes;

/// <summary>EndpointSlices by the Service that they belong to. Cost of a change is that of the slice.</summary>
internal sealed class EndpointIndex
{
    // Nearly every Service has one slice; the order within a Service does not reach an output.
    private readonly SortedDictionary<ObjectKey, EndpointSlice[]> _byService = [];

    /// <summary>Takes a change of a slice in; returns the Services whose endpoints may have changed.</summary>
    public IEnumerable<ObjectKey> Change(EndpointSlice? before, EndpointSlice? after)
    {
        if (before?.Service is { } left && left != after?.Service)
            Remove(left, before.Key);
        if (after?.Service is { } joined)
        {
            _byService[joined] = [.. SlicesOf(joined).Where(slice => slice.Key != after.Key), after];
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

    private EndpointSlice[] SlicesOf(ObjectKey service) => _byService.GetValueOrDefault(service, []);

    private void Remove(ObjectKey service, ObjectKey slice)
    {
        EndpointSlice[] left = [.. SlicesOf(service).Where(other => other.Key != slice)];
        if (left.Length == 0)
            _byService.Remove(service);
        else
            _byService[service] = left;
    }
}
