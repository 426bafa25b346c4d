using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Allocation;

/// <summary>
/// Gives Services their addresses, and knows who holds what.
///
/// The life of an allocation: after a start the controller adopts what the Services' statuses say (<see cref="Assign"/>), those with
/// addresses before those without, so that nobody takes what another has. Then each Service is answered (<see cref="Allocate"/>):
/// addresses that it asked for, or addresses of the pool that it asked for, or an automatic choice: first pools that are pinned to its
/// namespace or labels, by priority and name, then pools open to all, by name. In a pool the lowest address comes first, in the order in
/// which the blocks are written. Later the same two calls check again and again that a Service may keep what it has and that it has what
/// it asks for; when nothing changed they change nothing. A Service that goes, or must not keep its addresses, is released.
///
/// A Service with cluster IPs of both families that prefers or requires dual stack gets both addresses from the first pool that has both.
/// Only if no pool has both, each family is served from the first pool that has it. A Service that has one of two addresses keeps it, and
/// the other is sought for it: nothing that works is taken away to make a better pair.
///
/// An address may have several users if their sharing keys are equal and not empty, their backend keys are equal, and no port is used
/// twice. A Service that shares takes the lowest address that is free or shareable. The only user of an address may change its keys.
///
/// Every refusal is a value that tells the user why. The cost of a call does not depend on how large or how full a pool is (see
/// <see cref="FreeBlock"/> and <see cref="SharingGroup"/>), and equal calls in equal order give equal answers in every process.
/// </summary>
public sealed class Allocator
{
    private readonly SortedDictionary<string, PoolSpace> _spaces = new(StringComparer.Ordinal);
    private readonly Dictionary<ObjectKey, Holding> _holdings = [];
    private ClusterConfig _config = ClusterConfig.Empty;
    private PoolChoice _choice = new([]);

    /// <summary>The counters of all pools, sorted by name.</summary>
    public IReadOnlyList<PoolCounters> Counters => [.. _spaces.Values.Select(space => space.Counters)];

    /// <summary>
    /// Replaces the pools. An address stays with its Service as long as it lies in some pool, whatever happens to the Service's other
    /// address; otherwise it is released. Returns the Services of which addresses were released or whose pools have other names now,
    /// sorted. Whether the Services may still use their pools is not judged here: assign them again for that.
    /// </summary>
    public IReadOnlyList<AllocationChange> SetPools(ClusterConfig config)
    {
        var gone = _spaces.Values.Where(space => !KeepsAddresses(space, config)).ToHashSet();
        var displaced = _holdings.Values.Where(holding => holding.Spots.Any(spot => gone.Contains(spot.Space)))
            .OrderBy(holding => holding.Request.Service).ToList();
        foreach (var holding in displaced)
            Detach(holding);
        foreach (var space in gone)
            _spaces.Remove(space.Config.Name);
        foreach (var pool in config.Pools)
        {
            if (_spaces.TryGetValue(pool.Name, out var space))
                space.Config = pool;
            else
                _spaces.Add(pool.Name, new(pool));
        }
        _config = config;
        _choice = new(_spaces.Values);
        return [.. displaced.Select(Replace).OfType<AllocationChange>()];
    }

    /// <summary>What a Service holds, or null.</summary>
    public AllocatedAddresses? Find(ObjectKey service) => _holdings.GetValueOrDefault(service)?.Allocated;

    /// <summary>How many Services hold addresses of a pool; 0 when there is none of that name.</summary>
    public int ServiceCountOf(string pool) => _spaces.GetValueOrDefault(pool)?.ServiceCount ?? 0;

    /// <summary>The counters of a pool, or null when there is none of that name.</summary>
    public PoolCounters? CountersOf(string pool) => _spaces.GetValueOrDefault(pool)?.Counters;

    /// <summary>
    /// Gives a Service exactly these addresses, in this order, replacing what it held: to adopt what a status says, and to check that a
    /// Service may keep what it has. Each must lie in a pool that admits the Service and be free or shareable; autoAssign, the pool asked
    /// for and the Service's families are not consulted. Refused, it changes nothing.
    /// </summary>
    public AllocationResult Assign(AllocationRequest request, ImmutableArray<IpAddress> addresses)
    {
        var held = _holdings.GetValueOrDefault(request.Service);
        if (addresses.Length is not (1 or 2) || (addresses.Length == 2 && addresses[0].Family == addresses[1].Family))
            return Refuse(request, RefusalReason.FamilyMismatch, "a Service has one address, or one of each family");
        foreach (var address in addresses)
        {
            if (WhyNot(request, address) is { } refusal)
                return AllocationResult.Refused(refusal, held?.Allocated);
        }
        Spot[] spots = [.. addresses.Select(address => _spaces[_config.FindPool(address)!.Name].Locate(address))];
        return Hold(request, spots, held);
    }

    /// <summary>
    /// Why a Service may not have an address, which must lie in a pool that admits the Service and be free or shareable; null if it may.
    /// </summary>
    public AllocationRefusal? WhyNot(AllocationRequest request, IpAddress address)
    {
        if (_config.FindPool(address) is not { } pool)
            return new(RefusalReason.AddressNotInPools, $"address {address} is in no pool, or its pool avoids it", []);
        var space = _spaces[pool.Name];
        return space.Admits(request)
            ? space.WhyNot(space.Locate(address), request)
            : new(RefusalReason.PoolNotCompatible, $"pool \"{pool.Name}\" is reserved for other namespaces or Services", []);
    }

    /// <summary>
    /// Gives a Service what it asks for. What it holds is kept if that already answers the request (and completed by the second family if
    /// the Service wants dual stack); otherwise new addresses replace it. Refused, it changes nothing.
    /// </summary>
    public AllocationResult Allocate(AllocationRequest request)
    {
        if (WhyMalformed(request) is { } malformed)
            return Refuse(request, RefusalReason.FamilyMismatch, malformed);
        if (!request.RequestedAddresses.IsEmpty)
            return AllocateRequested(request);
        if (_spaces.Count == 0)
            return Refuse(request, RefusalReason.NoPools, "there is no pool");
        if (_holdings.TryGetValue(request.Service, out var held) && Keep(request, held) is { } kept)
            return kept;
        if (request.Families.Length == 2 && request.Policy == FamilyPolicy.SingleStack)
            return Refuse(
                request, RefusalReason.FamilyMismatch, "the Service has cluster IPs of both families, but its policy is SingleStack");
        return AllocateAnew(request, _holdings.GetValueOrDefault(request.Service));
    }

    /// <summary>Takes a Service's addresses away; false if it held none.</summary>
    public bool Release(ObjectKey service)
    {
        if (!_holdings.TryGetValue(service, out var held))
            return false;
        Detach(held);
        return true;
    }

    private static string? WhyMalformed(AllocationRequest request)
    {
        if (request.Families.Length is not (1 or 2) || (request.Families.Length == 2 && request.Families[0] == request.Families[1]))
            return "the families of the Service's cluster IPs are unknown";
        if (request.Families.Length == 1 && request.Policy == FamilyPolicy.RequireDualStack)
            return "the Service requires dual stack, but has cluster IPs of one family only";
        return null;
    }

    private AllocationResult AllocateRequested(AllocationRequest request)
    {
        var requested = request.RequestedAddresses;
        if (!requested.Select(address => address.Family).Order().SequenceEqual(request.Families.Order()))
            return Refuse(
                request, RefusalReason.FamilyMismatch,
                $"the families of the requested addresses ({string.Join(',', requested)}) are not those of the Service's cluster IPs");
        foreach (var address in requested)
        {
            if (request.PoolName is not null && _config.FindPool(address) is { } pool && pool.Name != request.PoolName)
                return Refuse(
                    request, RefusalReason.AddressNotInRequestedPool,
                    $"requested address {address} lies in pool \"{pool.Name}\", " +
                    $"not in the requested pool {Excerpt.Quote(request.PoolName)}");
        }
        // The order of a status decides the election, so the same addresses asked for in another order move nothing.
        var held = Find(request.Service);
        var isSame = held is not null && held.Addresses.Order().SequenceEqual(requested.Order());
        return Assign(request, isSame ? held!.Addresses : requested);
    }

    /// <summary>
    /// Keeps what answers the request, completing or shortening it; null, changing nothing, if nothing of it can be kept.
    /// </summary>
    private AllocationResult? Keep(AllocationRequest request, Holding held)
    {
        var kept = held.Spots.Where(spot => Fits(spot, request)).ToArray();
        if (kept.Length == 0 || kept.Any(spot => !spot.Space.Admits(request) || spot.Space.WhyNot(spot, request) is not null))
            return null;
        if (kept.Length == request.Families.Length || request.Policy == FamilyPolicy.SingleStack)
            return Hold(request, kept, held);
        var missing = kept[0].Family == AddressFamily.IPv4 ? AddressFamily.IPv6 : AddressFamily.IPv4;
        if (_choice.FindSecond(request, kept[0], missing) is { } second)
        {
            Hold(request, [kept[0], second], held);
            return AllocationResult.Success(AllocationOutcome.Extended, Find(request.Service)!);
        }
        if (request.Policy == FamilyPolicy.RequireDualStack)
            return null;
        var single = Hold(request, kept, held);
        return AllocationResult.Success(single.Outcome, single.Allocated!, _choice.Explain(request, [missing], kept[0].Space));
    }

    private static bool Fits(Spot spot, AllocationRequest request) =>
        request.Families.Contains(spot.Family) && (request.PoolName is null || spot.Space.Config.Name == request.PoolName);

    private AllocationResult AllocateAnew(AllocationRequest request, Holding? held)
    {
        if (request.PoolName is { } name)
        {
            if (!_spaces.TryGetValue(name, out var space))
                return Refuse(request, RefusalReason.UnknownPool, $"the requested pool {Excerpt.Quote(name)} does not exist");
            if (!space.Admits(request))
                return Refuse(
                    request, RefusalReason.PoolNotCompatible,
                    $"the requested pool \"{name}\" is reserved for other namespaces or Services");
        }
        // What the Service gives up counts as free for its own choice, so that it is not renumbered without need.
        if (held is not null)
            Detach(held);
        var spots = _choice.Find(request);
        if (spots.IsEmpty)
        {
            if (held is not null)
                Attach(held);
            // A Service that must have both and holds one would be completed from the pool of that one.
            var own = held is { Spots: [var only] } && request.Families.Length == 2 && Fits(only, request) ? only.Space : null;
            return AllocationResult.Refused(_choice.Explain(request, [.. request.Families.Order()], own), held?.Allocated);
        }
        var holding = new Holding(request, [.. spots]);
        Attach(holding);
        var missing = request.Families.Where(family => spots.All(spot => spot.Family != family)).ToImmutableArray();
        return AllocationResult.Success(
            AllocationOutcome.Assigned, holding.Allocated, missing.IsEmpty ? null : _choice.Explain(request, missing));
    }

    private AllocationResult Hold(AllocationRequest request, Spot[] spots, Holding? held)
    {
        if (held is not null && held.Answers(request, spots))
            return AllocationResult.Success(AllocationOutcome.Kept, held.Allocated);
        var holding = new Holding(request, spots);
        if (held is not null)
            Detach(held);
        Attach(holding);
        var outcome = holding.Allocated.Equals(held?.Allocated) ? AllocationOutcome.Kept : AllocationOutcome.Assigned;
        return AllocationResult.Success(outcome, holding.Allocated);
    }

    private AllocationResult Refuse(AllocationRequest request, RefusalReason reason, string explanation) =>
        AllocationResult.Refused(new(reason, explanation, []), Find(request.Service));

    private void Attach(Holding holding)
    {
        foreach (var spot in holding.Spots)
            spot.Space.Attach(spot, holding.Request);
        foreach (var space in holding.Spaces)
            space.ServiceCount++;
        _holdings.Add(holding.Request.Service, holding);
    }

    private void Detach(Holding holding)
    {
        foreach (var spot in holding.Spots)
            spot.Space.Detach(spot, holding.Request);
        foreach (var space in holding.Spaces)
            space.ServiceCount--;
        _holdings.Remove(holding.Request.Service);
    }

    private static bool KeepsAddresses(PoolSpace space, ClusterConfig config) =>
        config.FindPool(space.Config.Name) is { } pool && pool.AvoidBuggyIPs == space.Config.AvoidBuggyIPs &&
        pool.Blocks.SequenceEqual(space.Config.Blocks);

    private AllocationChange? Replace(Holding holding)
    {
        var before = holding.Allocated;
        var spots = new List<Spot>(before.Addresses.Length);
        foreach (var address in before.Addresses)
        {
            if (_config.FindPool(address) is { } pool)
                spots.Add(_spaces[pool.Name].Locate(address));
        }
        if (spots.Count == 0)
            return new(before, null);
        var placed = new Holding(holding.Request, [.. spots]);
        Attach(placed);
        return placed.Allocated.Equals(before) ? null : new(before, placed.Allocated);
    }

    private sealed class Holding(AllocationRequest request, Spot[] spots)
    {
        /// <summary>The part of the request that decides about sharing; the rest is not kept alive.</summary>
        public AllocationRequest Request { get; } = new(request.Service)
        {
            SharingKey = request.SharingKey,
            BackendKey = request.BackendKey,
            Ports = request.Ports,
        };

        public Spot[] Spots => spots;

        public IEnumerable<PoolSpace> Spaces => spots.Select(spot => spot.Space).Distinct();

        public AllocatedAddresses Allocated { get; } = new(
            request.Service, [.. spots.Select(spot => spot.Address)], [.. spots.Select(spot => spot.Space.Config.Name)]);

        public bool Answers(AllocationRequest other, Spot[] wanted) =>
            wanted.AsSpan().SequenceEqual(Spots) && Request.SharingKey == other.SharingKey && Request.BackendKey == other.BackendKey &&
            Request.Ports.SequenceEqual(other.Ports);
    }
}
