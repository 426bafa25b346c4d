using System.Linq;
using FerroLB.Core.Allocation;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Allocation.AllocationSteps;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

public sealed class SetPoolsTests
{
    private readonly Allocator _allocator = Allocator(Pool("p", "10.0.0.0/30", "1000::/126"));

    public SetPoolsTests()
    {
        _allocator.Assign(Service("four"), "10.0.0.1");
        _allocator.Assign(Require("both"), "10.0.0.2 1000::2");
    }

    [Fact]
    public void The_same_pools_and_larger_pools_change_nothing()
    {
        Assert.Empty(_allocator.SetPools(PoolsOf(Pool("p", "10.0.0.0/30", "1000::/126"))));
        Assert.Empty(_allocator.SetPools(PoolsOf(Pool("p", "10.0.0.0/24", "1000::/64"))));
        Assert.Equal("10.0.0.2 1000::2", _allocator.Held("both"));
        Assert.Equal("AddressInUse", _allocator.Assign(Service("new"), "10.0.0.1").Text());
        Assert.Equal("10.0.0.0", _allocator.Allocate(Service("x")).Text());
        Assert.Equal("10.0.0.3", _allocator.Allocate(Service("y")).Text());
    }

    [Fact]
    public void A_pool_that_shrinks_around_its_Services_keeps_them()
    {
        Assert.Empty(_allocator.SetPools(PoolsOf(Pool("p", "10.0.0.1-10.0.0.2", "1000::2/128"))));
        Assert.Equal(new PoolCounters("p", 2, 2, 1, 1), _allocator.CountersOf("p"));
    }

    [Fact]
    public void A_Service_that_loses_one_of_its_addresses_keeps_the_other()
    {
        var change = Assert.Single(_allocator.SetPools(PoolsOf(Pool("p", "10.0.0.0/30"))));
        Assert.Equal("both", change.Before.Service.Name);
        Assert.Equal("10.0.0.2", string.Join(' ', change.After!.Addresses));
        Assert.Equal("10.0.0.2", _allocator.Held("both"));
        Assert.Equal("10.0.0.1", _allocator.Held("four"));
        Assert.Equal("AddressInUse", _allocator.Assign(Service("new"), "10.0.0.2").Text());
        Assert.Equal(new PoolCounters("p", 4, 2, 0, 0), _allocator.CountersOf("p"));
    }

    [Theory]
    [InlineData("six", "2000::/126", "10.0.0.2 2000::")]
    [InlineData("dual", "2000::/126 10.0.1.0/30", "10.0.0.2 2000::")]
    [InlineData("four", "10.0.1.0/30", "NoAvailableAddress")]
    public void What_is_lost_is_refilled_without_touching_what_is_left(string name, string blocks, string expected)
    {
        _allocator.SetPools(PoolsOf(Pool("p", "10.0.0.0/30"), Pool(name, blocks.Split(' '))));
        Assert.Equal(expected, _allocator.Allocate(Require("both")).Text());
        Assert.StartsWith("10.0.0.2", _allocator.Held("both"));
    }

    [Fact]
    public void Two_pools_of_one_Service_go_one_after_the_other()
    {
        var allocator = Allocator(Pool("four", "10.0.0.0/30"), Pool("six", "1000::/126"));
        Assert.Equal("four,six", allocator.Allocate(Require("s")).Allocated!.PoolText);
        Assert.Equal("six", Assert.Single(allocator.SetPools(PoolsOf(Pool("six", "1000::/126")))).After!.PoolText);
        Assert.Equal("1000::", allocator.Held("s"));
        Assert.Null(Assert.Single(allocator.SetPools(PoolsOf())).After);
        Assert.Equal("none", allocator.Held("s"));
    }

    [Fact]
    public void Services_are_counted_once_in_each_pool_that_they_use()
    {
        Assert.Equal((2, 0), (_allocator.ServiceCountOf("p"), _allocator.ServiceCountOf("unknown")));
        _allocator.SetPools(PoolsOf(Pool("four", "10.0.0.0/30"), Pool("six", "1000::/126")));
        Assert.Equal((2, 1), (_allocator.ServiceCountOf("four"), _allocator.ServiceCountOf("six")));
        _allocator.Release(new("ns", "both"));
        Assert.Equal((1, 0), (_allocator.ServiceCountOf("four"), _allocator.ServiceCountOf("six")));
    }

    [Fact]
    public void A_rename_and_a_split_move_Services_to_other_names()
    {
        var renamed = _allocator.SetPools(PoolsOf(Pool("q", "10.0.0.0/30", "1000::/126")));
        Assert.Equal(["both:q", "four:q"], renamed.Select(change => $"{change.Before.Service.Name}:{change.After!.PoolText}"));
        var split = _allocator.SetPools(PoolsOf(Pool("low", "10.0.0.0/31"), Pool("high", "10.0.0.2/31"), Pool("six", "1000::/126")));
        Assert.Equal(["both:high,six", "four:low"], split.Select(change => $"{change.Before.Service.Name}:{change.After!.PoolText}"));
        Assert.Equal(0, _allocator.CountersOf("low")!.AssignedIPv6);
        Assert.Null(_allocator.CountersOf("q"));
    }

    [Fact]
    public void Avoiding_buggy_addresses_from_now_on_releases_them()
    {
        _allocator.Assign(Service("zero"), "10.0.0.0");
        var pools = PoolsOf(Pool("p", new IpAddressPoolSpec { Addresses = ["10.0.0.0/30", "1000::/126"], AvoidBuggyIPs = true }));
        Assert.Equal("zero", Assert.Single(_allocator.SetPools(pools)).Before.Service.Name);
        Assert.Equal("10.0.0.3", _allocator.Allocate(Service("zero")).Text());
    }

    [Fact]
    public void A_pool_that_gets_pinned_to_others_keeps_its_Services_until_they_are_assigned_again()
    {
        var pinning = new ServiceAllocation { Namespaces = ["other"] };
        var spec = new IpAddressPoolSpec { Addresses = ["10.0.0.0/30", "1000::/126"], ServiceAllocation = pinning };
        Assert.Empty(_allocator.SetPools(PoolsOf(Pool("p", spec))));
        Assert.Equal("PoolNotCompatible", _allocator.Assign(Service("four"), "10.0.0.1").Text());
        Assert.Equal("10.0.0.1", _allocator.Held("four"));
        Assert.Equal("NoAvailableAddress", _allocator.Allocate(Service("four")).Text());
    }

    [Fact]
    public void Without_pools_everything_is_released()
    {
        Assert.Equal(2, _allocator.SetPools(PoolsOf()).Count);
        Assert.Empty(_allocator.Counters);
    }

    [Fact]
    public void Sharing_survives_a_change_of_pools()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/30"));
        allocator.Allocate(Sharing("a", "key", 80));
        allocator.Allocate(Sharing("b", "key", 81));
        allocator.SetPools(PoolsOf(Pool("q", "10.0.0.0/29")));
        Assert.Equal("10.0.0.0", allocator.Allocate(Sharing("c", "key", 82)).Text());
        Assert.Equal("PortInUse", allocator.Assign(Sharing("d", "key", 80), "10.0.0.0").Text());
        Assert.Equal(1, allocator.CountersOf("q")!.AssignedIPv4);
    }

    [Theory]
    [InlineData("10.0.0.0/24", false, 256)]
    [InlineData("10.0.0.0/24 10.0.1.0/25", false, 384)]
    [InlineData("10.0.0.0/24 10.0.1.0/25", true, 381)]
    [InlineData("10.0.0.128/25", true, 127)]
    [InlineData("10.0.0.0/23", true, 508)]
    [InlineData("10.0.0.7/32", true, 1)]
    [InlineData("10.0.0.0/32", true, 0)]
    [InlineData("10.0.0.16/30", true, 4)]
    [InlineData("0.0.0.0/0", false, 4294967296)]
    public void IPv4_capacity_counts_what_can_be_assigned(string blocks, bool avoidsBuggy, long capacity)
    {
        var spec = new IpAddressPoolSpec { Addresses = blocks.Split(' '), AvoidBuggyIPs = avoidsBuggy };
        Assert.Equal(capacity, Allocator(Pool("p", spec)).CountersOf("p")!.CapacityIPv4);
    }

    [Theory]
    [InlineData("1000::/120", 256)]
    [InlineData("1000::/67", 1L << 61)]
    [InlineData("1000::/66", long.MaxValue)]
    [InlineData("1000::/64 2000::/120", long.MaxValue)]
    [InlineData("::/0", long.MaxValue)]
    public void IPv6_capacity_saturates(string blocks, long capacity)
    {
        var counters = Allocator(Pool("p", blocks.Split(' '))).CountersOf("p")!;
        Assert.Equal(capacity, counters.CapacityIPv6);
        Assert.Equal(capacity, counters.AvailableIPv6);
    }

    [Fact]
    public void Counters_follow_every_step()
    {
        Assert.Equal(new PoolCounters("p", 4, 2, 4, 1), _allocator.CountersOf("p"));
        Assert.Equal(2, _allocator.CountersOf("p")!.AvailableIPv4);
        _allocator.Release(new("ns", "both"));
        Assert.Equal(new PoolCounters("p", 4, 1, 4, 0), _allocator.CountersOf("p"));
    }
}
