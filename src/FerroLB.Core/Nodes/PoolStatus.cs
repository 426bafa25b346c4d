using System;
using System.Collections.Generic;
using FerroLB.Core.Allocation;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps the counters in each IPAddressPool's status, and the gauges about pools, equal to the allocator's; writes only what differs.
/// </summary>
internal sealed class PoolStatus(Allocator allocator, ConfigKeeper config, StatusWriter<IpAddressPool> writer, Queue<NodeOutput> outputs)
{
    private readonly WorkQueue<ObjectKey> _dirty = new();
    private readonly SortedDictionary<string, (PoolCounters Counters, int Services)> _told = new(StringComparer.Ordinal);

    /// <summary>When a pool whose write failed is looked at again.</summary>
    public Instant? NextDeadline => _dirty.NextDeadline;

    /// <summary>Whether a pool is to be looked at now, which the end of its last write may be the only reason for.</summary>
    public bool HasWork => _dirty.ReadyCount > 0;

    /// <summary>Looks at a pool again.</summary>
    public void Mark(ObjectKey pool) => _dirty.Mark(pool);

    /// <summary>Takes the end of a write: a pool whose write failed is looked at again later.</summary>
    public void OnWritten(StatusWritten written, Instant now)
    {
        if (written.Result is WriteResult.Written)
        {
            _dirty.Forget(written.Key);
            _dirty.Mark(written.Key);
        }
        else if (written.Result is not WriteResult.Gone)
        {
            _dirty.Retry(written.Key, now);
        }
    }

    /// <summary>Looks at the pools whose counters are not those told last; cost per pool, not per address.</summary>
    public void MarkChanged(string ns)
    {
        foreach (var counters in allocator.Counters)
        {
            if (!_told.TryGetValue(counters.Pool, out var told) || told != (counters, allocator.ServiceCountOf(counters.Pool)))
                _dirty.Mark(new ObjectKey(ns, counters.Pool));
        }
        foreach (var pool in _told.Keys)
        {
            if (allocator.CountersOf(pool) is null)
                _dirty.Mark(new ObjectKey(ns, pool));
        }
    }

    /// <summary>Takes the gauges back.</summary>
    public void End()
    {
        foreach (var pool in new List<string>(_told.Keys))
            Tell(pool, null);
    }

    /// <summary>Writes the statuses that differ, one write at a time per pool.</summary>
    public void Flush(Instant now)
    {
        _dirty.Advance(now);
        while (_dirty.TryTake(out var key))
        {
            var counters = allocator.CountersOf(key.Name);
            Tell(key.Name, counters);
            // The end of a write under way marks the pool again.
            if (writer.IsBusy(key) || counters is null || config.Pools.Find(key) is not { } pool)
                continue;
            var status = new IpAddressPoolStatus
            {
                AssignedIPv4 = counters.AssignedIPv4,
                AssignedIPv6 = counters.AssignedIPv6,
                AvailableIPv4 = counters.AvailableIPv4,
                AvailableIPv6 = counters.AvailableIPv6,
            };
            if (pool.Status != status)
                writer.Patch(pool, KubePatch.PoolStatus(pool.Metadata, status), now);
        }
    }

    private void Tell(string pool, PoolCounters? counters)
    {
        if (counters is null)
        {
            if (_told.Remove(pool))
                ForEachGauge(pool, default, 0, MetricOperation.Remove);
            return;
        }
        var services = allocator.ServiceCountOf(pool);
        if (_told.TryGetValue(pool, out var told) && told == (counters, services))
            return;
        _told[pool] = (counters, services);
        var counts = (counters.CapacityIPv4, counters.CapacityIPv6, counters.AssignedIPv4, counters.AssignedIPv6);
        ForEachGauge(pool, counts, services, MetricOperation.Set);
    }

    private void ForEachGauge(string pool, (long V4, long V6, long UsedV4, long UsedV6) counts, int services, MetricOperation operation)
    {
        Gauge("metallb_allocator_addresses_total", (double)counts.V4 + counts.V6);
        Gauge("metallb_allocator_ipv4_addresses_total", counts.V4);
        Gauge("metallb_allocator_ipv6_addresses_total", counts.V6);
        Gauge("metallb_allocator_addresses_in_use_total", (double)counts.UsedV4 + counts.UsedV6);
        Gauge("metallb_allocator_ipv4_addresses_in_use_total", counts.UsedV4);
        Gauge("metallb_allocator_ipv6_addresses_in_use_total", counts.UsedV6);
        Gauge("metallb_allocator_services_allocated_total", services);

        void Gauge(string name, double value) =>
            outputs.Enqueue(new NodeOutput.ChangeMetric(new MetricChange(operation, name, value, new LogField("pool", pool))));
    }
}
