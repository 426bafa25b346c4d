using FerroLB.Core.Allocation;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Allocation.AllocationSteps;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

public sealed class DualStackTests
{
    [Fact]
    public void Both_families_come_from_the_first_pool_that_has_both_IPv4_first()
    {
        var allocator = Allocator(Pool("a4", "10.0.0.0/24"), Pool("b", "10.0.1.0/24", "1000::/64"), Pool("c6", "2000::/64"));
        Assert.Equal("10.0.1.0 1000::", allocator.Allocate(Require("r")).Text());
        var sixFirst = Prefer("p") with { Families = [AddressFamily.IPv6, AddressFamily.IPv4] };
        Assert.Equal("10.0.1.1 1000::1", allocator.Allocate(sixFirst).Text());
    }

    [Fact]
    public void If_no_pool_has_both_each_family_comes_from_the_first_pool_that_has_it()
    {
        var allocator = Allocator(Pool("a6", "1000::/64"), Pool("b4", "10.0.0.0/24"), Pool("c4", "10.0.1.0/24"));
        var result = allocator.Allocate(Require("r"));
        Assert.Equal("10.0.0.0 1000::", result.Text());
        Assert.Equal("b4,a6", result.Allocated!.PoolText);
        Assert.Equal("10.0.0.1 1000::1", allocator.Allocate(Prefer("p")).Text());
    }

    [Fact]
    public void Preferring_dual_stack_takes_what_there_is_and_says_what_is_missing()
    {
        foreach (var (pool, address) in new[] { ("10.0.0.0/24", "10.0.0.0"), ("1000::/64", "1000::") })
        {
            var result = Allocator(Pool("p", pool)).Allocate(Prefer("s"));
            Assert.Equal(AllocationOutcome.Assigned, result.Outcome);
            Assert.Equal(address, result.Text());
            Assert.Equal(PoolRefusalReason.LacksFamily, Assert.Single(result.Refusal!.Pools).Reason);
        }
    }

    [Fact]
    public void Requiring_dual_stack_takes_both_or_nothing()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24"));
        Assert.Equal(
            "no available IPv4 and IPv6 address: pool \"p\" lacks an address family that is needed",
            allocator.Allocate(Require("s")).Refusal!.Message);
        Assert.Equal(0, allocator.CountersOf("p")!.AssignedIPv4);
        Assert.Equal("FamilyMismatch", allocator.Allocate(Require("s") with { Families = V4 }).Text());
    }

    [Fact]
    public void One_cluster_IP_means_one_address_whatever_is_preferred()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24", "1000::/64"));
        var result = allocator.Allocate(Prefer("s") with { Families = V6 });
        Assert.Equal("1000::", result.Text());
        Assert.Null(result.Refusal);
        Assert.Equal("FamilyMismatch", allocator.Allocate(Service("t") with { Families = Dual }).Text());
        Assert.Equal("FamilyMismatch", allocator.Allocate(Service("t") with { Families = [] }).Text());
    }

    [Fact]
    public void A_pool_pinned_to_the_Service_weighs_more_than_both_from_one_pool()
    {
        var allocator = Allocator(Pinned("mine", "10.0.0.0/24", new() { Namespaces = ["ns"] }), Pool("open", "10.0.1.0/24", "1000::/64"));
        Assert.Equal("10.0.0.0 1000::", allocator.Allocate(Prefer("p")).Text());
        Assert.Equal(AllocationOutcome.Kept, allocator.Allocate(Prefer("p")).Outcome);
        Assert.Equal("10.0.1.0 1000::1", allocator.Allocate(Require("r")).Text());
    }

    [Fact]
    public void The_missing_family_is_added_from_the_same_pool_when_it_gets_one()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24"));
        allocator.Allocate(Prefer("s"));
        Assert.Equal(AllocationOutcome.Kept, allocator.Allocate(Prefer("s")).Outcome);
        Assert.NotNull(allocator.Allocate(Prefer("s")).Refusal);
        allocator.SetPools(PoolsOf(Pool("p", "10.0.0.0/24", "1000::/64")));
        Assert.Equal(AllocationOutcome.Extended, allocator.Allocate(Prefer("s")).Outcome);
        Assert.Equal("10.0.0.0 1000::", allocator.Held("s"));
        Assert.Equal(AllocationOutcome.Kept, allocator.Allocate(Prefer("s")).Outcome);
    }

    [Fact]
    public void The_pool_of_the_address_that_is_there_is_said_to_be_full_though_it_is_not_assigned_automatically()
    {
        var pool = Pool("p", new IpAddressPoolSpec { Addresses = ["10.0.0.0/24", "1000::/128"], AutoAssign = false });
        var other = Pool("q", new IpAddressPoolSpec { Addresses = ["2000::/64"], AutoAssign = false });
        var allocator = Allocator(pool, other);
        allocator.Assign(Service("t"), "1000::");
        allocator.Assign(Prefer("s"), "10.0.0.0");
        PoolRefusal[] refusals = [new("p", PoolRefusalReason.Full), new("q", PoolRefusalReason.NotAutoAssigned)];
        Assert.Equal(refusals, allocator.Allocate(Prefer("s")).Refusal!.Pools);
        Assert.Equal(refusals, allocator.Allocate(Require("s")).Refusal!.Pools);
    }

    [Fact]
    public void The_address_that_is_there_stays_first_when_the_other_family_is_added()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24", "1000::/64"));
        allocator.Assign(Prefer("s"), "1000::7");
        allocator.Allocate(Prefer("s"));
        Assert.Equal("1000::7 10.0.0.0", allocator.Held("s"));
    }

    [Fact]
    public void A_new_pool_with_both_families_completes_a_Service_and_does_not_move_it()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24"));
        allocator.Allocate(Prefer("s"));
        allocator.SetPools(PoolsOf(Pool("p", "10.0.0.0/24"), Pool("q", "10.0.1.0/24", "1000::/64")));
        Assert.Equal(AllocationOutcome.Extended, allocator.Allocate(Prefer("s")).Outcome);
        Assert.Equal("10.0.0.0 1000::", allocator.Held("s"));
    }

    [Fact]
    public void A_pool_asked_for_later_keeps_the_address_that_lies_in_it()
    {
        var allocator = Allocator(Pool("both", "10.0.1.0/24", "3000::/126"), Pool("four", "10.0.0.0/24"), Pool("six", "1000::/64"));
        allocator.Assign(Prefer("s"), "10.0.0.9 1000::9");
        Assert.Equal("10.0.0.9", allocator.Allocate(Prefer("s") with { PoolName = "four" }).Text());
        allocator.Assign(Require("t"), "10.0.1.9 1000::7");
        Assert.Equal("NoAvailableAddress", allocator.Allocate(Require("t") with { PoolName = "six" }).Text());
        Assert.Equal("10.0.1.9 1000::7", allocator.Held("t"));
        Assert.Equal("10.0.1.9 3000::", allocator.Allocate(Require("t") with { PoolName = "both" }).Text());
    }

    [Fact]
    public void A_new_pool_with_only_the_missing_family_completes_a_Service()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24"));
        allocator.Allocate(Prefer("s"));
        allocator.SetPools(PoolsOf(Pool("p", "10.0.0.0/24"), Pool("q", "1000::/64")));
        Assert.Equal(AllocationOutcome.Kept, allocator.Allocate(Prefer("s") with { PoolName = "p" }).Outcome);
        Assert.Equal("10.0.0.0 1000::", allocator.Allocate(Prefer("s")).Text());
    }

    [Fact]
    public void A_Service_that_turns_single_stack_keeps_the_address_of_its_family()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24", "1000::/64"));
        allocator.Assign(Prefer("s"), "10.0.0.9 1000::9");
        Assert.Equal("1000::9", allocator.Allocate(Service("s") with { Families = V6 }).Text());
        Assert.Equal(0, allocator.CountersOf("p")!.AssignedIPv4);
    }

    [Fact]
    public void A_Service_that_turns_dual_stack_keeps_its_address_if_it_can()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24", "1000::/64"), Pool("single", "10.0.1.0/24"));
        allocator.Assign(Service("s"), "10.0.0.9");
        Assert.Equal("10.0.0.9 1000::", allocator.Allocate(Require("s")).Text());
        allocator.Assign(Service("t"), "10.0.1.9");
        Assert.Equal("10.0.1.9 1000::1", allocator.Allocate(Require("t")).Text());
    }

    [Fact]
    public void A_Service_whose_only_family_changes_gets_another_address()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/24", "1000::/64"));
        allocator.Allocate(Service("s"));
        Assert.Equal("1000::", allocator.Allocate(Service("s") with { Families = V6 }).Text());
        Assert.Equal(0, allocator.CountersOf("p")!.AssignedIPv4);
    }
}
