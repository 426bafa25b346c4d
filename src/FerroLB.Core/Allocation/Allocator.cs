using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Allocation;

/// <summary>Gives Services their addresses.</summary>
public sealed class Allocator
{
    /// <summary>The pools in use, as counters, sorted by name.</summary>
    public IReadOnlyList<PoolCounters> Counters => throw new NotImplementedException();

    /// <summary>
    /// Replaces the pools. Allocations stay as long as each of their addresses lies in some pool; the others are released. Returns those that were
    /// released or whose pool has another name now, sorted by Service. Whether the Services may still use their pools is not judged here: assign them
    /// again for that.
    /// </summary>
    public IReadOnlyList<AllocationChange> SetPools(ClusterConfig config) => throw new NotImplementedException();

    /// <summary>What a Service holds, or null.</summary>
    public AllocatedAddresses? Find(ObjectKey service) => throw new NotImplementedException();

    /// <summary>The counters of a pool, or null when there is none of that name.</summary>
    public PoolCounters? CountersOf(string pool) => throw new NotImplementedException();

    /// <summary>
    /// Gives a Service exactly these addresses, in this order, replacing what it held: to adopt what a status says, and to check that a Service may keep
    /// what it has. Each must lie in a pool that admits the Service and be free or shareable; autoAssign, the pool asked for and the Service's families
    /// are not consulted. Refused, it changes nothing.
    /// </summary>
    public AllocationResult Assign(AllocationRequest request, ImmutableArray<IpAddress> addresses) => throw new NotImplementedException();

    /// <summary>
    /// Gives a Service what it asks for. What it holds is kept if that already answers the request (and completed by the second family if the Service
    /// prefers dual stack); otherwise new addresses replace it. Refused, it changes nothing.
    /// </summary>
    public AllocationResult Allocate(AllocationRequest request) => throw new NotImplementedException();

    /// <summary>Takes a Service's addresses away; false if it held none.</summary>
    public bool Release(ObjectKey service) => throw new NotImplementedException();
}
