using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Allocation;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

/// <summary>Short ways to write requests and to read results.</summary>
internal static class AllocationSteps
{
    public static readonly ImmutableArray<AddressFamily> V4 = [AddressFamily.IPv4];
    public static readonly ImmutableArray<AddressFamily> V6 = [AddressFamily.IPv6];
    public static readonly ImmutableArray<AddressFamily> Dual = [AddressFamily.IPv4, AddressFamily.IPv6];

    public static Allocator Allocator(params KubeObject[] pools)
    {
        var allocator = new Allocator();
        allocator.SetPools(PoolsOf(pools));
        return allocator;
    }

    public static ClusterConfig PoolsOf(params KubeObject[] pools)
    {
        var result = Build(pools);
        Assert.Empty(result.Rejections);
        return result.Config;
    }

    public static KubeObject Pinned(string name, string address, ServiceAllocation allocation) =>
        Pool(name, new IpAddressPoolSpec { Addresses = [address], ServiceAllocation = allocation });

    public static AllocationRequest Service(string name) =>
        new(new("ns", name)) { Families = V4, Ports = [new("TCP", 80)] };

    public static AllocationRequest Sharing(string name, string key, int port, string backend = "") =>
        Service(name) with { SharingKey = key, BackendKey = backend, Ports = [new("TCP", port)] };

    public static AllocationRequest Prefer(string name) => Service(name) with { Families = Dual, Policy = FamilyPolicy.PreferDualStack };

    public static AllocationRequest Require(string name) => Service(name) with { Families = Dual, Policy = FamilyPolicy.RequireDualStack };

    public static ImmutableArray<IpAddress> Addresses(string text) => [.. text.Split(' ').Select(IpAddress.Parse)];

    public static AllocationRequest Asking(this AllocationRequest request, string addresses) =>
        request with { RequestedAddresses = Addresses(addresses) };

    public static AllocationResult Assign(this Allocator allocator, AllocationRequest request, string addresses) =>
        allocator.Assign(request, Addresses(addresses));

    /// <summary>The addresses assigned, or the reason why not.</summary>
    public static string Text(this AllocationResult result) =>
        result.Succeeded ? string.Join(' ', result.Allocated.Addresses) : result.Refusal.Reason.ToString();

    public static string Held(this Allocator allocator, string name) =>
        allocator.Find(new("ns", name)) is { } held ? string.Join(' ', held.Addresses) : "none";
}
