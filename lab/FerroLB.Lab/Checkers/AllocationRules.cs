using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// The rules of allocation, asked of one picture of the world, in the simplest way: a pool is a list of addresses to be tried one by one,
/// and an address is taken when some Service's status names it. Written from the rules as users know them, without a look at the product.
/// </summary>
/// <param name="pools">The pools in force.</param>
/// <param name="labelsOf">The labels of a namespace.</param>
/// <param name="services">Every Service, with the addresses that it has.</param>
public sealed class AllocationRules(
    IReadOnlyList<PoolView> pools, Func<string, IReadOnlyDictionary<string, string>> labelsOf, IReadOnlyCollection<ServiceView> services)
{
    /// <summary>The pools in force.</summary>
    public IReadOnlyList<PoolView> Pools => pools;

    /// <summary>The pool that has the address; null for none.</summary>
    public PoolView? PoolOf(IpAddress address) => pools.FirstOrDefault(pool => pool.Contains(address));

    /// <summary>Whether the Service's namespace and labels let it use the pool.</summary>
    public bool IsOpenTo(PoolView pool, ServiceView service) => pool.IsOpenTo(service, labelsOf(service.Key.Namespace));

    /// <summary>Whether the Service may have the address beside those who have it.</summary>
    public bool IsFree(IpAddress address, ServiceView service) => WhoForbids(address, service) is null;

    /// <summary>Who has the address and does not share it with the Service; null for nobody.</summary>
    public ServiceView? WhoForbids(IpAddress address, ServiceView service) => services.FirstOrDefault(other =>
        other.Key != service.Key && other.IsOurs && other.Addresses.Contains(address) && !service.MayShareWith(other));

    /// <summary>Whether a Service can have addresses at all, whatever the pools are.</summary>
    public static bool IsServable(ServiceView service) => service.IsOurs && service.ClusterFamilies.Count > 0 &&
        (service.FamilyPolicy != "RequireDualStack" || service.ClusterFamilies.Count == 2);

    /// <summary>
    /// Whether addresses are of the Service's families, one each. One that wants two may keep one while the other is not to be had.
    /// </summary>
    public static bool FamiliesFit(ServiceView service, IReadOnlyCollection<IpAddress> addresses) =>
        addresses.Select(address => address.Family).Distinct().Count() == addresses.Count &&
        addresses.All(address => service.ClusterFamilies.Contains(address.Family));

    /// <summary>Why a Service must not keep these addresses; null if it may.</summary>
    public string? WhyNotKeep(ServiceView service, IReadOnlyCollection<IpAddress> addresses)
    {
        if (!IsServable(service) || !FamiliesFit(service, addresses))
            return $"{service.Key} cannot have {Text(addresses)} by its type, its class or its families";
        foreach (var address in addresses)
        {
            if (PoolOf(address) is not { } pool)
                return $"{service.Key} has {address}, which lies in no pool";
            if (!IsOpenTo(pool, service))
                return $"{service.Key} has {address} of {pool.Name}, which is not open to it";
            if (WhoForbids(address, service) is { } other)
                return $"{service.Key} and {other.Key} both have {address} and may not share it";
        }
        return null;
    }

    /// <summary>Whether addresses are what the Service asks for; anything is to one that asks for nothing.</summary>
    public bool AnswerRequest(ServiceView service, IReadOnlyCollection<IpAddress> addresses)
    {
        if (service.Requested is null)
            return false;
        return (service.Requested.Count == 0 || service.Requested.Order().SequenceEqual(addresses.Order())) &&
            (service.RequestedPool.Length == 0 || addresses.All(address => PoolOf(address)?.Name == service.RequestedPool));
    }

    /// <summary>
    /// What a Service could surely have, in words, if it asked anew and every address that only it has were free; null if nothing for sure.
    /// Two addresses that are asked for are sure in one pool only.
    /// </summary>
    public string? WhatIsToBeHad(ServiceView service)
    {
        if (!IsServable(service) || service.Requested is not { } wanted)
            return null;
        if (wanted.Count > 0)
            return CanHaveExactly(service, wanted) ? Text(wanted) : null;
        var choice = ChoiceOf(service);
        var found = service.ClusterFamilies
            .Select(family => choice.FirstOrDefault(pool => Lowest(pool, family, service) is not null)).OfType<PoolView>().ToList();
        var isEnough = service.FamilyPolicy == "PreferDualStack"
            ? found.Count > 0
            : found.Count == service.ClusterFamilies.Count && (found.Count == 1 || service.FamilyPolicy == "RequireDualStack");
        return isEnough ? "an address of " + string.Join(" and ", found.Select(pool => pool.Name).Distinct()) : null;
    }

    /// <summary>
    /// The address of the family that it lacks which a Service with one address must be given besides; null for none. The pool of what it
    /// has comes first; another one counts only while no pool has both families to give.
    /// </summary>
    public IpAddress? SecondFor(ServiceView service)
    {
        if (service.Addresses is not [var first] || service.ClusterFamilies.Count != 2 || service.FamilyPolicy == "SingleStack" ||
            service.Requested is not { Count: 0 } || PoolOf(first) is not { } pool ||
            (service.RequestedPool.Length > 0 && service.RequestedPool != pool.Name))
            return null;
        var missing = first.IsIPv4 ? AddressFamily.IPv6 : AddressFamily.IPv4;
        if (Lowest(pool, missing, service) is { } same)
            return same;
        return service.RequestedPool.Length > 0 || ChoiceOf(service).Any(other => HasBoth(other, service))
            ? null
            : ChoiceOf(service).Select(other => Lowest(other, missing, service)).FirstOrDefault(address => address is not null);
    }

    /// <summary>
    /// The pools that a Service without wishes is served from, best first: pinned ones by priority, then those open to all; or the pool
    /// that it asks for.
    /// </summary>
    public List<PoolView> ChoiceOf(ServiceView service)
    {
        if (service.RequestedPool.Length > 0)
            return [.. pools.Where(pool => pool.Name == service.RequestedPool && IsOpenTo(pool, service))];
        var able = pools.Where(pool => pool.AutoAssign && IsOpenTo(pool, service))
            .OrderBy(pool => pool.Name, StringComparer.Ordinal).ToList();
        return
        [
            .. able.Where(pool => pool.IsPinned).OrderBy(pool => pool.Priority == 0 ? int.MaxValue : pool.Priority),
            .. able.Where(pool => !pool.IsPinned),
        ];
    }

    /// <summary>The lowest address of a family in a pool that the Service may have; null for none.</summary>
    public IpAddress? Lowest(PoolView pool, AddressFamily family, ServiceView service)
    {
        foreach (var address in pool.Addresses(family))
        {
            if (IsFree(address, service))
                return address;
        }
        return null;
    }

    /// <summary>Whether a pool has an address of each family for the Service.</summary>
    public bool HasBoth(PoolView pool, ServiceView service) =>
        Lowest(pool, AddressFamily.IPv4, service) is not null && Lowest(pool, AddressFamily.IPv6, service) is not null;

    private bool CanHaveExactly(ServiceView service, IReadOnlyList<IpAddress> wanted)
    {
        var families = wanted.Select(address => address.Family).ToHashSet();
        return families.SetEquals(service.ClusterFamilies) && families.Count == wanted.Count &&
            wanted.Select(PoolOf).Distinct().ToList() is [{ } pool] && IsOpenTo(pool, service) &&
            wanted.All(address => IsFree(address, service)) && (service.RequestedPool.Length == 0 || service.RequestedPool == pool.Name);
    }

    private static string Text(IEnumerable<IpAddress> addresses) => string.Join(", ", addresses);
}
