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
/// <item>What it holds must still be allowed (pool, namespace, labels, sharing, ports); otherwise it is released, and said so.</item>
/// <item>The allocator is asked for what the Service wants now. Refused, the Service keeps what it holds, and the refusal becomes its
/// statement and an event.</item>
/// </list>
/// The same input gives the same outcome, and a second run right after the first changes nothing.
/// </summary>
internal sealed class ServiceConvergence(Allocator allocator)
{
    private readonly List<ServiceNotice> _notices = [];

    /// <summary>The configuration in force.</summary>
    public ClusterConfig Config { get; set; } = ClusterConfig.Empty;

    /// <summary>Whether a pool exists that cannot be read: addresses that are in no pool may be its, and are left alone.</summary>
    public bool HasUnreadablePool { get; set; }

    /// <summary>What the last call wants the user to be told.</summary>
    public IReadOnlyList<ServiceNotice> Notices => _notices;

    /// <summary>At start, before any address is given out: takes over what the status names, if that is allowed. Says nothing.</summary>
    public void Adopt(Service service, ServiceDemand demand)
    {
        var written = ServiceDemand.ReadStatus(service, out _);
        if (!written.IsEmpty && FamiliesFit(demand.Request, written))
            allocator.Assign(demand.Request, written);
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
        var held = KeepOrAdopt(service, demand, out var isLeft);
        return isLeft ? Leave(service) : Allocate(service, demand, held);
    }

    private ServiceOutcome Clear(Service service, string reason, string message)
    {
        allocator.Release(service.Key);
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
        Warn("noclusterIPsIPFamily", message);
        var held = allocator.Find(service.Key);
        return held is null
            ? new ServiceOutcome([], null, new Statement(false, "FamilyUnknown", message), LeavesStatus: true)
            : Held(held, new Statement(true, "FamilyUnknown", message));
    }

    /// <summary>What the Service may keep of what it holds, or of what its status names.</summary>
    private AllocatedAddresses? KeepOrAdopt(Service service, ServiceDemand demand, out bool isLeft)
    {
        isLeft = false;
        var held = allocator.Find(service.Key);
        var isBroken = false;
        var addresses = held?.Addresses ?? ServiceDemand.ReadStatus(service, out isBroken);
        if (held is null && isBroken)
            Warn("nolbIPsIPFamily", "the addresses in the status are neither one address nor two of different families; they are replaced");
        if (addresses.IsEmpty)
            return null;
        var result = FamiliesFit(demand.Request, addresses) ? allocator.Assign(demand.Request, addresses) : null;
        if (result is { Succeeded: true })
            return result.Allocated;
        if (HasUnreadablePool && result is { Refusal.Reason: RefusalReason.AddressNotInPools or RefusalReason.NoPools })
        {
            isLeft = true;
            return null;
        }
        var cause = result?.Refusal?.Message ?? "the families of the Service's cluster IPs are others";
        Tell("ClearAssignment", $"current IP {Quote(addresses)} can not be kept, another one will be assigned: {cause}");
        allocator.Release(service.Key);
        return null;
    }

    private static ServiceOutcome Leave(Service service)
    {
        const string message = 
            "the addresses are in no pool in force, but a pool cannot be read: they are left as they are until it is mended";
        var statement = new Statement(true, "PoolUnreadable", message);
        return new ServiceOutcome(ServiceDemand.ReadStatus(service, out _), null, statement, LeavesStatus: true);
    }

    private ServiceOutcome Allocate(Service service, ServiceDemand demand, AllocatedAddresses? held)
    {
        if (demand.RequestFault is { } fault)
        {
            Warn(held is null ? "AllocationFailed" : "LoadBalancerFailed", $"invalid requested IPs of \"{service.Key}\": {fault}");
            var bad = new Statement(held is not null, "InvalidRequest", fault);
            return held is null ? new ServiceOutcome([], null, bad) : Held(held, bad);
        }
        var result = allocator.Allocate(demand.Request);
        if (result.Succeeded)
            return Grant(result);
        Warn("AllocationFailed", $"Failed to allocate IP for \"{service.Key}\": {result.Refusal.Message}");
        var refused = result.Refusal.Reason.ToString();
        if (result.Allocated is not { } kept)
            return new ServiceOutcome([], null, new Statement(false, refused, result.Refusal.Message)) { Refusal = result.Refusal };
        var keeps = new Statement(true, refused, $"keeps {string.Join(", ", kept.Addresses)}, because {result.Refusal.Message}");
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

    private static ServiceOutcome Held(AllocatedAddresses held, Statement statement) => new(held.Addresses, held.PoolText, statement);

    /// <summary>
    /// Whether addresses are of the families of the cluster IPs; one of two is enough for a Service that merely prefers both.
    /// </summary>
    private static bool FamiliesFit(AllocationRequest request, ImmutableArray<IpAddress> addresses)
    {
        if (addresses.Length > request.Families.Length || addresses.Any(address => !request.Families.Contains(address.Family)))
            return false;
        return addresses.Length == request.Families.Length || request.Policy == FamilyPolicy.PreferDualStack;
    }

    private static string Quote(IEnumerable<IpAddress> addresses) => $"[{string.Join(' ', addresses.Select(address => $"\"{address}\""))}]";

    private void Warn(string reason, string message) => _notices.Add(new ServiceNotice(true, reason, message));

    private void Tell(string reason, string message) => _notices.Add(new ServiceNotice(false, reason, message));
}
