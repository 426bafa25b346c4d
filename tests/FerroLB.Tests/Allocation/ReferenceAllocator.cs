using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Allocation;
using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Allocation;

/// <summary>The rules of allocation written down as plainly as possible: every question is answered by looking at everything.</summary>
internal sealed class ReferenceAllocator
{
    private readonly SortedDictionary<ObjectKey, (AllocationRequest Request, ImmutableArray<IpAddress> Addresses)> _held = [];
    private ImmutableArray<PoolConfig> _pools = [];

    public ImmutableArray<PoolConfig> Pools => _pools;

    public string Held(ObjectKey service) => _held.TryGetValue(service, out var held) ? string.Join(' ', held.Addresses) : "none";

    public int AssignedIn(PoolConfig pool, AddressFamily family) =>
        _held.Values.SelectMany(held => held.Addresses).Distinct().Count(ip => ip.Family == family && PoolOf(ip) == pool);

    public void SetPools(ImmutableArray<PoolConfig> pools)
    {
        _pools = pools;
        foreach (var (service, held) in _held.ToList())
        {
            _held.Remove(service);
            if (held.Addresses.RemoveAll(ip => PoolOf(ip) is null) is { IsEmpty: false } left)
                _held[service] = (held.Request, left);
        }
    }

    public void Release(ObjectKey service) => _held.Remove(service);

    public bool Assign(AllocationRequest request, ImmutableArray<IpAddress> addresses)
    {
        var families = addresses.Select(ip => ip.Family).ToList();
        if (families.Count is 0 or > 2 || families.Distinct().Count() < families.Count)
            return false;
        if (!addresses.All(ip => PoolOf(ip) is { } pool && Admits(pool, request) && MayUse(ip, request)))
            return false;
        _held[request.Service] = (request, addresses);
        return true;
    }

    public bool Allocate(AllocationRequest request)
    {
        var isDual = request.Families.Length == 2;
        if (!isDual && request.Policy == FamilyPolicy.RequireDualStack)
            return false;
        var held = _held.TryGetValue(request.Service, out var before) ? before.Addresses : [];
        if (!request.RequestedAddresses.IsEmpty)
        {
            var asked = request.RequestedAddresses;
            if (asked.Length != request.Families.Length || !request.Families.All(family => asked.Any(ip => ip.Family == family)))
                return false;
            if (request.PoolName is not null && asked.Any(ip => PoolOf(ip)?.Name != request.PoolName))
                return false;
            return Assign(request, held.ToHashSet().SetEquals(asked) ? held : asked);
        }
        if (Keep(request, held, isDual))
            return true;
        if (isDual && request.Policy == FamilyPolicy.SingleStack)
            return false;
        before = _held.GetValueOrDefault(request.Service);
        _held.Remove(request.Service);
        var found = isDual ? ChooseDual(request) : Lowest(Candidates(request), request.Families[0], request);
        if (found.Length == 0 && before.Request is not null)
            _held[request.Service] = before;
        return found.Length > 0 && Assign(request, found);
    }

    private bool Keep(AllocationRequest request, ImmutableArray<IpAddress> held, bool isDual)
    {
        var fitting = held.RemoveAll(ip =>
            !request.Families.Contains(ip.Family) || (request.PoolName is not null && PoolOf(ip)!.Name != request.PoolName));
        if (fitting.IsEmpty || !fitting.All(ip => Admits(PoolOf(ip)!, request) && MayUse(ip, request)))
            return false;
        if (fitting.Length == request.Families.Length || !isDual || request.Policy == FamilyPolicy.SingleStack)
            return Assign(request, fitting);
        var missing = request.Families.Single(family => family != fitting[0].Family);
        var second = Lowest([PoolOf(fitting[0])!], missing, request);
        if (second.IsEmpty && request.PoolName is null)
            second = Lowest(Candidates(request), missing, request);
        if (second.IsEmpty && request.Policy == FamilyPolicy.RequireDualStack)
            return false;
        return Assign(request, [.. fitting, .. second]);
    }

    private ImmutableArray<IpAddress> ChooseDual(AllocationRequest request)
    {
        var pinned = Candidates(request).Where(pool => pool.Pinning is not null && request.PoolName is null).ToList();
        var open = Candidates(request).Except(pinned).ToList();
        if (Both(pinned, request) is { IsEmpty: false } both)
            return both;
        if (Both(open, request) is { IsEmpty: false } openBoth)
        {
            if (request.Policy == FamilyPolicy.RequireDualStack)
                return openBoth;
            foreach (var family in request.Families)
            {
                if (Lowest(pinned, family, request) is not { IsEmpty: false } single)
                    continue;
                var other = request.Families.Single(name => name != family);
                var second = Lowest([PoolOf(single[0])!, .. pinned, .. open], other, request);
                return [.. single.Concat(second).OrderBy(ip => ip.Family)];
            }
            return openBoth;
        }
        ImmutableArray<IpAddress> two =
        [
            .. Lowest([.. pinned, .. open], AddressFamily.IPv4, request), .. Lowest([.. pinned, .. open], AddressFamily.IPv6, request),
        ];
        return two.Length == 2 || request.Policy == FamilyPolicy.PreferDualStack ? two : [];
    }

    private List<PoolConfig> Candidates(AllocationRequest request)
    {
        if (request.PoolName is not null)
            return [.. _pools.Where(pool => pool.Name == request.PoolName && Admits(pool, request))];
        return
        [
            .. _pools.Where(pool => pool is { AutoAssign: true, Pinning: not null } && Admits(pool, request))
                .OrderBy(pool => pool.Pinning!.Priority == 0 ? 1 : 0).ThenBy(pool => pool.Pinning!.Priority),
            .. _pools.Where(pool => pool is { AutoAssign: true, Pinning: null }),
        ];
    }

    private ImmutableArray<IpAddress> Both(List<PoolConfig> pools, AllocationRequest request)
    {
        foreach (var pool in pools)
        {
            ImmutableArray<IpAddress> both =
                [.. Lowest([pool], AddressFamily.IPv4, request), .. Lowest([pool], AddressFamily.IPv6, request)];
            if (both.Length == 2)
                return both;
        }
        return [];
    }

    private ImmutableArray<IpAddress> Lowest(List<PoolConfig> pools, AddressFamily family, AllocationRequest request) =>
        [.. pools.SelectMany(All).Where(ip => ip.Family == family && !IsHeldBy(request.Service, ip) && MayUse(ip, request)).Take(1)];

    private bool IsHeldBy(ObjectKey service, IpAddress ip) => _held.TryGetValue(service, out var held) && held.Addresses.Contains(ip);

    private bool MayUse(IpAddress ip, AllocationRequest request) => _held
        .Where(other => other.Key != request.Service && other.Value.Addresses.Contains(ip))
        .All(other => request.SharingKey.Length > 0 && other.Value.Request.SharingKey == request.SharingKey &&
            other.Value.Request.BackendKey == request.BackendKey && !other.Value.Request.Ports.Intersect(request.Ports).Any());

    private PoolConfig? PoolOf(IpAddress ip) =>
        _pools.FirstOrDefault(pool => pool.Blocks.Any(block => block.Contains(ip)) && !pool.IsAvoided(ip));

    private static bool Admits(PoolConfig pool, AllocationRequest request) =>
        pool.Pinning?.Admits(request.Service.Namespace, request.NamespaceLabels, request.Labels) ?? true;

    private static IEnumerable<IpAddress> All(PoolConfig pool)
    {
        foreach (var block in pool.Blocks)
        {
            for (var value = block.First.Value; value <= block.Last.Value; value++)
            {
                if (IpAddress.From(block.Family, value) is var ip && !pool.IsAvoided(ip))
                    yield return ip;
            }
        }
    }
}
