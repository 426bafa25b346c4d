using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Counts references: which Services hold which address, and so which addresses this node owns. A shared address stays until its last
/// Service goes. Every change costs the change, whatever the table holds.
/// </summary>
internal sealed class OwnedAddressTable
{
    private readonly Dictionary<ObjectKey, Wish> _held = [];

    /// <summary>The present table; never changes, a later one replaces it.</summary>
    public ImmutableSortedDictionary<IpAddress, OwnedAddress> Addresses { get; private set; } =
        ImmutableSortedDictionary<IpAddress, OwnedAddress>.Empty;

    /// <summary>
    /// Replaces what a Service holds (nothing, for empty) and returns the addresses, sorted, that were gained, lost or may have moved
    /// to other interfaces.
    /// </summary>
    public IReadOnlyCollection<IpAddress> Hold(ObjectKey service, IReadOnlyList<IpAddress> addresses, IReadOnlyList<string>? interfaces)
    {
        var before = _held.GetValueOrDefault(service);
        var wish = new Wish(new(addresses), interfaces is null ? null : [.. new SortedSet<string>(interfaces, StringComparer.Ordinal)]);
        if (before is not null && before.Addresses.SetEquals(wish.Addresses) && OwnedAddress.AreSame(before.Interfaces, wish.Interfaces))
            return [];
        var touched = new SortedSet<IpAddress>(wish.Addresses);
        if (before is not null)
            touched.UnionWith(before.Addresses);
        foreach (var address in touched)
        {
            if (wish.Addresses.Contains(address))
                Add(service, address, wish.Interfaces);
            else
                Remove(service, address);
        }
        if (wish.Addresses.Count > 0)
            _held[service] = wish;
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

    private sealed record Wish(SortedSet<IpAddress> Addresses, IReadOnlyList<string>? Interfaces);
}
