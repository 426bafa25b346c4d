using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Compares the world at rest before and after one single act, when nothing else happened: who had to move, who must not have moved, and
/// whether those who were given something were given the best there was. In which order Services were served is the controller's choice;
/// so a better address counts only if nobody had it, neither before nor after.
/// </summary>
/// <param name="then">Before the act.</param>
/// <param name="now">After it.</param>
/// <param name="isHandled">Whether the act was an edit of this Service's status by hand, which may be adopted.</param>
public sealed class StepChecker(StepPicture then, StepPicture now, Func<ServiceView, bool> isHandled)
{
    private readonly AllocationRules _before = then.Rules;
    private readonly AllocationRules _after = now.Rules;

    /// <summary>The first thing that is wrong; null when all is right.</summary>
    public string? FirstFault()
    {
        foreach (var service in now.Services.Where(service => service.IsOurs))
        {
            var known = then.Services.FirstOrDefault(other => other.Key == service.Key && other.Uid == service.Uid);
            var had = known is { IsOurs: true } ? known.Addresses : [];
            var isUntouched = then.Configuration == now.Configuration && known?.Fingerprint == service.Fingerprint &&
                _before.Pools.All(pool => _before.IsOpenTo(pool, known) == _after.IsOpenTo(pool, service));
            if (had.Except(service.Addresses).Any() && LossFault(service, had, isUntouched) is { } loss)
                return loss;
            if (isHandled(service) || !service.Addresses.Except(had).Any())
                continue;
            if (ChoiceFault(service, [.. had.Intersect(service.Addresses)]) is { } choice)
                return choice;
        }
        return null;
    }

    private string? LossFault(ServiceView service, IReadOnlyList<IpAddress> had, bool isUntouched)
    {
        var isAnswered = service.Addresses.Count > 0 && !_after.AnswerRequest(service, had) &&
            _after.AnswerRequest(service, service.Addresses);
        // A pool of another name now: between the two there may have been none.
        var isMoved = had.Any(address => _before.PoolOf(address)?.Name != _after.PoolOf(address)?.Name);
        // What pool it asks for and has an address of now is in doubt.
        isMoved |= !isUntouched && service.Addresses.Any(address => _after.PoolOf(address) is null);
        // What is in no pool is written in the status alone: nobody can restore it.
        var isOverwritten = isHandled(service) && had.Except(service.Addresses).All(address => _before.PoolOf(address) is null);
        if (isAnswered || isMoved || isOverwritten ||
            (!isUntouched && (_after.WhyNotKeep(service, had) ?? _before.WhyNotKeep(service, had)) is not null))
            return null;
        return $"{service.Key} lost {Text(had)} (now {Text(service.Addresses)}), and nothing spoke against it";
    }

    private string? ChoiceFault(ServiceView service, IReadOnlyList<IpAddress> kept)
    {
        if (service.Requested is not { Count: 0 } || service.Addresses.Any(address => _after.PoolOf(address) is null))
            return null;
        foreach (var address in service.Addresses.Except(kept))
        {
            var pool = _after.PoolOf(address)!;
            if (SurelyFreeBelow(address, pool, service) is { } lower && !WasLowest(address, pool, service))
                return $"{service.Key} was given {address} of {pool.Name} although {lower} is free";
        }
        if (service.RequestedPool.Length > 0)
            return null;
        if (kept.Count > 0)
            return SecondFault(service, kept[0]);
        return service.Addresses.All(address => _after.ChoiceOf(service).Contains(_after.PoolOf(address)!))
            ? PoolFault(service)
            : $"{service.Key} was given {Text(service.Addresses)} of a pool that is not for it";
    }

    // The second address is from the first one's pool if that has any, or a pool has both.
    private string? SecondFault(ServiceView service, IpAddress first)
    {
        var second = service.Addresses.First(address => address != first);
        var pool = _after.PoolOf(first)!;
        if (_after.PoolOf(second) == pool || SurelyFree(pool, second.Family, service) is not { } better ||
            HadNone(pool, second.Family, service))
            return null;
        return $"{service.Key} was given {second} besides {first} although {better} of the same pool is free";
    }

    private string? PoolFault(ServiceView service)
    {
        var chosen = service.Addresses.Select(address => _after.PoolOf(address)!).Distinct().ToList();
        var choice = _after.ChoiceOf(service);
        var better = choice.TakeWhile(pool => !chosen.Contains(pool)).Where(WasThere).ToList();
        if (service.ClusterFamilies.Count == 1)
            return Fault(better.FirstOrDefault(pool => SurelyFree(pool, service.ClusterFamilies[0], service) is not null));
        if (service.Addresses.Count == 2 && chosen.Count == 1)
            return Fault(better.FirstOrDefault(pool => SurelyHasBoth(pool, service)));
        // Two pools, or only one address: no pool that is as good has both.
        var isPinned = chosen.Any(pool => pool.IsPinned);
        return Fault(choice.FirstOrDefault(pool => pool.IsPinned == isPinned && WasThere(pool) && SurelyHasBoth(pool, service)));

        string? Fault(PoolView? pool) =>
            pool is null ? null : $"{service.Key} was given {Text(service.Addresses)} although {pool.Name} comes before {chosen[0].Name}";
    }

    // An act may change several pools, one after the other.
    private bool WasThere(PoolView pool) => _before.Pools.Any(other => other.Name == pool.Name && other.Fingerprint == pool.Fingerprint);

    // So a pool may have given addresses as it was, from when another one went until it was edited itself.
    private PoolView? FormBetween(PoolView pool) => then.Pools.Any(other => now.Pools.All(present => present.Name != other.Name))
        ? then.Pools.FirstOrDefault(form => form.Name == pool.Name)
        : null;

    private bool WasLowest(IpAddress address, PoolView pool, ServiceView service) =>
        FormBetween(pool) is { } earlier && earlier.Contains(address) && SurelyFreeBelow(address, earlier, service) is null;

    private bool HadNone(PoolView pool, AddressFamily family, ServiceView service) =>
        FormBetween(pool) is { } earlier && SurelyFree(earlier, family, service) is null;

    private bool SurelyHasBoth(PoolView pool, ServiceView service) =>
        SurelyFree(pool, AddressFamily.IPv4, service) is not null && SurelyFree(pool, AddressFamily.IPv6, service) is not null;

    private IpAddress? SurelyFree(PoolView pool, AddressFamily family, ServiceView service) =>
        FirstSurelyFree(pool.Addresses(family), service);

    private IpAddress? SurelyFreeBelow(IpAddress address, PoolView pool, ServiceView service) =>
        FirstSurelyFree(pool.Addresses(address.Family).TakeWhile(other => other != address), service);

    private IpAddress? FirstSurelyFree(IEnumerable<IpAddress> addresses, ServiceView service)
    {
        foreach (var address in addresses)
        {
            if (IsSurelyFree(address, service))
                return address;
        }
        return null;
    }

    private bool IsSurelyFree(IpAddress address, ServiceView service) =>
        _before.IsFree(address, service) && _after.IsFree(address, service);

    private static string Text(IReadOnlyCollection<IpAddress> addresses) => addresses.Count == 0 ? "none" : string.Join(", ", addresses);
}
