using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// What Services and pools must look like once everything is at rest: nobody has what it must not have, nobody waits for what is to be had,
/// and what the controller says about it is true. Where it is in doubt which form of a pool is in force, only what holds either way is
/// demanded.
/// </summary>
public sealed class AllocationModel(StoreMirror mirror, PoolHistory pools)
{
    private static readonly SortedDictionary<string, string> NoLabels = new(StringComparer.Ordinal);

    /// <summary>The rules, asked of the present picture and of the pools that are surely in force.</summary>
    public AllocationRules Rules() => new([.. pools.Certain()], LabelsOf, [.. mirror.Services.Objects.Values]);

    /// <summary>Keeps the present picture.</summary>
    public StepPicture Picture() => new(Rules(), [.. mirror.Services.Objects.Values], [.. mirror.Pools.Objects.Values], string.Join(
        '\n', mirror.Pools.Objects.Values.Select(pool => pool.Fingerprint)
            .Concat(mirror.Namespaces.Objects.Values.Select(ns => $"{ns.Name} {string.Join(',', ns.Labels)}"))));

    /// <summary>The first thing that is wrong with the addresses; null when all is right.</summary>
    public string? FirstFault()
    {
        var rules = Rules();
        var hasDoubts = pools.HasDoubts();
        var services = mirror.Services.Objects.Values.Where(service => service.IsOurClass);
        var faults = services.Select(service => FaultOf(service, rules, hasDoubts))
            .Concat(services.Select(service => StatementFault(service, rules, hasDoubts)));
        if (faults.FirstOrDefault(fault => fault is not null) is { } first)
            return first;
        return hasDoubts ? null : rules.Pools.Select(pool => CounterFault(pool, rules)).FirstOrDefault(fault => fault is not null);
    }

    private IReadOnlyDictionary<string, string> LabelsOf(string ns) =>
        mirror.Namespaces.Objects.Values.FirstOrDefault(item => item.Name == ns)?.Labels ?? NoLabels;

    private static string? FaultOf(ServiceView service, AllocationRules rules, bool hasDoubts)
    {
        if (!service.IsLoadBalancer)
            return service.Addresses.Count == 0 ? null : $"{service.Key} is no load balancer and has {Text(service.Addresses)}";
        if (service.Addresses.Count == 0)
            return rules.WhatIsToBeHad(service) is { } able ? $"{service.Key} has no address although {able} is to be had" : null;
        var isElsewhere = service.Addresses.Any(address => rules.PoolOf(address) is null);
        if (isElsewhere && hasDoubts)
            return null;
        if (service.Ingress.Any(item => item.Address is null))
            return $"{service.Key} shows something that is no address: {string.Join(", ", service.Ingress)}";
        if (rules.WhyNotKeep(service, service.Addresses) is { } fault)
            return fault;
        if (!rules.AnswerRequest(service, service.Addresses) && rules.WhatIsToBeHad(service) is { } wanted)
            return $"{service.Key} has {Text(service.Addresses)} although {wanted} is to be had";
        if (!hasDoubts && rules.SecondFor(service) is { } second)
            return $"{service.Key} has only {Text(service.Addresses)} although {second} is to be had besides";
        return null;
    }

    private static string? StatementFault(ServiceView service, AllocationRules rules, bool hasDoubts)
    {
        if (!service.IsLoadBalancer || (hasDoubts && service.Addresses.Any(address => rules.PoolOf(address) is null)))
            return null;
        var pool = string.Join(',', service.Addresses.Select(address => rules.PoolOf(address)!.Name).Distinct());
        var isComplete = service.Addresses.Count > 0 && (service.FamilyPolicy != "RequireDualStack" || service.Addresses.Count == 2);
        if (service.PoolNote != pool)
            return $"{service.Key} is said to have its address from \"{service.PoolNote}\" instead of \"{pool}\"";
        return service.IsSaidToBeAllocated == isComplete
            ? null
            : $"{service.Key} has \"{Text(service.Addresses)}\", and its condition says otherwise";
    }

    private string? CounterFault(PoolView pool, AllocationRules rules)
    {
        var used = mirror.Services.Objects.Values.Where(service => service.IsOurs)
            .SelectMany(service => service.Addresses).Distinct().Where(address => rules.PoolOf(address) == pool).ToList();
        var (v4, v6) = (used.Count(address => address.IsIPv4), used.Count(address => !address.IsIPv4));
        var right = (v4, v6, pool.Addresses(AddressFamily.IPv4).Count() - v4, pool.Addresses(AddressFamily.IPv6).Count() - v6);
        var counters = mirror.Pools.Objects.Values.First(item => item.Name == pool.Name).Counters;
        return counters == right ? null : $"{pool.Name} counts {counters} instead of {right} (used v4, v6, free v4, v6)";
    }

    private static string Text(IEnumerable<IpAddress> addresses) => string.Join(", ", addresses);
}
