using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Counts references: which Services hold which address, and so which addresses this node owns. A shared address stays until its last
/// Service goes. Every change costs the change, whatever the table holds.
/// </summary>
internal sealed class OwnedAddressTable
{
    private readonly Dictionary<ObjectKey, SortedDictionary<IpAddress, AddressWish>> _held = [];

    /// <summary>The present table; never changes, a later one replaces it.</summary>
    public ImmutableSortedDictionary<IpAddress, OwnedAddress> Addresses { get; private set; } =
        ImmutableSortedDictionary<IpAddress, OwnedAddress>.Empty;

    /// <summary>
    /// Replaces what a Service holds (nothing, for empty) and returns the addresses, sorted, that were gained, lost or may have moved
    /// to other interfaces.
    /// </summary>
    public IReadOnlyCollection<IpAddress> Hold(ObjectKey service, IReadOnlyList<AddressWish> wishes)
    {
        var before = _held.GetValueOrDefault(service);
        var after = new SortedDictionary<IpAddress, AddressWish>();
        foreach (var (address, names) in wishes)
            after[address] = new(address, names is null ? null : [.. new SortedSet<string>(names, StringComparer.Ordinal)]);
        var touched = new SortedSet<IpAddress>();
        foreach (var address in (before?.Keys ?? Enumerable.Empty<IpAddress>()).Where(address => !after.ContainsKey(address)))
        {
            touched.Add(address);
            Remove(service, address);
        }
        foreach (var wish in after.Values.Where(wish => !wish.Equals(before?.GetValueOrDefault(wish.Address))))
        {
            touched.Add(wish.Address);
            Add(service, wish.Address, wish.Interfaces);
        }
        if (after.Count > 0)
            _held[service] = after;
        else
            _held.Remove(service);
        return touched;
    }

    private void Add(ObjectKey service, IpAddress address, IReadOnlyList<string>? interfaces)
    {
        var holders = Addresses.TryGetValue(address, out var owned)
            ? owned.Holders
            : ImmutableSortedDictionary<ObjectKey, IReadOnlyList<string>?>.Empty;
        Addresses = Addresses.SetItem(address, new(address, holders.SetItem(service, interfaces)));
    }

    private void Remove(ObjectKey service, IpAddress address)
    {
        if (!Addresses.TryGetValue(address, out var owned))
            return;
        var holders = owned.Holders.Remove(service);
        Addresses = holders.IsEmpty ? Addresses.Remove(address) : Addresses.SetItem(address, new(address, holders));
    }
}
