using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Placement;

/// <summary>
/// Remembers in which order the nodes of a cluster stand for an address by the SHA-256 of "node#address", lowest first. That depends on
/// the names of the nodes alone, so an election that is held anew because a node died, or got a label, costs no hash. Beyond its bound it
/// forgets everything and finds it again, and so it does with another set of names.
/// </summary>
/// <param name="mostPlaces">The most that it holds: addresses times nodes.</param>
public sealed class HashOrders(int mostPlaces = 4_000_000)
{
    private readonly Dictionary<IpAddress, int[]> _orders = [];
    private ImmutableArray<string> _names = [];

    /// <summary>How many addresses it has an order for.</summary>
    public int Count => _orders.Count;

    /// <summary>The nodes by hash, as indexes of <paramref name="names"/>, which must be sorted.</summary>
    public IReadOnlyList<int> Of(IpAddress address, ImmutableArray<string> names)
    {
        if (_names != names && !_names.SequenceEqual(names))
            _orders.Clear();
        _names = names;
        if (_orders.TryGetValue(address, out var order))
            return order;
        if ((long)(_orders.Count + 1) * names.Length > mostPlaces)
            _orders.Clear();
        var hashes = names.Select(name => StableHash.Sha256($"{name}#{address}")).ToArray();
        order = [.. Enumerable.Range(0, names.Length)];
        Array.Sort(order, (left, right) => hashes[left].AsSpan().SequenceCompareTo(hashes[right]));
        _orders.Add(address, order);
        return order;
    }
}
