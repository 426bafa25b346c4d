using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using Xunit;
using static FerroLB.Tests.Nodes.ControllerWorld;

namespace FerroLB.Tests.Nodes;

/// <summary>What a Service ends up with, one row per case. Pools: "a" (IPv4), "six" (IPv6), "hand" (IPv4, not automatic).</summary>
public sealed class ServiceConvergenceTests
{
    private const string V4 = "10.96.0.1";
    private const string V6 = "fd00::1";

    private readonly ControllerWorld _world = new ControllerWorld()
        .Pool("a", "192.0.2.10-192.0.2.19").Pool("six", "2001:db8::10/124").Pool("hand", "198.51.100.0/28", """, "autoAssign":false""");

    [Theory]
    [InlineData("one v4 cluster IP", V4, "", "", "", "", "192.0.2.10", "True Allocated")]
    [InlineData("one v6 cluster IP", V6, "", "", "", "", "2001:db8::10", "True Allocated")]
    [InlineData("address in the spec", V4, "", "192.0.2.15", "", "", "192.0.2.15", "True Allocated")]
    [InlineData("address in the annotation", V4, "", "", "192.0.2.16", "", "192.0.2.16", "True Allocated")]
    [InlineData("address of a pool not assigned automatically", V4, "", "198.51.100.3", "", "", "198.51.100.3", "True Allocated")]
    [InlineData("pool not assigned automatically", V4, "", "", "", "hand", "198.51.100.0", "True Allocated")]
    [InlineData("both spec and annotation", V4, "", "192.0.2.15", "192.0.2.15", "", "", "False InvalidRequest")]
    [InlineData("no address at all", V4, "", "", "192.0.2", "", "", "False InvalidRequest")]
    [InlineData("two addresses of one family", V4, "", "", "192.0.2.15,192.0.2.16", "", "", "False InvalidRequest")]
    [InlineData("address outside of every pool", V4, "", "", "203.0.113.1", "", "", "False AddressNotInPools")]
    [InlineData("address and another pool", V4, "", "", "192.0.2.15", "hand", "", "False AddressNotInRequestedPool")]
    [InlineData("address in its own pool", V4, "", "", "192.0.2.15", "a", "192.0.2.15", "True Allocated")]
    [InlineData("unknown pool", V4, "", "", "", "nope", "", "False UnknownPool")]
    [InlineData("v6 address for a v4 Service", V4, "", "", "2001:db8::11", "", "", "False FamilyMismatch")]
    [InlineData("v4 address in the spec for a v6 Service", V6, "", "192.0.2.15", "", "", "", "False FamilyMismatch")]
    [InlineData("pool of the wrong family", V6, "", "", "", "hand", "", "False NoAvailableAddress")]
    [InlineData("dual required", V4 + " " + V6, "RequireDualStack", "", "", "", "192.0.2.10 2001:db8::10", "True Allocated")]
    [InlineData("dual required, order as requested", V4 + " " + V6, "RequireDualStack", "", "2001:db8::12, 192.0.2.12", "",
        "2001:db8::12 192.0.2.12", "True Allocated")]
    [InlineData("dual required, one requested", V4 + " " + V6, "RequireDualStack", "192.0.2.12", "", "", "", "False FamilyMismatch")]
    [InlineData("dual required, pool of one family", V4 + " " + V6, "RequireDualStack", "", "", "a", "", "False NoAvailableAddress")]
    [InlineData("dual required, one cluster IP", V4, "RequireDualStack", "", "", "", "", "False FamilyMismatch")]
    [InlineData("dual preferred", V6 + " " + V4, "PreferDualStack", "", "", "", "192.0.2.10 2001:db8::10", "True Allocated")]
    [InlineData("dual preferred, pool of one family", V4 + " " + V6, "PreferDualStack", "", "", "a", "192.0.2.10", "True Allocated")]
    [InlineData("dual preferred, one cluster IP", V4, "PreferDualStack", "", "", "", "192.0.2.10", "True Allocated")]
    [InlineData("two cluster IPs of one family", V4 + " 10.96.0.2", "", "", "", "", "", "False FamilyUnknown")]
    [InlineData("headless", "None", "", "", "", "", "", "False FamilyUnknown")]
    public void New_service(
        string row, string clusterIPs, string policy, string field, string annotation, string pool, string addresses, string condition)
    {
        _world.Service("web", Wish(policy, field, annotation, pool), clusterIPs.Split(' ')).Start();
        Assert.Equal((row, addresses, condition), (row, _world.Addresses("web"), _world.Condition("web")));
        AssertAtRest();
    }

    [Theory]
    [InlineData("a free one of a pool is adopted", V4, "", "192.0.2.17", "192.0.2.17")]
    [InlineData("one of a manual pool is adopted", V4, "", "198.51.100.5", "198.51.100.5")]
    [InlineData("a foreign one is replaced", V4, "", "203.0.113.1", "192.0.2.10")]
    [InlineData("one of the wrong family is replaced", V4, "", "2001:db8::11", "192.0.2.10")]
    [InlineData("an unreadable one is replaced", V4, "", "x", "192.0.2.10")]
    [InlineData("three are replaced", V4, "", "192.0.2.11 192.0.2.12 192.0.2.13", "192.0.2.10")]
    [InlineData("two of one family are replaced", V4, "", "192.0.2.11 192.0.2.12", "192.0.2.10")]
    [InlineData("one of two is completed", V4 + " " + V6, "PreferDualStack", "2001:db8::11", "2001:db8::11 192.0.2.10")]
    [InlineData("one of two required is completed", V4 + " " + V6, "RequireDualStack", "192.0.2.11", "192.0.2.11 2001:db8::10")]
    [InlineData("an order once given stays", V4 + " " + V6, "RequireDualStack", "2001:db8::11 192.0.2.11", "2001:db8::11 192.0.2.11")]
    public void Address_that_a_status_names_already(string row, string clusterIPs, string policy, string status, string addresses)
    {
        _world.Service("web", service =>
        {
            Wish(policy, "", "", "")(service);
            WithStatus(status.Split(' '))(service);
        }, clusterIPs.Split(' ')).Start();
        Assert.Equal((row, addresses), (row, _world.Addresses("web")));
        AssertAtRest();
    }

    [Fact]
    public void Host_name_in_the_status_is_replaced()
    {
        _world.Service("web", service => service["status"] = JsonNode.Parse("""{"loadBalancer":{"ingress":[{"hostname":"h"}]}}""")).Start();
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
    }

    [Theory]
    [InlineData("another address", "", "", "192.0.2.15", "", "192.0.2.15")]
    [InlineData("another pool", "", "", "", "hand", "198.51.100.0")]
    [InlineData("an address that does not exist", "", "", "203.0.113.1", "", "192.0.2.10")]
    [InlineData("a pool that does not exist", "", "", "", "nope", "192.0.2.10")]
    [InlineData("nothing new", "", "", "", "", "192.0.2.10")]
    public void Wish_changed_later(string row, string policy, string field, string annotation, string pool, string addresses)
    {
        _world.Service("web").Start();
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        _world.Service("web", Wish(policy, field, annotation, pool));
        Assert.Equal((row, addresses), (row, _world.Addresses("web")));
        AssertAtRest();
    }

    [Fact]
    public void Pool_no_longer_assigned_automatically_keeps_its_services_and_gets_no_new_ones()
    {
        _world.Service("web").Start();
        _world.Pool("a", "192.0.2.10-192.0.2.19", """, "autoAssign":false""").Service("new");
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("", _world.Addresses("new"));
    }

    [Fact]
    public void Better_pool_added_later_attracts_nobody_who_has_an_address()
    {
        _world.Service("web").Start();
        _world.Pool("0", "203.0.113.0/24").Service("new");
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("203.0.113.0", _world.Addresses("new"));
    }

    [Fact]
    public void Pool_pinned_to_other_namespaces_is_left()
    {
        _world.Service("web").Pool("spare", "203.0.113.0/24").Start();
        _world.Pool("a", "192.0.2.10-192.0.2.19", """, "serviceAllocation":{"namespaces":["other"]}""");
        Assert.Equal("203.0.113.0", _world.Addresses("web"));
        Assert.Equal(["IPAllocated", "ClearAssignment", "IPAllocated"], _world.Events("web"));
    }

    [Fact]
    public void Dual_stack_given_up_by_the_service_returns_to_one_address()
    {
        _world.Service("web", Wish("PreferDualStack", "", "", ""), V4, V6).Start();
        Assert.Equal("192.0.2.10 2001:db8::10", _world.Addresses("web"));
        _world.Service("web", Wish("SingleStack", "", "", ""), V4);
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        AssertAtRest();
    }

    [Fact]
    public void Missing_second_family_comes_as_soon_as_it_is_free()
    {
        _world.Pool("tiny", "203.0.113.7/32 2001:db8:7::7/128");
        _world.Service("one", Wish("", "", "", "tiny"), V6);
        _world.Service("two", Wish("PreferDualStack", "", "", "tiny"), V4, V6).Start();
        Assert.Equal("203.0.113.7", _world.Addresses("two"));
        Assert.Contains("AdditionalAssignFailed", _world.Events("two"));
        _world.Delete("one");
        Assert.Equal("203.0.113.7 2001:db8:7::7", _world.Addresses("two"));
    }

    [Fact]
    public void Dual_stack_that_is_merely_preferred_takes_the_one_family_that_becomes_free()
    {
        _world.Pool("tiny", "203.0.113.7/32");
        _world.Service("one", Wish("", "", "", "tiny"), V4);
        _world.Service("two", Wish("PreferDualStack", "", "", "tiny"), V6, V4).Start();
        Assert.Equal("", _world.Addresses("two"));
        _world.Delete("one");
        Assert.Equal("203.0.113.7", _world.Addresses("two"));
    }

    private static Action<JsonObject> Wish(string policy, string field, string annotation, string pool) => service =>
    {
        foreach (var (name, value) in new Dictionary<string, string> { ["ipFamilyPolicy"] = policy, ["loadBalancerIP"] = field })
        {
            if (value.Length > 0)
                With(name, value)(service);
        }
        foreach (var (name, value) in new Dictionary<string, string> { ["loadBalancerIPs"] = annotation, ["address-pool"] = pool })
        {
            if (value.Length > 0)
                Annotated("metallb.io/" + name, value)(service);
        }
    };

    /// <summary>A second look changes nothing, and neither does a restart.</summary>
    private void AssertAtRest()
    {
        var (patches, addresses) = (_world.Api.AcceptedPatches, _world.Addresses("web"));
        _world.Pool("zzz", "203.0.113.200/32", """, "autoAssign":false""").Restart(seed: 77).Start();
        Assert.Equal(addresses, _world.Addresses("web"));
        Assert.Equal(patches + 1, _world.Api.AcceptedPatches);
    }
}
