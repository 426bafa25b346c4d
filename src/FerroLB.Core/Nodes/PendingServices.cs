using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Core.Allocation;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Services that wait for something that another Service holds, by what they wait for: a free address of a family in a pool, one particular
/// address, or a change among those with the same sharing key. When such a thing comes free, only those who wait for it are looked at
/// again.
/// </summary>
internal sealed class PendingServices
{
    private readonly SortedDictionary<string, SortedSet<ObjectKey>> _byTopic = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ObjectKey, ImmutableSortedSet<string>> _topics = [];

    /// <summary>How many Services wait.</summary>
    public int Count => _topics.Count;

    /// <summary>What a free address of a pool is called.</summary>
    public static string Pool(string pool, AddressFamily family) => $"pool/{(int)family}/{pool}";

    /// <summary>The pool and family of a topic made by <see cref="Pool"/>; null for other topics.</summary>
    public static (string Name, AddressFamily Family)? PoolOf(string topic) =>
        !topic.StartsWith("pool/", StringComparison.Ordinal)
            ? null
            : (topic[7..], topic[5] == '4' ? AddressFamily.IPv4 : AddressFamily.IPv6);

    /// <summary>What one particular address is called.</summary>
    public static string Address(IpAddress address) => $"ip/{address}";

    /// <summary>What a change among sharers is called.</summary>
    public static string SharingKey(string key) => $"key/{key}";

    /// <summary>Says what a Service waits for now; nothing for a null refusal.</summary>
    public void Set(AllocationRequest request, AllocationRefusal? refusal)
    {
        Remove(request.Service);
        if (refusal is null)
            return;
        var topics = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        foreach (var pool in refusal.Pools)
        {
            // Only of what is used up: as long as none of it comes free, nothing else that does could help.
            if (pool.IsOutOfIPv4)
                topics.Add(Pool(pool.Pool, AddressFamily.IPv4));
            if (pool.IsOutOfIPv6)
                topics.Add(Pool(pool.Pool, AddressFamily.IPv6));
        }
        foreach (var address in request.RequestedAddresses)
            topics.Add(Address(address));
        if (request.SharingKey.Length > 0)
            topics.Add(SharingKey(request.SharingKey));
        Add(request.Service, topics.ToImmutable());
    }

    /// <summary>The Service waits for nothing any more.</summary>
    public void Remove(ObjectKey service)
    {
        if (!_topics.Remove(service, out var topics))
            return;
        foreach (var topic in topics)
        {
            var waiting = _byTopic[topic];
            waiting.Remove(service);
            if (waiting.Count == 0)
                _byTopic.Remove(topic);
        }
    }

    /// <summary>The first that waits for something, or the first after another one; null when there is none.</summary>
    public ObjectKey? Next(string topic, ObjectKey? after)
    {
        if (!_byTopic.TryGetValue(topic, out var waiting))
            return null;
        if (after is not { } last)
            return waiting.Min;
        if (waiting.Max <= last)
            return null;
        foreach (var key in waiting.GetViewBetween(last, waiting.Max))
        {
            if (key > last)
                return key;
        }
        return null;
    }

    private void Add(ObjectKey service, ImmutableSortedSet<string> topics)
    {
        if (topics.IsEmpty)
            return;
        _topics[service] = topics;
        foreach (var topic in topics)
        {
            if (!_byTopic.TryGetValue(topic, out var waiting))
                _byTopic[topic] = waiting = [];
            waiting.Add(service);
        }
    }
}
