using System.Linq;
using FerroLB.Core.Allocation;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Allocation.AllocationSteps;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

/// <summary>Adopting and keeping given addresses.</summary>
public sealed class AssignTests
{
    [Theory]
    [InlineData("1.2.3.0/24", "1.2.3.4", "1.2.3.5")]
    [InlineData("1000::/120", "1000::4", "1000::5")]
    public void An_address_is_held_by_one_Service_until_it_is_given_up(string pool, string one, string other)
    {
        var allocator = Allocator(Pool("p", pool));
        var first = allocator.Assign(Service("s1"), one);
        Assert.Equal(AllocationOutcome.Assigned, first.Outcome);
        Assert.Equal("p", first.Allocated!.PoolText);
        Assert.Equal(AllocationOutcome.Kept, allocator.Assign(Service("s1"), one).Outcome);
        Assert.Equal("AddressInUse", allocator.Assign(Service("s2"), one).Text());
        Assert.Equal("none", allocator.Held("s2"));
        Assert.Equal(other, allocator.Assign(Service("s2"), other).Text());

        var refused = allocator.Assign(Service("s2"), one);
        Assert.False(refused.Succeeded);
        Assert.Equal(other, string.Join(' ', refused.Allocated!.Addresses));
        Assert.Equal(other, allocator.Held("s2"));
        Assert.Contains("in use by ns/s1", refused.Refusal!.Message);

        Assert.True(allocator.Release(new("ns", "s1")));
        Assert.False(allocator.Release(new("ns", "s1")));
        Assert.Equal(one, allocator.Assign(Service("s2"), one).Text());
        Assert.Equal(other, allocator.Assign(Service("s3"), other).Text());
    }

    [Fact]
    public void An_address_outside_the_pools_or_avoided_is_refused()
    {
        var allocator = Allocator(
            Pool("p", "1.2.3.0/24"), Pool("careful", new IpAddressPoolSpec { Addresses = ["1.2.4.0/23"], AvoidBuggyIPs = true }));
        Assert.Equal("AddressNotInPools", allocator.Assign(Service("s"), "1.2.6.1").Text());
        Assert.Equal("AddressNotInPools", allocator.Assign(Service("s"), "1.2.4.0").Text());
        Assert.Equal("AddressNotInPools", allocator.Assign(Service("s"), "1.2.4.255").Text());
        Assert.Equal("1.2.3.255", allocator.Assign(Service("s"), "1.2.3.255").Text());
        Assert.Equal("1.2.5.1", allocator.Assign(Service("s"), "1.2.5.1").Text());
    }

    [Theory]
    [InlineData("1.2.3.4 1.2.3.5")]
    [InlineData("1000::1 1000::2")]
    [InlineData("1.2.3.4 1000::1 1.2.3.5")]
    public void Two_addresses_must_be_of_two_families(string addresses) =>
        Assert.Equal("FamilyMismatch", Allocator(Pool("p", "1.2.3.0/24", "1000::/64")).Assign(Service("s"), addresses).Text());

    [Fact]
    public void Two_addresses_may_lie_in_one_pool_or_in_two()
    {
        var allocator = Allocator(Pool("both", "1.2.3.0/24", "1000::/64"), Pool("six", "2000::/64"));
        Assert.Equal("both", allocator.Assign(Require("a"), "1000::1 1.2.3.1").Allocated!.PoolText);
        Assert.Equal("1000::1 1.2.3.1", allocator.Held("a"));
        Assert.Equal("both,six", allocator.Assign(Require("b"), "1.2.3.2 2000::1").Allocated!.PoolText);
    }

    [Fact]
    public void If_one_of_two_addresses_is_refused_neither_is_taken()
    {
        var allocator = Allocator(Pool("p", "1.2.3.0/24", "1000::/64"));
        allocator.Assign(Service("a"), "1.2.3.1");
        Assert.Equal("AddressInUse", allocator.Assign(Require("b"), "1000::1 1.2.3.1").Text());
        Assert.Equal(new PoolCounters("p", 256, 1, long.MaxValue, 0), allocator.CountersOf("p"));
    }

    [Theory]
    [InlineData("ns", "", true, "same namespace")]
    [InlineData("other", "", false, "other namespace")]
    [InlineData("", "app=web", true, "same label")]
    [InlineData("", "app=db", false, "other label")]
    [InlineData("ns", "app=web", true, "both")]
    [InlineData("ns", "app=db", false, "namespace only")]
    [InlineData("other", "app=web", false, "label only")]
    public void A_pinned_pool_must_admit_the_Service(string name, string label, bool admitted, string what)
    {
        Assert.NotEmpty(what);
        var allocator = Allocator(Pinned("p", "1.2.3.0/24", new()
        {
            Namespaces = name.Length == 0 ? null : [name],
            ServiceSelectors = label.Length == 0 ? null : [Labelled(label)],
        }));
        var result = allocator.Assign(Service("s") with { Labels = Labels("app=web") }, "1.2.3.4");
        Assert.Equal(admitted ? "1.2.3.4" : "PoolNotCompatible", result.Text());
    }

    [Fact]
    public void Namespace_labels_are_asked_and_a_selector_that_matches_none_admits_none()
    {
        var allocator = Allocator(Pinned("p", "1.2.3.0/24", new() { NamespaceSelectors = [Labelled("team=a")] }));
        Assert.Equal("PoolNotCompatible", allocator.Assign(Service("s"), "1.2.3.4").Text());
        Assert.Equal("PoolNotCompatible", allocator.Allocate(Service("s").Asking("1.2.3.4")).Text());
        Assert.Equal("1.2.3.4", allocator.Assign(Service("s") with { NamespaceLabels = Labels("team=a") }, "1.2.3.4").Text());
    }

    [Fact]
    public void A_pool_that_is_not_assigned_automatically_can_be_assigned() =>
        Assert.Equal("1.2.3.4", Allocator(Pool("p", new IpAddressPoolSpec { Addresses = ["1.2.3.0/24"], AutoAssign = false }))
            .Assign(Service("s"), "1.2.3.4").Text());

    [Fact]
    public void Two_Services_may_swap_over_a_third_address()
    {
        var allocator = Allocator(Pool("p", "1.2.3.0/24"));
        allocator.Assign(Service("a"), "1.2.3.1");
        allocator.Assign(Service("b"), "1.2.3.2");
        allocator.Assign(Service("a"), "1.2.3.3");
        allocator.Assign(Service("b"), "1.2.3.1");
        allocator.Assign(Service("a"), "1.2.3.2");
        Assert.Equal("1.2.3.2", allocator.Held("a"));
        Assert.Equal("1.2.3.1", allocator.Held("b"));
        Assert.Equal(2, allocator.Counters.Single().AssignedIPv4);
    }
}
