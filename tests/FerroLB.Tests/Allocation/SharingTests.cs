using System.Linq;
using FerroLB.Core.Allocation;
using Xunit;
using static FerroLB.Tests.Allocation.AllocationSteps;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

public sealed class SharingTests
{
    private const string Ip = "1.2.3.4";

    private readonly Allocator _allocator = Allocator(Pool("p", "1.2.3.0/24"));

    [Fact]
    public void Sharers_need_equal_keys_equal_backends_and_different_ports()
    {
        Assert.Equal(Ip, _allocator.Assign(Sharing("a", "key", 80, "x"), Ip).Text());
        Assert.Equal("PortInUse", _allocator.Assign(Sharing("b", "key", 80, "x"), Ip).Text());
        Assert.Equal("SharingKeyDiffers", _allocator.Assign(Sharing("b", "other", 81, "x"), Ip).Text());
        Assert.Equal("AddressInUse", _allocator.Assign(Sharing("b", "", 81, "x"), Ip).Text());
        Assert.Equal("BackendDiffers", _allocator.Assign(Sharing("b", "key", 81, "y"), Ip).Text());
        Assert.Equal(Ip, _allocator.Assign(Sharing("b", "key", 81, "x"), Ip).Text());
        Assert.Equal(1, _allocator.CountersOf("p")!.AssignedIPv4);
    }

    [Fact]
    public void Nobody_shares_with_a_Service_that_has_no_key()
    {
        _allocator.Assign(Service("a"), Ip);
        Assert.Equal("AddressInUse", _allocator.Assign(Sharing("b", "key", 81), Ip).Text());
    }

    [Fact]
    public void The_same_port_of_two_protocols_is_two_ports()
    {
        _allocator.Assign(Sharing("a", "key", 53), Ip);
        Assert.Equal(Ip, _allocator.Assign(Sharing("b", "key", 53) with { Ports = [new("UDP", 53)] }, Ip).Text());
    }

    [Fact]
    public void The_only_user_may_change_its_keys_and_ports()
    {
        _allocator.Assign(Sharing("a", "key", 80, "x"), Ip);
        Assert.Equal(Ip, _allocator.Assign(Sharing("a", "new", 80, "y"), Ip).Text());
        Assert.Equal(Ip, _allocator.Assign(Sharing("a", "new", 90, "y"), Ip).Text());
        Assert.Equal(Ip, _allocator.Assign(Sharing("b", "new", 80, "y"), Ip).Text());
        Assert.Equal("PortInUse", _allocator.Assign(Sharing("c", "new", 90, "y"), Ip).Text());
    }

    [Fact]
    public void With_other_users_keys_cannot_change_but_ports_can()
    {
        _allocator.Assign(Sharing("a", "key", 80, "x"), Ip);
        _allocator.Assign(Sharing("b", "key", 81, "x"), Ip);
        Assert.Equal("SharingKeyDiffers", _allocator.Assign(Sharing("a", "new", 80, "x"), Ip).Text());
        Assert.Equal("BackendDiffers", _allocator.Assign(Sharing("a", "key", 80, "y"), Ip).Text());
        Assert.Equal("PortInUse", _allocator.Assign(Sharing("a", "key", 81, "x"), Ip).Text());
        Assert.Equal(Ip, _allocator.Assign(Sharing("a", "key", 82, "x"), Ip).Text());
        Assert.Equal(Ip, _allocator.Assign(Sharing("c", "key", 80, "x"), Ip).Text());
        _allocator.Release(new("ns", "b"));
        _allocator.Release(new("ns", "c"));
        Assert.Equal(Ip, _allocator.Assign(Sharing("a", "new", 82, "y"), Ip).Text());
    }

    [Fact]
    public void An_address_is_free_only_when_its_last_user_has_left()
    {
        _allocator.Assign(Sharing("a", "key", 80), Ip);
        _allocator.Assign(Sharing("b", "key", 81), Ip);
        _allocator.Release(new("ns", "a"));
        Assert.Equal("AddressInUse", _allocator.Assign(Service("c"), Ip).Text());
        _allocator.Release(new("ns", "b"));
        Assert.Equal(Ip, _allocator.Assign(Service("c"), Ip).Text());
    }

    [Fact]
    public void A_sharing_Service_takes_the_lowest_address_that_is_free_or_shareable()
    {
        Assert.Equal("1.2.3.0", _allocator.Allocate(Sharing("a", "key", 80)).Text());
        Assert.Equal("1.2.3.0", _allocator.Allocate(Sharing("b", "key", 81)).Text());
        Assert.Equal("1.2.3.1", _allocator.Allocate(Sharing("c", "key", 80)).Text());
        Assert.Equal("1.2.3.1", _allocator.Allocate(Sharing("d", "key", 81)).Text());
        Assert.Equal("1.2.3.0", _allocator.Allocate(Sharing("e", "key", 82)).Text());
        Assert.Equal("1.2.3.2", _allocator.Allocate(Sharing("f", "other", 83)).Text());
        _allocator.Release(new("ns", "f"));
        _allocator.Assign(Sharing("g", "third", 80), "1.2.3.9");
        Assert.Equal("1.2.3.2", _allocator.Allocate(Sharing("h", "third", 81)).Text());
        _allocator.Release(new("ns", "a"));
        Assert.Equal("1.2.3.0", _allocator.Allocate(Sharing("i", "key", 80)).Text());
    }

    [Fact]
    public void In_a_full_pool_sharers_still_find_a_place()
    {
        var allocator = Allocator(Pool("p", "1.2.3.4/32"));
        Assert.Equal(Ip, allocator.Allocate(Sharing("a", "key", 80)).Text());
        Assert.Equal(Ip, allocator.Allocate(Sharing("b", "key", 81)).Text());
        Assert.Equal("NoAvailableAddress", allocator.Allocate(Sharing("c", "key", 81)).Text());
        Assert.Equal("NoAvailableAddress", allocator.Allocate(Service("d")).Text());
    }

    [Fact]
    public void The_addresses_of_a_dual_stack_Service_may_be_shared_with_different_Services()
    {
        var allocator = Allocator(Pool("p", "1.2.3.0/24", "1000::/64"));
        allocator.Assign(Sharing("four", "key", 80), "1.2.3.4");
        allocator.Assign(Sharing("six", "key", 81), "1000::6");
        var both = Sharing("both", "key", 82) with { Families = Dual, Policy = FamilyPolicy.RequireDualStack };
        Assert.Equal("1.2.3.4 1000::6", allocator.Allocate(both.Asking("1.2.3.4 1000::6")).Text());
        var late = both with { Service = new("ns", "late"), Ports = [new("TCP", 81)] };
        Assert.Equal("PortInUse", allocator.Allocate(late.Asking("1.2.3.4 1000::6")).Text());
    }

    [Fact]
    public void The_backend_key_is_the_sorted_selector_only_under_traffic_policy_Local()
    {
        var selector = Labels("b=2", "a=1");
        Assert.Equal("a=1,b=2", AllocationRequest.BackendKeyOf(selector, isTrafficPolicyLocal: true));
        Assert.Equal("", AllocationRequest.BackendKeyOf(selector, isTrafficPolicyLocal: false));
        Assert.Equal("", AllocationRequest.BackendKeyOf(null, isTrafficPolicyLocal: true));
    }

    [Fact]
    public void A_thousand_Services_with_one_key_and_the_same_ports_fill_the_addresses_in_order()
    {
        var allocator = Allocator(Pool("p", "10.0.0.0/16"));
        for (var i = 0; i < 1000; i++)
            allocator.Allocate(Sharing($"s{i}", "key", 80 + i % 4));
        Assert.Equal(250, allocator.Counters.Single().AssignedIPv4);
        Assert.Equal("10.0.0.249", allocator.Held("s999"));
        allocator.Release(new("ns", "s401"));
        Assert.Equal("10.0.0.100", allocator.Allocate(Sharing("new", "key", 81)).Text());
    }
}
