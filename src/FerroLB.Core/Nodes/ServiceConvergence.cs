using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Allocation;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Decides which addresses one Service has, from the Service as it is now, the configuration in force and what the allocator holds for it.
/// The steps, in order:
/// <list type="number">
/// <item>Without pools, or without a cluster IP, there is nothing to give: what it had is released.</item>
/// <item>What the status names and the allocator does not hold yet is adopted if it may be; a Service is never renumbered because a process
/// was restarted.</item>
/// <item>What it holds must still be allowed (pool, namespace, labels, sharing, ports, families); each address that is not is released, and
/// said so. An address that is allowed stays, whatever happens to the other one of a pair.</item>
/// <item>The allocator is asked for what the Service wants now. Refused, the Service keeps what it holds, and the refusal becomes its
/// statement and an event.</item>
/// </list>
/// The same input gives the same outcome, and a second run right after the first changes nothing.
/// </summary>
internal sealed class ServiceConvergence(Allocator allocator)
{
    private readonly List<ServiceNotice> _notices = [];

    /// <summary>
    /// Services of whose two addresses only one could be kept or taken over because the other is in no pool: both, as they were.
    /// </summary>
    private readonly SortedDictionary<ObjectKey, ImmutableArray<IpAddress>> _halved = [];

    /// <summary>The configuration in force.</summary>
    public ClusterConfig Config { get; private set; } = ClusterConfig.Empty;

    /// <summary>Whether a pool exists that cannot be read: addresses that are in no pool may be its, and are left alone.</summary>
    public bool HasUnreadablePool { get; private set; }

    /// <summary>What the last call wants the user to be told.</summary>
    public IReadOnlyList<ServiceNotice> Notices => _notices;

    /// <summary>Uses another configuration from now on.</summary>
    public void Use(ClusterConfig config, bool hasUnreadablePool)
    {
        (Config, HasUnreadablePool) = (config, hasUnreadablePool);
        foreach (var change in allocator.SetPools(config))
        {
            if (change.After is { } after && after.Addresses.Length < change.Before.Addresses.Length)
                _halved.TryAdd(change.Before.Service, change.Before.Addresses);
        }
    }

    /// <summary>Whether a status may name more than is taken over.</summary>
    public bool IsAdoptable(ObjectKey service) => allocator.Find(service) is null || _halved.ContainsKey(service);

    /// <summary>Before any address is given out: takes over what the status names, as far as that is allowed. Says nothing.</summary>
    public void Adopt(Service service, ServiceDemand demand)
    {
        var written = ServiceDemand.ReadStatus(service, out _);
        var taken = Retain(demand.Request, written, out _);
        if (taken is not null && taken.Addresses.Length < written.Length)
            _halved[service.Key] = written;
    }

    /// <summary>Forgets a Service that is gone or not ours any more; false if it held nothing.</summary>
    public bool Release(ObjectKey service)
    {
        _halved.Remove(service);
        return allocator.Release(service);
    }

    /// <summary>Decides.</summary>
    public ServiceOutcome Converge(Service service, ServiceDemand demand)
    {
        _notices.Clear();
        if (Config.Pools.IsEmpty && !HasUnreadablePool)
            return Clear(service, "NoPools", "no IPAddressPool is configured");
        if (!demand.HasClusterIPs)
            return Clear(service, "NoClusterIP", "the Service has no cluster IP");
        if (demand.Request.Policy == FamilyPolicy.RequireDualStack && demand.Request.Families.Length < 2)
            return RefuseSingleStack(service);
        if (demand.Request.Families.IsEmpty)
            return RefuseUnknownFamilies(service);
        var held = KeepOrAdopt(service, demand, out var left);
        return left.IsEmpty ? Allocate(service, demand, held) : Leave(service, left);
    }

    private ServiceOutcome Clear(Service service, string reason, string message)
    {
        Release(service.Key);
        return new ServiceOutcome([], null, new Statement(false, reason, message));
    }

    private ServiceOutcome RefuseSingleStack(Service service)
    {
        const string message = "the policy RequireDualStack needs cluster IPs of both families";
        Warn("not enough clusterips", message);
        return Clear(service, "FamilyMismatch", message);
    }

    private ServiceOutcome RefuseUnknownFamilies(Service service)
    {
        const string message = "the families of the cluster IPs cannot be told";
        var held = allocator.Find(service.Key);
        if (held is null && service.Status.Ingress.Count == 0)
            Warn("AllocationFailed", $"Failed to allocate IP for \"{service.Key}\": {message}");
        else
            Warn("noclusterIPsIPFamily", message);
        return held is null
            ? new ServiceOutcome([], null, new Statement(false, "FamilyUnknown", message), LeavesStatus: true)
            : Held(held, new Statement(true, "FamilyUnknown", message));
    }

    /// <summary>
    /// What the Service may keep of what it holds, or of what its status names; and what its status is left with because some of that may
    /// be of a pool that cannot be read, empty if nothing is.
    /// </summary>
    private AllocatedAddresses? KeepOrAdopt(Service service, ServiceDemand demand, out ImmutableArray<IpAddress> left)
    {
        var isBroken = false;
        var addresses = _halved.TryGetValue(service.Key, out var both)
            ? both
            : allocator.Find(service.Key)?.Addresses ?? ServiceDemand.ReadStatus(service, out isBroken);
        if (isBroken)
            Warn("nolbIPsIPFamily", "the addresses in the status are neither one address nor two of different families; they are replaced");
        var kept = Retain(demand.Request, addresses, out var refusal);
        ImmutableArray<IpAddress> lost = [.. addresses.Except(kept?.Addresses ?? [])];
        left = [];
        if (HasUnreadablePool && refusal is { Reason: RefusalReason.AddressNotInPools })
        {
            // What is in no doubt is given up even so: nobody reserves it, and whoever is given it next would wait for this status.
            ImmutableArray<IpAddress> given = [.. lost.Where(address => !IsInDoubt(demand.Request, address))];
            // What was held but never written is nothing that could be left as it is.
            left = [.. ServiceDemand.ReadStatus(service, out _).Except(given)];
            if (!left.IsEmpty)
                lost = given;
        }
        if (left.IsEmpty || !lost.IsEmpty)
            _halved.Remove(service.Key);
        if (lost.IsEmpty)
            return kept;
        Tell("ClearAssignment", $"current IP {Quote(lost)} can not be kept, another one will be assigned: {WhyLost(demand.Request, lost)}");
        if (kept is null)
            allocator.Release(service.Key);
        return kept;
    }

    /// <summary>Whether an address may be of a pool that cannot be read, and the Service's by that.</summary>
    private bool IsInDoubt(AllocationRequest request, IpAddress address) =>
        request.Families.Contains(address.Family) && Config.FindPool(address) is null;

    private string WhyLost(AllocationRequest request, ImmutableArray<IpAddress> lost) =>
        lost.Where(address => request.Families.Contains(address.Family))
            .Select(address => allocator.WhyNot(request, address)?.Message).FirstOrDefault(message => message is not null)
        ?? "the Service has no cluster IP of that family";

    /// <summary>
    /// Makes the Service hold those of the addresses that it may have, in their order; null, changing nothing, if it may have none. The
    /// refusal is that of the first address of a family that the Service has.
    /// </summary>
    private AllocatedAddresses? Retain(AllocationRequest request, ImmutableArray<IpAddress> addresses, out AllocationRefusal? refusal)
    {
        refusal = null;
        var kept = ImmutableArray.CreateBuilder<IpAddress>(2);
        foreach (var address in addresses)
        {
            if (!request.Families.Contains(address.Family))
                continue;
            if (allocator.WhyNot(request, address) is { } whyNot)
                refusal ??= whyNot;
            else
                kept.Add(address);
        }
        return kept.Count == 0 ? null : allocator.Assign(request, kept.ToImmutable()).Allocated;
    }

    private static ServiceOutcome Leave(Service service, ImmutableArray<IpAddress> left)
    {
        const string message =
            "the addresses are in no pool in force, but a pool cannot be read: they are left as they are until it is mended";
        var isWhole = left.Length == ServiceDemand.ReadStatus(service, out _).Length;
        var pool = isWhole ? null : service.Metadata.Annotation(MetallbAnnotation.AllocatedFromPool);
        return new ServiceOutcome(left, pool, new Statement(true, "PoolUnreadable", message), LeavesStatus: isWhole);
    }

    private ServiceOutcome Allocate(Service service, ServiceDemand demand, AllocatedAddresses? held)
    {
        if (demand.RequestFault is { } fault)
        {
            Warn(held is null ? "AllocationFailed" : "LoadBalancerFailed", $"invalid requested IPs of \"{service.Key}\": {fault}");
            var bad = new Statement(held is not null && IsEnough(demand, held), "InvalidRequest", fault);
            return held is null ? new ServiceOutcome([], null, bad) : Held(held, bad);
        }
        var result = allocator.Allocate(demand.Request);
        if (result.Succeeded)
            return Grant(result);
        Warn("AllocationFailed", $"Failed to allocate IP for \"{service.Key}\": {result.Refusal.Message}");
        var refused = result.Refusal.Reason.ToString();
        if (result.Allocated is not { } kept)
            return new ServiceOutcome([], null, new Statement(false, refused, result.Refusal.Message)) { Refusal = result.Refusal };
        var message = $"keeps {string.Join(", ", kept.Addresses)}, because {result.Refusal.Message}";
        var keeps = new Statement(IsEnough(demand, kept), refused, message);
        return Held(kept, keeps) with { Refusal = result.Refusal };
    }

    private ServiceOutcome Grant(AllocationResult result)
    {
        var allocated = result.Allocated!;
        if (result.Outcome is AllocationOutcome.Assigned or AllocationOutcome.Extended)
            Tell("IPAllocated", $"Assigned IP {Quote(allocated.Addresses)}");
        var message = $"{string.Join(", ", allocated.Addresses)} from pool {allocated.PoolText}";
        if (result.Refusal is { } second)
        {
            Tell("AdditionalAssignFailed", $"Failed to assign an IP of the other family: {second.Message}");
            message += $"; no address of the other family: {second.Message}";
        }
        return Held(allocated, new Statement(true, "Allocated", message)) with { Refusal = result.Refusal };
    }

    private static bool IsEnough(ServiceDemand demand, AllocatedAddresses held) =>
        held.Addresses.Length == 2 || demand.Request.Policy != FamilyPolicy.RequireDualStack;

    private static ServiceOutcome Held(AllocatedAddresses held, Statement statement) => new(held.Addresses, held.PoolText, statement);

    private static string Quote(IEnumerable<IpAddress> addresses) => $"[{string.Join(' ', addresses.Select(address => $"\"{address}\""))}]";

    private void Warn(string reason, string message) => _notices.Add(new ServiceNotice(true, reason, Excerpt.Message(message)));

    private void Tell(string reason, string message) => _notices.Add(new ServiceNotice(false, reason, Excerpt.Message(message)));
}
