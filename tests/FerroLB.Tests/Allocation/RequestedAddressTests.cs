using FerroLB.Core.Allocation;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Allocation.AllocationSteps;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

public sealed class RequestedAddressTests
{
    private readonly Allocator _allocator = Allocator(
        Pool("a", "10.0.0.0/24", "1000::/64"), Pool("b", new IpAddressPoolSpec { Addresses = ["10.0.1.0/24"], AutoAssign = false }));

    [Fact]
    public void A_requested_address_is_given_from_whatever_pool_holds_it()
    {
        Assert.Equal("10.0.0.9", _allocator.Allocate(Service("s1").Asking("10.0.0.9")).Text());
        Assert.Equal("10.0.1.9", _allocator.Allocate(Service("s2").Asking("10.0.1.9")).Text());
        Assert.Equal("AddressNotInPools", _allocator.Allocate(Service("s3").Asking("10.0.2.9")).Text());
        Assert.Equal("AddressInUse", _allocator.Allocate(Service("s3").Asking("10.0.1.9")).Text());
    }

    [Fact]
    public void A_requested_address_must_lie_in_the_requested_pool()
    {
        var request = Service("s").Asking("10.0.0.9");
        foreach (var other in new[] { "b", "unknown" })
            Assert.Equal("AddressNotInRequestedPool", _allocator.Allocate(request with { PoolName = other }).Text());
        Assert.Equal("none", _allocator.Held("s"));
        Assert.Equal("10.0.1.9", _allocator.Allocate(Service("s").Asking("10.0.1.9") with { PoolName = "b" }).Text());
    }

    [Fact]
    public void The_requested_families_must_be_exactly_those_of_the_Service()
    {
        Assert.Equal("FamilyMismatch", _allocator.Allocate(Service("s").Asking("1000::1")).Text());
        Assert.Equal("FamilyMismatch", _allocator.Allocate(Service("s").Asking("10.0.0.1 1000::1")).Text());
        Assert.Equal("FamilyMismatch", _allocator.Allocate(Require("s").Asking("10.0.0.1")).Text());
        Assert.Equal("FamilyMismatch", _allocator.Allocate(Prefer("s").Asking("10.0.0.1")).Text());
        Assert.Equal("FamilyMismatch", _allocator.Allocate(Prefer("s").Asking("10.0.0.1 10.0.0.2")).Text());
        Assert.Equal("1000::1 10.0.0.1", _allocator.Allocate(Prefer("s").Asking("1000::1 10.0.0.1")).Text());
    }

    [Fact]
    public void The_order_first_requested_stays()
    {
        _allocator.Allocate(Prefer("s").Asking("1000::1 10.0.0.1"));
        Assert.Equal(AllocationOutcome.Kept, _allocator.Allocate(Prefer("s").Asking("10.0.0.1 1000::1")).Outcome);
        Assert.Equal("1000::1 10.0.0.1", _allocator.Held("s"));
    }

    [Fact]
    public void A_request_that_cannot_be_met_costs_the_Service_nothing()
    {
        _allocator.Allocate(Service("other").Asking("10.0.0.50"));
        _allocator.Allocate(Service("s"));
        var refused = _allocator.Allocate(Service("s").Asking("10.0.0.50"));
        Assert.Equal(RefusalReason.AddressInUse, refused.Refusal!.Reason);
        Assert.Equal("10.0.0.0", _allocator.Held("s"));
        _allocator.Release(new("ns", "other"));
        Assert.Equal("10.0.0.50", _allocator.Allocate(Service("s").Asking("10.0.0.50")).Text());
    }
}
