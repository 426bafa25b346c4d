using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// What addresses Services may and must have once everything is at rest, decided in the simplest way: every pool is a list of addresses to
/// be tried one by one. It knows only valid configurations; the workload mends its mistakes before the cluster rests.
/// </summary>
public sealed class AllocationModel(StoreMirror mirror)
{
    /// <summary>The first thing that is wrong with the addresses; null when all is right.</summary>
    public string? FirstFault()
    {
        foreach (var service in mirror.Services.Objects.Values)
        {
            if ((service.IsOurs ? FaultOf(service) : null) is { } fault)
                return fault;
        }
        return null;
    }

    /// <summary>The pool that has the address; null for none.</summary>
    public PoolView? PoolOf(IpAddress address) => mirror.Pools.Objects.Values.FirstOrDefault(pool => pool.Contains(address));

    private string? FaultOf(ServiceView service)
    {
        if (service.Addresses.Count == 0)
            return MissingFault(service);
        foreach (var address in service.Addresses)
        {
            if (PoolOf(address) is not { } pool)
                return $"{service.Key} has {address}, which lies in no pool";
            if (!IsOpenTo(pool, service))
                return $"{service.Key} has {address} of {pool.Name}, which is not open to it";
            if (mirror.Services.Objects.Values.FirstOrDefault(other =>
                other != service && other.Addresses.Contains(address) && !service.MayShareWith(other)) is { } other)
                return $"{service.Key} and {other.Key} both have {address} and may not share it";
            if (!service.ClusterFamilies.Contains(address.Family))
                return $"{service.Key} has {address}, but no cluster IP of that family";
        }
        if (service.Addresses.Select(address => address.Family).Distinct().Count() != service.Addresses.Count)
            return $"{service.Key} has two addresses of one family";
        return RequestFault(service);
    }

    // A Service keeps what it has when its wish cannot be met, so a deviation is wrong only if the wish could be met.
    private string? RequestFault(ServiceView service)
    {
        if (Requested(service) is { Count: > 0 } wanted)
        {
            return wanted.ToHashSet().SetEquals(service.Addresses) || !CanHaveExactly(service, wanted)
                ? null
                : $"{service.Key} has {string.Join(", ", service.Addresses)} although {string.Join(", ", wanted)} is to be had";
        }
        if (service.RequestedPool.Length > 0 && service.RequestedAddresses.Length + service.RequestedAddress.Length == 0 &&
            service.Addresses.Any(address => PoolOf(address)!.Name != service.RequestedPool) &&
            mirror.Pools.Objects.Values.FirstOrDefault(pool => pool.Name == service.RequestedPool) is { } requested &&
            CanServe(requested, service))
            return $"{service.Key} has {string.Join(", ", service.Addresses)} although {requested.Name} could serve it";
        return null;
    }

    private string? MissingFault(ServiceView service)
    {
        if (service.ClusterFamilies.Count == 0 || (service.FamilyPolicy == "RequireDualStack" && service.ClusterFamilies.Count < 2) ||
            (service.FamilyPolicy == "SingleStack" && service.ClusterFamilies.Count > 1))
            return null;
        if (service.RequestedAddress.Length + service.RequestedAddresses.Length > 0)
        {
            return Requested(service) is { Count: > 0 } wanted && CanHaveExactly(service, wanted)
                ? $"{service.Key} has no address although {string.Join(", ", wanted)} is to be had"
                : null;
        }
        var pools = mirror.Pools.Objects.Values.Where(pool =>
            service.RequestedPool.Length > 0 ? pool.Name == service.RequestedPool : pool.AutoAssign);
        return pools.FirstOrDefault(pool => CanServe(pool, service)) is { } able
            ? $"{service.Key} has no address although {able.Name} could serve it"
            : null;
    }

    // For two families one pool with both is a sure case; whether two pools may be combined is left to the product.
    private bool CanServe(PoolView pool, ServiceView service) => IsOpenTo(pool, service) &&
        (service.FamilyPolicy == "PreferDualStack"
            ? service.ClusterFamilies.Any(family => HasFree(pool, family, service))
            : service.ClusterFamilies.All(family => HasFree(pool, family, service)));

    private bool HasFree(PoolView pool, AddressFamily family, ServiceView service) =>
        pool.Addresses(family).Any(address => IsFree(address, service));

    private bool IsFree(IpAddress address, ServiceView service) => mirror.Services.Objects.Values.All(other =>
        other == service || !other.Addresses.Contains(address) || service.MayShareWith(other));

    private bool CanHaveExactly(ServiceView service, List<IpAddress> wanted)
    {
        var families = wanted.Select(address => address.Family).ToHashSet();
        var pools = wanted.Select(PoolOf).Distinct().ToList();
        return families.SetEquals(service.ClusterFamilies) && families.Count == wanted.Count && pools is [{ } pool] &&
            IsOpenTo(pool, service) && wanted.All(address => IsFree(address, service)) &&
            (service.RequestedPool.Length == 0 || service.RequestedPool == pool.Name);
    }

    private static List<IpAddress>? Requested(ServiceView service)
    {
        if (service.RequestedAddress.Length > 0 && service.RequestedAddresses.Length > 0)
            return null;
        var wanted = new List<IpAddress>();
        foreach (var text in (service.RequestedAddress + service.RequestedAddresses).Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IpAddress.TryParse(text.Trim(), out var address))
                return null;
            wanted.Add(address);
        }
        return wanted;
    }

    private bool IsOpenTo(PoolView pool, ServiceView service)
    {
        if (!pool.IsPinned)
            return true;
        var anyNamespace = pool.Namespaces.Count == 0 && pool.NamespaceSelectors.Count == 0;
        var labels = mirror.Namespaces.Objects.Values.FirstOrDefault(ns => ns.Name == service.Key.Namespace)?.Labels;
        var inNamespace = anyNamespace || pool.Namespaces.Contains(service.Key.Namespace, StringComparer.Ordinal) ||
            (labels is not null && pool.NamespaceSelectors.Any(selector => selector.Matches(labels)));
        return inNamespace && (pool.ServiceSelectors.Count == 0 || pool.ServiceSelectors.Any(selector => selector.Matches(service.Labels)));
    }
}
