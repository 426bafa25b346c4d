using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Which node must announce which address from which interface once everything is at rest, computed in the simplest way from what the store
/// has.
/// </summary>
/// <param name="mirror">The store.</param>
/// <param name="allocation">Which pool an address is of.</param>
/// <param name="isAlive">Whether a speaker lives on a node, as far as the speakers can know.</param>
/// <param name="areInterfacesStated">
/// Whether the speakers know each other's interfaces, which are the same on every node: then a node that may use none of them is no
/// candidate when another one may.
/// </param>
public sealed class PlacementModel(
    StoreMirror mirror, AllocationRules allocation, Func<NodeView, bool> isAlive, bool areInterfacesStated)
{
    /// <summary>
    /// For each address that a Service of ours has from a pool that is surely in force: the node and the interfaces (null for all)
    /// that must announce it; none for nobody.
    /// </summary>
    public SortedDictionary<IpAddress, SortedSet<(string Node, string Interface)>> Expected(IReadOnlyList<string> interfaces)
    {
        var expected = new SortedDictionary<IpAddress, SortedSet<(string, string)>>();
        var ours = mirror.Services.Objects.Values.Where(service => service.IsOurs)
            .Where(service => service.Addresses.All(address => allocation.PoolOf(address) is not null)).ToList();
        foreach (var address in ours.SelectMany(service => service.Addresses).Distinct())
            expected[address] = [.. PlacesOf(address, ours, interfaces)];
        return expected;
    }

    // All who have an address elect; if they disagree, the one that serves the most of them, then by score and the address's own hash.
    private IEnumerable<(string Node, string Interface)> PlacesOf(
        IpAddress address, List<ServiceView> services, IReadOnlyList<string> interfaces)
    {
        var votes = services.Where(service => service.Addresses.Contains(address)).Select(service => Vote(service, address, interfaces))
            .Where(vote => vote.Order.Count > 0).ToList();
        var winners = votes.Select(vote => vote.Order[0].Node.Name).Distinct(StringComparer.Ordinal).ToList();
        var owner = winners.Count < 2 ? winners.FirstOrDefault() : votes.SelectMany(vote => vote.Order)
            .GroupBy(candidate => candidate.Node.Name, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count())
            .ThenByDescending(group => group.Max(candidate => candidate.Score))
            .ThenBy(group => HashOf(group.Key, address), StringComparer.Ordinal)
            .First().Key;
        foreach (var (order, advertisements) in votes)
        {
            if (order.FirstOrDefault(candidate => candidate.Node.Name == owner).Node is not { } node)
                continue;
            foreach (var name in WayOut(node, advertisements, interfaces))
                yield return (owner!, name);
        }
    }

    private (List<(NodeView Node, int Score)> Order, List<AdvertisementView> Advertisements) Vote(
        ServiceView service, IpAddress address, IReadOnlyList<string> interfaces)
    {
        var pool = allocation.PoolOf(address)!;
        var first = service.Addresses.First(other => allocation.PoolOf(other)?.Name == pool.Name);
        var serving = mirror.Slices.Objects.Values
            .Where(slice => slice.Service == service.Key).SelectMany(slice => slice.ServingNodes).ToList();
        var advertisements = mirror.Advertisements.Objects.Values.Where(item => item.Covers(pool) && item.Covers(service)).ToList();
        if (serving.Count == 0 || (service.HasSharingAnnotation && advertisements.Any(item => item.ServiceSelectors.Count > 0)))
            return ([], advertisements);
        var able = mirror.Nodes.Objects.Values
            .Where(node => isAlive(node) && node.MayAnnounce && advertisements.Any(item => item.Covers(node)))
            .Where(node => !service.IsLocal || serving.Contains(node.Name, StringComparer.Ordinal))
            .ToList();
        var withWayOut = able.Where(node => WayOut(node, advertisements, interfaces).Any()).ToList();
        var order = (areInterfacesStated && withWayOut.Count > 0 ? withWayOut : able)
            .Select(node => (Node: node, Score: Score(node, advertisements)))
            .OrderByDescending(candidate => candidate.Score)
            .ThenBy(candidate => HashOf(candidate.Node.Name, first), StringComparer.Ordinal)
            .ToList();
        return (order, advertisements);
    }

    private static IEnumerable<string> WayOut(
        NodeView node, IReadOnlyList<AdvertisementView> advertisements, IReadOnlyList<string> interfaces)
    {
        var covering = advertisements.Where(item => item.Covers(node)).ToList();
        return interfaces.Where(name =>
            covering.Any(item => item.Interfaces.Count == 0 || item.Interfaces.Contains(name, StringComparer.Ordinal)));
    }

    private static string HashOf(string node, IpAddress address) => Convert.ToHexString(StableHash.Sha256($"{node}#{address}"));

    private static int Score(NodeView node, List<AdvertisementView> advertisements) => advertisements
        .Where(item => item.Covers(node))
        .SelectMany(item => item.Preferences)
        .Where(preference => preference.Nodes.Matches(node.Labels))
        .Sum(preference => preference.Weight);
}
