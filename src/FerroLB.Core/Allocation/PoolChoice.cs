using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Allocation;

/// <summary>
/// Chooses among pools. The order is total: pinned pools by priority (0 last) and name, then the pools open to all by name. Nothing is
/// changed here.
/// </summary>
internal sealed class PoolChoice
{
    private readonly ImmutableArray<PoolSpace> _pinned;
    private readonly ImmutableArray<PoolSpace> _open;
    private readonly ImmutableArray<PoolSpace> _manual;

    /// <summary>Sorts pools, which are given by name.</summary>
    public PoolChoice(IReadOnlyCollection<PoolSpace> spaces)
    {
        _pinned = [.. spaces.Where(space => space.Config is { AutoAssign: true, Pinning: not null }).OrderBy(Rank)];
        _open = [.. spaces.Where(space => space.Config is { AutoAssign: true, Pinning: null })];
        _manual = [.. spaces.Where(space => !space.Config.AutoAssign)];
    }

    /// <summary>
    /// The addresses for a Service that holds none, IPv4 first; one for single stack or where dual stack is preferred and only one is to
    /// be had, none if the Service must be refused. A pool asked for must exist and admit the Service.
    /// </summary>
    public ImmutableArray<Spot> Find(AllocationRequest request)
    {
        var pinned = PinnedFor(request);
        var open = OpenFor(request);
        if (request.Families.Length == 1)
            return Join(FindIn(pinned, request.Families[0], request) ?? FindIn(open, request.Families[0], request));
        if (FindBothIn(pinned, request) is { IsEmpty: false } pinnedBoth)
            return pinnedBoth;
        var openBoth = FindBothIn(open, request);
        if (openBoth.IsEmpty)
            return FindInTwo(pinned, open, request);
        if (request.Policy == FamilyPolicy.RequireDualStack)
            return openBoth;
        // Being pinned weighs more than having both from one pool.
        if ((FindIn(pinned, request.Families[0], request) ?? FindIn(pinned, request.Families[1], request)) is not { } single)
            return openBoth;
        var other = single.Family == AddressFamily.IPv4 ? AddressFamily.IPv6 : AddressFamily.IPv4;
        return [.. Join(single).Concat(Join(FindSecond(request, single, other))).OrderBy(spot => spot.Family)];
    }

    /// <summary>
    /// An address of the missing family for a Service that holds one: from the same pool or else, unless the Service asked for a pool, from
    /// the first that has one.
    /// </summary>
    public Spot? FindSecond(AllocationRequest request, Spot first, AddressFamily missing)
    {
        if (first.Space.FindLowest(missing, request) is { } same)
            return same;
        return request.PoolName is null ? FindIn(PinnedFor(request), missing, request) ?? FindIn(_open, missing, request) : null;
    }

    /// <summary>
    /// Why no pool had addresses of these families for a Service. The pool of the one address that it holds is asked for the other one even
    /// if it is not assigned automatically (<see cref="FindSecond"/>).
    /// </summary>
    public AllocationRefusal Explain(AllocationRequest request, ImmutableArray<AddressFamily> families, PoolSpace? held = null)
    {
        var asked = _pinned.Concat(_open).Concat(_manual).Where(space => request.PoolName is null || space.Config.Name == request.PoolName);
        return new(
            RefusalReason.NoAvailableAddress,
            $"no available {string.Join(" and ", families)} address",
            [.. asked.Select(space => Refusal(space, request, families, isGiving: space == held || space.Config.AutoAssign))]);
    }

    private static PoolRefusal Refusal(
        PoolSpace space, AllocationRequest request, ImmutableArray<AddressFamily> families, bool isGiving)
    {
        var reason = WhyNot(space, request, families, isGiving);
        return reason is PoolRefusalReason.NotAutoAssigned or PoolRefusalReason.NotCompatible
            ? new(space.Config.Name, reason)
            : new(space.Config.Name, reason) { IsOutOfIPv4 = IsOutOf(AddressFamily.IPv4), IsOutOfIPv6 = IsOutOf(AddressFamily.IPv6) };

        bool IsOutOf(AddressFamily family) =>
            families.Contains(family) && space.HasFamily(family) && space.FindLowest(family, request) is null;
    }

    private static PoolRefusalReason WhyNot(
        PoolSpace space, AllocationRequest request, ImmutableArray<AddressFamily> families, bool isGiving)
    {
        if (!isGiving && request.PoolName is null)
            return PoolRefusalReason.NotAutoAssigned;
        if (!space.Admits(request))
            return PoolRefusalReason.NotCompatible;
        return families.All(space.HasFamily) ? PoolRefusalReason.Full : PoolRefusalReason.LacksFamily;
    }

    private static long Rank(PoolSpace space) => space.Config.Pinning!.Priority is var priority && priority == 0 ? long.MaxValue : priority;

    private IEnumerable<PoolSpace> PinnedFor(AllocationRequest request) =>
        request.PoolName is null ? _pinned.Where(space => space.Admits(request)) : [];

    private IEnumerable<PoolSpace> OpenFor(AllocationRequest request) =>
        request.PoolName is not { } name ? _open : _pinned.Concat(_open).Concat(_manual).Where(space => space.Config.Name == name);

    private static Spot? FindIn(IEnumerable<PoolSpace> spaces, AddressFamily family, AllocationRequest request)
    {
        foreach (var space in spaces)
        {
            if (space.FindLowest(family, request) is { } spot)
                return spot;
        }
        return null;
    }

    private static ImmutableArray<Spot> FindBothIn(IEnumerable<PoolSpace> spaces, AllocationRequest request)
    {
        foreach (var space in spaces)
        {
            if (space.FindLowest(AddressFamily.IPv4, request) is { } first && space.FindLowest(AddressFamily.IPv6, request) is { } second)
                return [first, second];
        }
        return [];
    }

    private static ImmutableArray<Spot> FindInTwo(IEnumerable<PoolSpace> pinned, IEnumerable<PoolSpace> open, AllocationRequest request)
    {
        var first = FindIn(pinned, AddressFamily.IPv4, request) ?? FindIn(open, AddressFamily.IPv4, request);
        var second = FindIn(pinned, AddressFamily.IPv6, request) ?? FindIn(open, AddressFamily.IPv6, request);
        var isEnough = request.Policy != FamilyPolicy.RequireDualStack || (first is not null && second is not null);
        return isEnough ? [.. Join(first), .. Join(second)] : [];
    }

    private static ImmutableArray<Spot> Join(Spot? spot) => spot is { } some ? [some] : [];
}
