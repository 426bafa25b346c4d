using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using Xunit;
using static FerroLB.Tests.Nodes.ControllerWorld;

namespace FerroLB.Tests.Nodes;

/// <summary>
/// One Service against five pools: "a" (IPv4), "hand" (IPv4, not automatic), "pair" (both families), "six" (IPv6) and "team" (IPv4, for
/// Services labelled app=team). Each row describes the Service as it comes: what it asks for and what its status already names.
/// </summary>
public sealed class ControllerStoryTests
{
    private const string V4 = "10.96.0.1";
    private const string V6 = "fd00::1";

    private readonly ControllerWorld _world = new ControllerWorld()
        .Pool("a", "192.0.2.0/28").Pool("hand", "198.51.100.0/28", """, "autoAssign":false""")
        .Pool("pair", "203.0.113.0/28 2001:db8:1::/124").Pool("six", "2001:db8:2::/124")
        .Pool("team", "192.0.2.64/28", """, "serviceAllocation":{"priority":5,"serviceSelectors":[{"matchLabels":{"app":"team"}}]}""");

    [Theory]
    [InlineData("no load balancer is left alone", "type=ClusterIP", "", "", "")]
    [InlineData("no load balancer is relieved of an address", "type=NodePort status=192.0.2.3", "", "", "")]
    [InlineData("simple", "", "192.0.2.0", "True Allocated", "IPAllocated")]
    [InlineData("simple with IPv6", "ip=6", "2001:db8:1::", "True Allocated", "IPAllocated")]
    [InlineData("address by the field", "field=192.0.2.7", "192.0.2.7", "True Allocated", "IPAllocated")]
    [InlineData("address by the annotation", "ips=192.0.2.7", "192.0.2.7", "True Allocated", "IPAllocated")]
    [InlineData("field and annotation", "field=192.0.2.7 ips=192.0.2.7", "", "False InvalidRequest", "AllocationFailed")]
    [InlineData("no address at all", "field=please", "", "False InvalidRequest", "AllocationFailed")]
    [InlineData("no address at all, one assigned", "field=please status=192.0.2.3", "192.0.2.3", "True InvalidRequest",
        "LoadBalancerFailed")]
    [InlineData("two addresses of one family", "ips=192.0.2.7,192.0.2.8", "", "False InvalidRequest", "AllocationFailed")]
    [InlineData("three addresses", "ips=192.0.2.7,2001:db8:2::1,192.0.2.8", "", "False InvalidRequest", "AllocationFailed")]
    [InlineData("address and pool agree", "ips=192.0.2.7 pool=a", "192.0.2.7", "True Allocated", "IPAllocated")]
    [InlineData("address and pool disagree", "ips=192.0.2.7 pool=hand", "", "False AddressNotInRequestedPool", "AllocationFailed")]
    [InlineData("address in no pool", "ips=9.9.9.9", "", "False AddressNotInPools", "AllocationFailed")]
    [InlineData("address in no pool, one assigned", "ips=9.9.9.9 status=192.0.2.3", "192.0.2.3", "True AddressNotInPools",
        "AllocationFailed")]
    [InlineData("pool", "pool=hand", "198.51.100.0", "True Allocated", "IPAllocated")]
    [InlineData("another pool than the one assigned", "pool=hand status=192.0.2.3", "198.51.100.0", "True Allocated", "IPAllocated")]
    [InlineData("unknown pool", "pool=nope", "", "False UnknownPool", "AllocationFailed")]
    [InlineData("unknown pool, one assigned", "pool=nope status=192.0.2.3", "192.0.2.3", "True UnknownPool", "AllocationFailed")]
    [InlineData("address of a pool not assigned automatically", "ips=198.51.100.4", "198.51.100.4", "True Allocated", "IPAllocated")]
    [InlineData("assigned from a pool not assigned automatically", "status=198.51.100.4", "198.51.100.4", "True Allocated", "")]
    [InlineData("assigned already", "status=192.0.2.3", "192.0.2.3", "True Allocated", "")]
    [InlineData("assigned by somebody else", "status=9.9.9.9", "192.0.2.0", "True Allocated", "ClearAssignment IPAllocated")]
    [InlineData("host name assigned by somebody else", "hostname=lb.example", "192.0.2.0", "True Allocated", "IPAllocated")]
    [InlineData("address and host name", "status=192.0.2.3 hostname=lb.example", "192.0.2.3", "True Allocated", "")]
    [InlineData("unreadable assignment", "status=192.0.2.333", "192.0.2.0", "True Allocated", "nolbIPsIPFamily IPAllocated")]
    [InlineData("three assigned", "status=192.0.2.3,192.0.2.4,192.0.2.5", "192.0.2.0", "True Allocated", "nolbIPsIPFamily IPAllocated")]
    [InlineData("two of a family assigned", "ip=46 policy=Prefer status=192.0.2.3,192.0.2.4", "203.0.113.0 2001:db8:1::", "True Allocated",
        "nolbIPsIPFamily IPAllocated")]
    [InlineData("local traffic policy", "local", "192.0.2.0", "True Allocated", "IPAllocated")]
    [InlineData("no cluster IP", "ip=", "", "False NoClusterIP", "")]
    [InlineData("no cluster IP, one assigned", "ip= status=192.0.2.3", "", "False NoClusterIP", "")]
    [InlineData("headless", "ip=None", "", "False FamilyUnknown", "AllocationFailed")]
    [InlineData("headless, one assigned", "ip=None status=192.0.2.3", "192.0.2.3", "False FamilyUnknown", "noclusterIPsIPFamily")]
    [InlineData("wrong family by the field", "field=2001:db8:2::7", "", "False FamilyMismatch", "AllocationFailed")]
    [InlineData("wrong family by the annotation", "ip=6 ips=192.0.2.7", "", "False FamilyMismatch", "AllocationFailed")]
    [InlineData("wrong family by the pool", "ip=6 pool=a", "", "False NoAvailableAddress", "AllocationFailed")]
    [InlineData("wrong family assigned", "ip=6 status=192.0.2.3", "2001:db8:1::", "True Allocated", "ClearAssignment IPAllocated")]
    [InlineData("label of a pinned pool", "app=team", "192.0.2.64", "True Allocated", "IPAllocated")]
    [InlineData("pinned pool without the label", "pool=team", "", "False PoolNotCompatible", "AllocationFailed")]
    [InlineData("address of a pinned pool without the label", "ips=192.0.2.65", "", "False PoolNotCompatible", "AllocationFailed")]
    [InlineData("assigned from a pinned pool without the label", "status=192.0.2.65", "192.0.2.0", "True Allocated",
        "ClearAssignment IPAllocated")]
    public void One_family(string row, string words, string addresses, string condition, string events) =>
        Check(row, words, addresses, condition, events);

    [Theory]
    [InlineData("required", "ip=46 policy=Require", "203.0.113.0 2001:db8:1::", "True Allocated", "IPAllocated")]
    [InlineData("preferred", "ip=64 policy=Prefer", "203.0.113.0 2001:db8:1::", "True Allocated", "IPAllocated")]
    [InlineData("required, pool with both", "ip=46 policy=Require pool=pair", "203.0.113.0 2001:db8:1::", "True Allocated", "IPAllocated")]
    [InlineData("required, pool of IPv4", "ip=46 policy=Require pool=a", "", "False NoAvailableAddress", "AllocationFailed")]
    [InlineData("required, pool of IPv6", "ip=46 policy=Require pool=six", "", "False NoAvailableAddress", "AllocationFailed")]
    [InlineData("preferred, pool of IPv4", "ip=46 policy=Prefer pool=a", "192.0.2.0", "True Allocated",
        "IPAllocated AdditionalAssignFailed")]
    [InlineData("preferred, pool of IPv6", "ip=46 policy=Prefer pool=six", "2001:db8:2::", "True Allocated",
        "IPAllocated AdditionalAssignFailed")]
    [InlineData("required, one cluster IP", "policy=Require", "", "False FamilyMismatch", "not enough clusterips")]
    [InlineData("required, one cluster IP, one assigned", "policy=Require status=192.0.2.3", "", "False FamilyMismatch",
        "not enough clusterips")]
    [InlineData("preferred, one cluster IP", "policy=Prefer", "192.0.2.0", "True Allocated", "IPAllocated")]
    [InlineData("preferred, one cluster IP, pool with both", "policy=Prefer pool=pair", "203.0.113.0", "True Allocated", "IPAllocated")]
    [InlineData("preferred, one cluster IP of IPv6, pool with both", "ip=6 policy=Prefer pool=pair", "2001:db8:1::", "True Allocated",
        "IPAllocated")]
    [InlineData("one address by the field", "ip=46 policy=Require field=203.0.113.7", "", "False FamilyMismatch", "AllocationFailed")]
    [InlineData("one address by the annotation", "ip=46 policy=Prefer ips=203.0.113.7", "", "False FamilyMismatch", "AllocationFailed")]
    [InlineData("two addresses", "ip=46 policy=Require ips=203.0.113.7,2001:db8:1::7", "203.0.113.7 2001:db8:1::7", "True Allocated",
        "IPAllocated")]
    [InlineData("two addresses, IPv6 first", "ip=46 policy=Require ips=2001:db8:1::7,203.0.113.7", "2001:db8:1::7 203.0.113.7",
        "True Allocated", "IPAllocated")]
    [InlineData("two addresses of two pools", "ip=46 policy=Require ips=192.0.2.7,2001:db8:2::7", "192.0.2.7 2001:db8:2::7",
        "True Allocated", "IPAllocated")]
    [InlineData("two addresses, one cluster IP", "ips=203.0.113.7,2001:db8:1::7", "", "False FamilyMismatch", "AllocationFailed")]
    [InlineData("pair assigned", "ip=46 policy=Require status=203.0.113.7,2001:db8:1::7", "203.0.113.7 2001:db8:1::7", "True Allocated",
        "")]
    [InlineData("pair assigned, one cluster IP now", "status=203.0.113.7,2001:db8:1::7", "203.0.113.7", "True Allocated",
        "ClearAssignment")]
    [InlineData("one assigned, second preferred", "ip=46 policy=Prefer status=203.0.113.7", "203.0.113.7 2001:db8:1::", "True Allocated",
        "IPAllocated")]
    [InlineData("one assigned, second required", "ip=46 policy=Require status=192.0.2.7", "192.0.2.7 2001:db8:1::", "True Allocated",
        "IPAllocated")]
    [InlineData("two cluster IPs of a family", "ip=44", "", "False FamilyUnknown", "AllocationFailed")]
    public void Two_families(string row, string words, string addresses, string condition, string events) =>
        Check(row, words, addresses, condition, events);

    [Fact]
    public void Nothing_happens_before_the_pools_are_known_and_all_is_emptied_when_the_last_one_goes()
    {
        var world = new ControllerWorld().Service("web", WithStatus("192.0.2.3"));
        world.Api.Fault = request => request.Resource == KubeResource.IpAddressPools ? new(request.Id, 503, default) : null;
        world.Start();
        Assert.Equal("192.0.2.3", world.Addresses("web"));
        world.Api.Fault = null;
        world.Pool("a", "192.0.2.0/28");
        world.Harness.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("192.0.2.3", world.Addresses("web"));
        world.RemovePool("a");
        Assert.Equal("", world.Addresses("web"));
        Assert.Null(world.PoolOf("web"));
    }

    [Fact]
    public void Services_of_a_pool_that_goes_move_and_those_of_others_stay()
    {
        _world.Service("one").Service("two", Annotated("metallb.io/address-pool", "hand")).Start();
        Assert.Equal(("192.0.2.0", "198.51.100.0"), (_world.Addresses("one"), _world.Addresses("two")));
        _world.RemovePool("a");
        Assert.Equal(("203.0.113.0", "198.51.100.0"), (_world.Addresses("one"), _world.Addresses("two")));
        _world.Pool("0", "9.9.9.0/24");
        Assert.Equal(("203.0.113.0", "198.51.100.0"), (_world.Addresses("one"), _world.Addresses("two")));
    }

    [Fact]
    public void Address_of_a_deleted_service_goes_to_the_next_who_waits()
    {
        var world = new ControllerWorld().Pool("a", "192.0.2.0/32").Start().Service("one").Service("two");
        Assert.Equal(["AllocationFailed"], world.Events("two"));
        world.Delete("one");
        Assert.Equal("192.0.2.0", world.Addresses("two"));
        Assert.Equal(["AllocationFailed", "IPAllocated"], world.Events("two"));
    }

    private void Check(string row, string words, string addresses, string condition, string events)
    {
        var options = words.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "");
        _world.Service("web", service => Describe(service, options)).Start();
        var now = string.Join(' ', _world.Events("web").Distinct());
        Assert.Equal((row, addresses, condition, events), (row, _world.Addresses("web"), _world.Condition("web"), now));
        var (patches, said) = (_world.Api.AcceptedPatches, _world.Events("web").Count);
        _world.Restart(seed: 77).Start();
        Assert.Equal((row, addresses, patches), (row, _world.Addresses("web"), _world.Api.AcceptedPatches));
        Assert.Equal(said, _world.Events("web").Count);
    }

    private static void Describe(JsonObject service, Dictionary<string, string> options)
    {
        string[] clusterIPs = options.GetValueOrDefault("ip", "4") switch
        {
            "" => [],
            "6" => [V6],
            "46" => [V4, V6],
            "64" => [V6, V4],
            "44" => [V4, "10.96.0.2"],
            "None" => ["None"],
            _ => [V4],
        };
        With("clusterIPs", new JsonArray([.. clusterIPs.Select(ip => JsonValue.Create(ip))]))(service);
        foreach (var (word, field) in new[] { ("type", "type"), ("field", "loadBalancerIP") })
        {
            if (options.TryGetValue(word, out var value))
                With(field, value)(service);
        }
        foreach (var (word, annotation) in new[] { ("ips", "loadBalancerIPs"), ("pool", "address-pool") })
        {
            if (options.TryGetValue(word, out var value))
                Annotated("metallb.io/" + annotation, value)(service);
        }
        if (options.TryGetValue("policy", out var policy))
            With("ipFamilyPolicy", policy + "DualStack")(service);
        if (options.ContainsKey("local"))
            With("externalTrafficPolicy", "Local")(service);
        if (options.TryGetValue("app", out var app))
            Labelled(app)(service);
        if (options.TryGetValue("status", out var status))
            WithStatus(status.Split(','))(service);
        if (!options.TryGetValue("hostname", out var hostname))
            return;
        if (options.ContainsKey("status"))
            service["status"]!["loadBalancer"]!["ingress"]!.AsArray().Add(new JsonObject { ["hostname"] = hostname });
        else
            service["status"] = JsonNode.Parse($$"""{"loadBalancer":{"ingress":[{"hostname":"{{hostname}}"}]} }""");
    }
}
