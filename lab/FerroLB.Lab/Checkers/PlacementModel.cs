using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Which node must announce which address from which interface once everything is at rest, computed in the simplest way from what the store
/// has.
/// </summary>
public sealed class PlacementModel(StoreMirror mirror, AllocationRules allocation)
{
    /// <summary>
    /// For each IPv4 address that a Service of ours has from a pool that is surely in force: the node and the interfaces (null for all)
    /// that must announce it; none for nobody.
    /// </summary>
    public SortedDictionary<IpAddress, SortedSet<(string Node, string Interface)>> Expected(IReadOnlyList<string> interfaces)
    {
        var expected = new SortedDictionary<IpAddress, SortedSet<(string, string)>>();
        foreach (var service in mirror.Services.Objects.Values.Where(service => service.IsOurs))
        {
            if (service.Addresses.Any(address => allocation.PoolOf(address) is null))
                continue;
            foreach (var together in service.Addresses.GroupBy(address => allocation.PoolOf(address)?.Name ?? ""))
            {
                var (owner, from) = Elect(service, together.First());
                foreach (var address in together.Where(address => address.IsIPv4))
                {
                    if (!expected.TryGetValue(address, out var places))
                        expected[address] = places = [];
                    if (owner is not null)
                        places.UnionWith(interfaces.Where(name => from is null || from.Contains(name)).Select(name => (owner, name)));
                }
            }
        }
        return expected;
    }

    private (string? Owner, SortedSet<string>? Interfaces) Elect(ServiceView service, IpAddress address)
    {
        if (allocation.PoolOf(address) is not { } pool)
            return default;
        var serving = mirror.Slices.Objects.Values
            .Where(slice => slice.Service == service.Key).SelectMany(slice => slice.ServingNodes).ToList();
        var advertisements = mirror.Advertisements.Objects.Values.Where(item => item.Covers(pool) && item.Covers(service)).ToList();
        if (serving.Count == 0 || (service.HasSharingAnnotation && advertisements.Any(item => item.ServiceSelectors.Count > 0)))
            return default;
        var owner = mirror.Nodes.Objects.Values
            .Where(node => node.MayAnnounce && advertisements.Any(item => item.Covers(node)))
            .Where(node => !service.IsLocal || serving.Contains(node.Name, StringComparer.Ordinal))
            .OrderByDescending(node => Score(node, advertisements))
            .ThenBy(node => Convert.ToHexString(StableHash.Sha256($"{node.Name}#{address}")), StringComparer.Ordinal)
            .FirstOrDefault();
        if (owner is null)
            return default;
        var covering = advertisements.Where(item => item.Covers(owner)).ToList();
        return (owner.Name, covering.Any(item => item.Interfaces.Count == 0)
            ? null
            : new(covering.SelectMany(item => item.Interfaces), StringComparer.Ordinal));
    }

    private static int Score(NodeView node, List<AdvertisementView> advertisements) => advertisements
        .Where(item => item.Covers(node))
        .SelectMany(item => item.Preferences)
        .Where(preference => preference.Nodes.Matches(node.Labels))
        .Sum(preference => preference.Weight);
}
