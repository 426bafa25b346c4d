using System.Linq;
using FerroLB.Core.Allocation;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Allocation.AllocationSteps;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

/// <summary>Automatic choice, and choice within a pool that was asked for.</summary>
public sealed class AllocateTests
{
    [Theory]
    [InlineData("1.2.3.0/30", "1.2.3.0 1.2.3.1 1.2.3.2 1.2.3.3")]
    [InlineData("1000::/126", "1000:: 1000::1 1000::2 1000::3")]
    public void A_pool_is_handed_out_upward_refused_when_full_and_used_again(string pool, string addresses)
    {
        var expected = addresses.Split(' ');
        var family = Addresses(addresses)[0].Family;
        var allocator = Allocator(Pool("p", pool));
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], allocator.Allocate(Service($"s{i}") with { Families = [family] }).Text());
        var refused = allocator.Allocate(Service("late") with { Families = [family] });
        Assert.Equal(new PoolRefusal("p", PoolRefusalReason.Full), Assert.Single(refused.Refusal!.Pools));
        Assert.Equal($"no available {family} address: pool \"p\" is full", refused.Refusal.Message);
        allocator.Release(new("ns", "s2"));
        allocator.Release(new("ns", "s1"));
        Assert.Equal(expected[1], allocator.Allocate(Service("late") with { Families = [family] }).Text());
        Assert.Equal(expected[2], allocator.Allocate(Service("later") with { Families = [family] }).Text());
    }

    [Fact]
    public void Blocks_are_handed_out_in_the_order_written()
    {
        var allocator = Allocator(Pool("p", "10.0.9.1/32", "10.0.0.4-10.0.0.6"));
        var given = Enumerable.Range(0, 4).Select(i => allocator.Allocate(Service($"s{i}")).Text());
        Assert.Equal("10.0.9.1 10.0.0.4 10.0.0.5 10.0.0.6", string.Join(' ', given));
    }

    [Fact]
    public void Addresses_taken_by_request_are_skipped()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/29"));
        allocator.Assign(Service("a"), "10.0.0.1");
        allocator.Assign(Service("b"), "10.0.0.2");
        Assert.Equal("10.0.0.0", allocator.Allocate(Service("c")).Text());
        Assert.Equal("10.0.0.3", allocator.Allocate(Service("d")).Text());
        allocator.Release(new("ns", "b"));
        Assert.Equal("10.0.0.2", allocator.Allocate(Service("e")).Text());
    }

    [Theory]
    [InlineData("1.2.3.0/31", "1.2.3.1")]
    [InlineData("1.2.3.254-1.2.4.1", "1.2.3.254 1.2.4.1")]
    [InlineData("1.2.3.255/32", "")]
    [InlineData("1.2.3.0/32", "")]
    public void Buggy_addresses_are_skipped_where_the_pool_says_so(string range, string usable)
    {
        var careful = Allocator(Pool("p", new IpAddressPoolSpec { Addresses = [range], AvoidBuggyIPs = true }));
        var count = 0;
        while (careful.Allocate(Service($"s{count}")).Succeeded)
            count++;
        Assert.Equal(usable, string.Join(' ', Enumerable.Range(0, count).Select(i => careful.Held($"s{i}"))));
        Assert.Equal(count, careful.CountersOf("p")!.CapacityIPv4);
    }

    [Fact]
    public void Answering_again_changes_nothing()
    {
        var allocator = Allocator(Pool("p", "1.2.3.0/24"));
        allocator.Allocate(Service("a"));
        allocator.Assign(Service("b"), "1.2.3.77");
        Assert.Equal(AllocationOutcome.Kept, allocator.Allocate(Service("b")).Outcome);
        Assert.Equal("1.2.3.77", allocator.Held("b"));
    }

    [Fact]
    public void Open_pools_are_tried_by_name_and_those_not_assigned_automatically_never()
    {
        var allocator = Allocator(
            Pool("a", new IpAddressPoolSpec { Addresses = ["10.0.0.0/24"], AutoAssign = false }), Pool("c", "10.0.2.0/32"),
            Pool("b", "10.0.1.0/32"));
        Assert.Equal("10.0.1.0", allocator.Allocate(Service("s1")).Text());
        Assert.Equal("10.0.2.0", allocator.Allocate(Service("s2")).Text());
        Assert.Equal(
            "no available IPv4 address: pool \"b\" is full, pool \"c\" is full, pool \"a\" is not assigned automatically",
            allocator.Allocate(Service("s3")).Refusal!.Message);
    }

    [Fact]
    public void Pinned_pools_come_first_by_priority_with_zero_last_and_then_by_name()
    {
        static KubeObject Pool1(string name, string address, int? priority) =>
            Pinned(name, address, new() { Priority = priority, Namespaces = ["ns"] });
        var allocator = Allocator(
            Pool("a-open", "10.0.0.1/32"), Pool1("b-none", "10.0.0.2/32", null), Pool1("c-zero", "10.0.0.3/32", 0),
            Pool1("d-20", "10.0.0.4/32", 20), Pool1("e-10", "10.0.0.5/32", 10), Pool1("f-10", "10.0.0.6/32", 10),
            Pinned("g-other", "10.0.0.7/32", new() { Priority = 1, Namespaces = ["other"] }));
        var given = Enumerable.Range(0, 6).Select(i => allocator.Allocate(Service($"s{i}")).Allocated!.PoolText);
        Assert.Equal("e-10 f-10 d-20 b-none c-zero a-open", string.Join(' ', given));
        Assert.Equal("g-other", allocator.Allocate(Service("s") with { Service = new("other", "s") }).Allocated!.PoolText);
        var refused = allocator.Allocate(Service("late")).Refusal!;
        Assert.Contains(new PoolRefusal("g-other", PoolRefusalReason.NotCompatible), refused.Pools);
    }

    [Fact]
    public void A_pinned_pool_that_is_not_assigned_automatically_is_not_chosen()
    {
        var pinning = new ServiceAllocation { Namespaces = ["ns"] };
        var spec = new IpAddressPoolSpec { Addresses = ["10.0.0.1/32"], AutoAssign = false, ServiceAllocation = pinning };
        Assert.Equal("10.0.0.2", Allocator(Pool("a", spec), Pool("b", "10.0.0.2/32")).Allocate(Service("s")).Text());
    }

    [Fact]
    public void A_pool_asked_for_is_used_even_if_it_is_not_assigned_automatically()
    {
        var allocator = Allocator(
            Pool("a", "10.0.0.0/24"), Pool("b", new IpAddressPoolSpec { Addresses = ["10.0.1.0/32"], AutoAssign = false }),
            Pinned("c", "10.0.2.0/24", new() { Namespaces = ["other"] }));
        Assert.Equal("10.0.1.0", allocator.Allocate(Service("s1") with { PoolName = "b" }).Text());
        var full = allocator.Allocate(Service("s2") with { PoolName = "b" });
        Assert.Equal("no available IPv4 address: pool \"b\" is full", full.Refusal!.Message);
        Assert.Equal("UnknownPool", allocator.Allocate(Service("s2") with { PoolName = "x" }).Text());
        Assert.Equal("PoolNotCompatible", allocator.Allocate(Service("s2") with { PoolName = "c" }).Text());
        Assert.Equal(
            new PoolRefusal("a", PoolRefusalReason.LacksFamily),
            Assert.Single(allocator.Allocate(Service("s2") with { PoolName = "a", Families = V6 }).Refusal!.Pools));
    }

    [Fact]
    public void A_Service_moves_when_it_asks_for_another_pool_and_stays_when_that_cannot_be_met()
    {
        var allocator = Allocator(Pool("a", "10.0.0.0/24"), Pool("b", "10.0.1.0/32"));
        allocator.Allocate(Service("s1"));
        allocator.Allocate(Service("s2"));
        var moved = allocator.Allocate(Service("s1") with { PoolName = "b" });
        Assert.Equal(AllocationOutcome.Assigned, moved.Outcome);
        Assert.Equal("10.0.1.0", allocator.Held("s1"));
        Assert.Equal("NoAvailableAddress", allocator.Allocate(Service("s2") with { PoolName = "b" }).Text());
        Assert.Equal("10.0.0.1", allocator.Held("s2"));
        Assert.Equal("10.0.0.0", allocator.Allocate(Service("s3")).Text());
    }

    [Fact]
    public void Without_pools_there_is_nothing_to_give()
    {
        var allocator = new Allocator();
        Assert.Equal("NoPools", allocator.Allocate(Service("s")).Text());
        Assert.Equal("AddressNotInPools", allocator.Assign(Service("s"), "10.0.0.1").Text());
        Assert.Empty(allocator.Counters);
    }

    [Fact]
    public void A_long_list_of_pools_is_cut_short_in_the_message_only()
    {
        var pools = Enumerable.Range(0, 20).Select(i => (KubeObject)Pool($"p{i:00}", $"1000:{i}::/64")).ToArray();
        var refusal = Allocator(pools).Allocate(Service("s")).Refusal!;
        Assert.Equal(20, refusal.Pools.Length);
        Assert.EndsWith("pool \"p07\" lacks an address family that is needed, and 12 more pools have none either", refusal.Message);
    }
}
