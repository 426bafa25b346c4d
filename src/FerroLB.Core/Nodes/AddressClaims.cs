using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Which Services' statuses name which addresses on the API server, or may do so because a write that names them is under way. An address
/// that was taken from one Service is written to the next only after the first one's status has let it go, so that no two statuses ever
/// name an address that is not shared, however writes are delayed or fail.
/// </summary>
internal sealed class AddressClaims
{
    private static readonly IReadOnlyCollection<ObjectKey> NoKeys = [];

    private readonly SortedDictionary<ObjectKey, ImmutableArray<IpAddress>> _pictured = [];
    private readonly SortedDictionary<ObjectKey, ImmutableArray<IpAddress>> _sent = [];
    private readonly SortedDictionary<IpAddress, SortedSet<ObjectKey>> _claims = [];
    private readonly SortedDictionary<IpAddress, SortedSet<ObjectKey>> _waiting = [];

    /// <summary>Takes a Service's present picture; returns those who waited for an address that it no longer claims.</summary>
    public IReadOnlyCollection<ObjectKey> Picture(ObjectKey key, Service? service) =>
        Set(_pictured, key, service is null ? [] : ServiceDemand.ReadStatus(service, out _)) ?? NoKeys;

    /// <summary>A write that names these addresses left for the Service.</summary>
    public void Send(ObjectKey key, ImmutableArray<IpAddress> addresses) => Set(_sent, key, addresses);

    /// <summary>The write is over, and its result is pictured; returns those who waited for an address that is no longer claimed.</summary>
    public IReadOnlyCollection<ObjectKey> EndSend(ObjectKey key) => Set(_sent, key, []) ?? NoKeys;

    /// <summary>The Services that claim an address.</summary>
    public IReadOnlyCollection<ObjectKey> NamedBy(IpAddress address) => _claims.TryGetValue(address, out var services) ? services : [];

    /// <summary>The Service wants to be told when one of the others lets the address go.</summary>
    public void Wait(ObjectKey key, IpAddress address) => Add(_waiting, address, key);

    private SortedSet<ObjectKey>? Set(
        SortedDictionary<ObjectKey, ImmutableArray<IpAddress>> map, ObjectKey key, ImmutableArray<IpAddress> now)
    {
        var before = map.GetValueOrDefault(key, []);
        var beside = (ReferenceEquals(map, _pictured) ? _sent : _pictured).GetValueOrDefault(key, []);
        if (now.IsEmpty)
            map.Remove(key);
        else
            map[key] = now;
        SortedSet<ObjectKey>? woken = null;
        foreach (var address in before)
        {
            if (now.Contains(address) || beside.Contains(address))
                continue;
            Remove(_claims, address, key);
            if (_waiting.Remove(address, out var waiting))
                (woken ??= []).UnionWith(waiting);
        }
        foreach (var address in now)
        {
            if (!before.Contains(address) && !beside.Contains(address))
                Add(_claims, address, key);
        }
        return woken;
    }

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
