using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;
using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>
/// Which cluster IPs and node ports are taken. It only mirrors the stored Services, so a write that is refused or dry leaves nothing
/// behind.
/// </summary>
internal sealed class ServiceAllocations(ApiStoreOptions options, SeededRandom random, Func<DrawTape> draws)
{
    private readonly SortedDictionary<IpAddress, int> _addresses = [];
    private readonly SortedDictionary<long, int> _nodePorts = [];

    /// <summary>The ranges.</summary>
    public ApiStoreOptions Options => options;

    /// <summary>Whether cluster IPs of both families are given out.</summary>
    public bool IsDualStack => options.ServiceRangeV6 is not null;

    /// <summary>The range of a family, or null when the server has none.</summary>
    public IpPrefix? Range(AddressFamily family) => family == AddressFamily.IPv4 ? options.ServiceRangeV4 : options.ServiceRangeV6;

    /// <summary>Whether an address is taken.</summary>
    public bool IsTaken(IpAddress address) => _addresses.ContainsKey(address);

    /// <summary>Whether a node port is taken.</summary>
    public bool IsTaken(long nodePort) => _nodePorts.ContainsKey(nodePort);

    /// <summary>
    /// A free address of a family; null when the range is full or absent. The first sixteenth is left for addresses chosen by hand.
    /// </summary>
    public IpAddress? FreeAddress(AddressFamily family)
    {
        if (Range(family) is not { } range)
            return null;
        var size = (long)UsableSize(range) - 1;
        var reserved = size / 16;
        var span = size - reserved - 1;
        if (span <= 0)
            return null;
        var start = (long)(draws().Next(random.NextUInt64) % (ulong)span);
        for (long step = 0; step < span; step++)
        {
            var candidate = IpAddress.From(family, range.First.Value + (ulong)(reserved + 1 + (start + step) % span));
            if (!_addresses.ContainsKey(candidate))
                return candidate;
        }
        return null;
    }

    /// <summary>A free node port that is not among those of the same request; null when all are taken.</summary>
    public long? FreeNodePort(SortedSet<long> alsoTaken)
    {
        var count = options.NodePortLast - options.NodePortFirst + 1;
        var start = draws().Next(() => random.Next(count));
        for (var step = 0; step < count; step++)
        {
            long candidate = options.NodePortFirst + (start + step) % count;
            if (!_nodePorts.ContainsKey(candidate) && !alsoTaken.Contains(candidate))
                return candidate;
        }
        return null;
    }

    /// <summary>Follows a change of a Service.</summary>
    public void Changed(StoredObject? before, StoredObject? after)
    {
        Count(after?.Json, 1);
        Count(before?.Json, -1);
    }

    private void Count(JsonObject? service, int difference)
    {
        var spec = service.Object("spec");
        foreach (var text in spec.Array("clusterIPs").Texts())
        {
            if (IpAddress.TryParse(text, out var address))
                Add(_addresses, address, difference);
        }
        foreach (var nodePort in NodePorts(spec))
            Add(_nodePorts, nodePort, difference);
    }

    /// <summary>The node ports of a Service, each once.</summary>
    public static SortedSet<long> NodePorts(JsonObject? spec)
    {
        var ports = new SortedSet<long>();
        foreach (var port in spec.Array("ports") ?? [])
        {
            if (port.Integer("nodePort") is { } nodePort and > 0)
                ports.Add(nodePort);
        }
        if (spec.Integer("healthCheckNodePort") is { } health and > 0)
            ports.Add(health);
        return ports;
    }

    private static void Add<TKey>(SortedDictionary<TKey, int> counts, TKey key, int difference)
        where TKey : notnull
    {
        counts.TryGetValue(key, out var count);
        if (count + difference > 0)
            counts[key] = count + difference;
        else
            counts.Remove(key);
    }

    private static ulong UsableSize(IpPrefix range) => range.HostBitCount >= 32 ? 1UL << 32 : 1UL << range.HostBitCount;
}
