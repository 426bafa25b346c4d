using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Which Services' statuses name which addresses on the API server. An address that was taken from one Service is written to the next only
/// after the first one's status has let it go, so that no two statuses ever name an address that is not shared, even if writes fail or the
/// process dies between.
/// </summary>
internal sealed class AddressClaims
{
    private readonly SortedDictionary<IpAddress, SortedSet<ObjectKey>> _claims = [];
    private readonly SortedDictionary<IpAddress, SortedSet<ObjectKey>> _waiting = [];

    /// <summary>Takes a change of a Service's picture; returns those who waited for an address that is no longer named by it.</summary>
    public IReadOnlyCollection<ObjectKey> Change(ObjectKey key, Service? before, Service? after)
    {
        var woken = new SortedSet<ObjectKey>();
        var (old, now) = (Named(before), Named(after));
        foreach (var address in old)
        {
            if (now.Contains(address))
                continue;
            Remove(_claims, address, key);
            if (_waiting.Remove(address, out var waiting))
                woken.UnionWith(waiting);
        }
        foreach (var address in now)
            Add(_claims, address, key);
        return woken;
    }

    /// <summary>The Services whose statuses name an address.</summary>
    public IReadOnlyCollection<ObjectKey> NamedBy(IpAddress address) => _claims.TryGetValue(address, out var services) ? services : [];

    /// <summary>The Service wants to be told when one of the others lets the address go.</summary>
    public void Wait(ObjectKey key, IpAddress address) => Add(_waiting, address, key);

    private static ImmutableArray<IpAddress> Named(Service? service) => service is null ? [] : ServiceDemand.ReadStatus(service, out _);

    private static void Add(SortedDictionary<IpAddress, SortedSet<ObjectKey>> map, IpAddress address, ObjectKey key)
    {
        if (!map.TryGetValue(address, out var services))
            map[address] = services = [];
        services.Add(key);
    }

    private static void Remove(SortedDictionary<IpAddress, SortedSet<ObjectKey>> map, IpAddress address, ObjectKey key)
    {
        if (map.TryGetValue(address, out var services) && services.Remove(key) && services.Count == 0)
            map.Remove(address);
    }
}
