using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;

namespace FerroLB.Lab.Checkers;

/// <summary>An L2Advertisement as the checkers see it.</summary>
public sealed class AdvertisementView
{
    internal AdvertisementView(JsonElement advertisement)
    {
        var spec = advertisement.Field("spec");
        Name = advertisement.Field("metadata").Field("name").Text() ?? "";
        Pools = spec.Field("ipAddressPools").Texts();
        PoolSelectors = SelectorView.ReadList(spec.Field("ipAddressPoolSelectors"));
        NodeSelectors = SelectorView.ReadList(spec.Field("nodeSelectors"));
        ServiceSelectors = SelectorView.ReadList(spec.Field("serviceSelectors"));
        Interfaces = spec.Field("interfaces").Texts();
        Preferences = [.. spec.Field("preferredNodeSelectors").Items().Select(item =>
            (item.Field("weight").Number(), SelectorView.Read(item.Field("preference") ?? default)))];
        IsValid = Pools.Distinct(StringComparer.Ordinal).Count() == Pools.Count;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Whether the workload's kinds of mistakes are absent.</summary>
    public bool IsValid { get; }

    /// <summary>Pools by name.</summary>
    public IReadOnlyList<string> Pools { get; }

    /// <summary>Pools by label.</summary>
    public IReadOnlyList<SelectorView> PoolSelectors { get; }

    /// <summary>Nodes by label.</summary>
    public IReadOnlyList<SelectorView> NodeSelectors { get; }

    /// <summary>Services by label.</summary>
    public IReadOnlyList<SelectorView> ServiceSelectors { get; }

    /// <summary>Interfaces by name.</summary>
    public IReadOnlyList<string> Interfaces { get; }

    /// <summary>Weighted wishes.</summary>
    public IReadOnlyList<(int Weight, SelectorView Nodes)> Preferences { get; }

    /// <summary>Whether it announces addresses of the pool.</summary>
    public bool Covers(PoolView pool) =>
        (Pools.Count == 0 && PoolSelectors.Count == 0) || Pools.Contains(pool.Name, StringComparer.Ordinal) ||
        PoolSelectors.Any(selector => selector.Matches(pool.Labels));

    /// <summary>Whether it is about the Service.</summary>
    public bool Covers(ServiceView service) =>
        ServiceSelectors.Count == 0 || ServiceSelectors.Any(selector => selector.Matches(service.Labels));

    /// <summary>Whether it announces from the node.</summary>
    public bool Covers(NodeView node) => NodeSelectors.Count == 0 || NodeSelectors.Any(selector => selector.Matches(node.Labels));
}
