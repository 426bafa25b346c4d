using System;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using Xunit;
using static FerroLB.Tests.Nodes.ControllerWorld;

namespace FerroLB.Tests.Nodes;

/// <summary>The rules of convergence that are about more than one Service, more than one pool or more than one moment.</summary>
public sealed class ServiceRulesTests
{
    private const string V4 = "10.96.0.1";
    private const string V6 = "fd00::1";

    private readonly ControllerWorld _world = new();

    private static readonly Action<JsonObject> Required = With("ipFamilyPolicy", "RequireDualStack");
    private static readonly Action<JsonObject> Preferred = With("ipFamilyPolicy", "PreferDualStack");

    [Theory]
    [InlineData("RequireDualStack", "a", "2001:db8::1 203.0.113.0", "six,spare")]
    [InlineData("PreferDualStack", "a", "2001:db8::1 203.0.113.0", "six,spare")]
    [InlineData("RequireDualStack", "six", "192.0.2.1 2001:db8:1::", "a,spare")]
    public void Survivor_of_a_pair_stays_and_the_other_is_replaced(string policy, string gone, string addresses, string pools)
    {
        _world.Pool("a", "192.0.2.0/30").Pool("six", "2001:db8::/126").Start();
        _world.Service("low", With("ipFamilyPolicy", "RequireDualStack"), V4, V6).Service("web", With("ipFamilyPolicy", policy), V4, V6);
        Assert.Equal("192.0.2.1 2001:db8::1", _world.Addresses("web"));
        Assert.Equal("a,six", _world.PoolOf("web"));
        _world.Delete("low").Pool("spare", "203.0.113.0/30 2001:db8:1::/126").RemovePool(gone);
        Assert.Equal(addresses, _world.Addresses("web"));
        Assert.Equal(pools, _world.PoolOf("web"));
        Assert.Equal(["IPAllocated", "ClearAssignment", "IPAllocated"], _world.Events("web"));
        AssertSameAfterRestart("web");
    }

    [Fact]
    public void Survivor_of_a_pair_that_cannot_be_completed_stays_and_says_so()
    {
        _world.Pool("a", "192.0.2.0/30").Pool("six", "2001:db8::/126").Service("web", Required, V4, V6).Start();
        _world.RemovePool("a");
        Assert.Equal("2001:db8::", _world.Addresses("web"));
        Assert.Equal("six", _world.PoolOf("web"));
        Assert.Equal("False NoAvailableAddress", _world.Condition("web"));
        AssertSameAfterRestart("web");
        _world.Service("web", Required + Annotated("metallb.io/loadBalancerIPs", "nonsense"), V4, V6);
        Assert.Equal("2001:db8::", _world.Addresses("web"));
        Assert.Equal("False InvalidRequest", _world.Condition("web"));
        _world.Service("web", Required, V4, V6).Pool("b", "203.0.113.0/30");
        Assert.Equal("2001:db8:: 203.0.113.0", _world.Addresses("web"));
        Assert.Equal("True Allocated", _world.Condition("web"));
    }

    [Fact]
    public void Survivor_is_reserved_before_anybody_else_is_served_after_a_restart()
    {
        _world.Pool("a", "192.0.2.0/32").Pool("six", "2001:db8::/128").Start().Service("web", Required, V4, V6).Service("aaa", null, V6);
        Assert.Equal("", _world.Addresses("aaa"));
        _world.Harness.Tell(new NodeInput.ShutdownRequested());
        _world.RemovePool("a").Restart().Start();
        Assert.Equal("2001:db8::", _world.Addresses("web"));
        Assert.Equal("", _world.Addresses("aaa"));
    }

    [Fact]
    public void Half_of_a_pair_in_a_pool_that_cannot_be_read_leaves_both_alone_and_the_other_half_reserved()
    {
        _world.Pool("a", "192.0.2.1/32").Pool("six", "2001:db8::1/128").Start().Service("web", Required, V4, V6).Service("aaa", null, V6);
        _world.Pool("a", "nonsense").Restart().Start();
        Assert.Equal("192.0.2.1 2001:db8::1", _world.Addresses("web"));
        Assert.Equal("True PoolUnreadable", _world.Condition("web"));
        Assert.Equal("", _world.Addresses("aaa"));
        _world.Pool("a", "192.0.2.0-192.0.2.1");
        Assert.Equal("192.0.2.1 2001:db8::1", _world.Addresses("web"));
        Assert.Equal("True Allocated", _world.Condition("web"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Half_of_a_pair_that_may_not_stay_goes_even_while_the_pool_of_the_other_cannot_be_read(bool isAway)
    {
        _world.Pool("a", "192.0.2.1/32").Pool("six", "2001:db8::1/128").Start().Service("web", Required, V4, V6).Service("zzz", null, V6);
        Assert.Equal(("192.0.2.1 2001:db8::1", ""), (_world.Addresses("web"), _world.Addresses("zzz")));
        _world.Pool("a", "nonsense").Restart().Start();
        if (isAway)
            _world.Restart(seed: 3);
        _world.Service("web", WithStatus("192.0.2.1", "2001:db8::1"), V4);
        if (isAway)
            _world.Start();
        Assert.Equal(("192.0.2.1", "True PoolUnreadable"), (_world.Addresses("web"), _world.Condition("web")));
        Assert.Equal(("2001:db8::1", "True Allocated"), (_world.Addresses("zzz"), _world.Condition("zzz")));
        _world.Pool("a", "192.0.2.0-192.0.2.1");
        Assert.Equal(("192.0.2.1", "True Allocated", "a"), (_world.Addresses("web"), _world.Condition("web"), _world.PoolOf("web")));
        Assert.Equal("2001:db8::1", _world.Addresses("zzz"));
    }

    [Fact]
    public void Half_of_a_pair_that_is_held_is_given_up_while_the_other_is_left_alone()
    {
        _world.Pool("a", "192.0.2.1/32").Pool("six", "2001:db8::1/128").Pool("bad", "nonsense").Start();
        _world.Service("web", Required, V4, V6).Service("zzz", null, V6).RemovePool("a");
        Assert.Equal(("192.0.2.1 2001:db8::1", "True PoolUnreadable"), (_world.Addresses("web"), _world.Condition("web")));
        Assert.Equal("", _world.Addresses("zzz"));
        _world.Service("web", WithStatus("192.0.2.1", "2001:db8::1"), V4);
        Assert.Equal(("192.0.2.1", "True PoolUnreadable"), (_world.Addresses("web"), _world.Condition("web")));
        Assert.Equal(("2001:db8::1", "True Allocated"), (_world.Addresses("zzz"), _world.Condition("zzz")));
    }

    [Fact]
    public void Half_of_a_pair_whose_pool_is_reserved_for_others_now_goes_while_the_pool_of_the_other_cannot_be_read()
    {
        _world.Pool("a", "192.0.2.1/32").Pool("six", "2001:db8::1/128").Start().Service("web", Required, V4, V6);
        _world.Service("zzz", Labelled("six"), V6).Pool("a", "nonsense").Restart().Start();
        Assert.Equal(("192.0.2.1 2001:db8::1", ""), (_world.Addresses("web"), _world.Addresses("zzz")));
        _world.Pool("six", "2001:db8::1/128", """, "serviceAllocation":{"serviceSelectors":[{"matchLabels":{"app":"six"}}]}""");
        Assert.Equal(("192.0.2.1", "True PoolUnreadable"), (_world.Addresses("web"), _world.Condition("web")));
        Assert.Equal(("2001:db8::1", "True Allocated"), (_world.Addresses("zzz"), _world.Condition("zzz")));
        Assert.Contains("ClearAssignment", _world.Events("web"));
    }

    [Fact]
    public void Address_of_a_pair_that_may_not_stay_does_not_take_the_other_along()
    {
        _world.Pool("a", "192.0.2.0/30").Pool("b", "198.51.100.0/30").Pool("six", "2001:db8::/126").Start();
        _world.Service("web", Required, V4, V6).Service("xyz", Required, V4, V6).Delete("web");
        _world.Pool("a", "192.0.2.0/30", """, "serviceAllocation":{"namespaces":["other"]}""");
        Assert.Equal("2001:db8::1 198.51.100.0", _world.Addresses("xyz"));
    }

    [Fact]
    public void Family_that_the_service_still_has_keeps_its_address()
    {
        _world.Pool("a", "192.0.2.0/30 2001:db8::/126").Service("one", Preferred, V4, V6).Service("two", Preferred, V4, V6).Start();
        _world.Delete("one").Service("two", With("ipFamilyPolicy", "SingleStack"), V6);
        Assert.Equal("2001:db8::1", _world.Addresses("two"));
        AssertSameAfterRestart("two");
    }

    [Theory]
    [InlineData("metallb.io/loadBalancerIPs", "192.0.2.0", "192.0.2.0", "192.0.2.1")]
    [InlineData("metallb.universe.tf/loadBalancerIPs", "192.0.2.0", "192.0.2.0", "192.0.2.1")]
    [InlineData("metallb.io/address-pool", "a", "192.0.2.0", "192.0.2.1")]
    public void Those_who_ask_for_something_are_served_before_those_who_take_anything(
        string annotation, string value, string addresses, string others)
    {
        _world.Service("any").Service("wants", Annotated(annotation, value)).Start();
        Assert.Equal("False NoPools", _world.Condition("any"));
        _world.Pool("a", "192.0.2.0/31");
        Assert.Equal(addresses, _world.Addresses("wants"));
        Assert.Equal(others, _world.Addresses("any"));
        _world.Restart(seed: 3).Start();
        Assert.Equal(addresses, _world.Addresses("wants"));
    }

    [Fact]
    public void Field_that_asks_for_an_address_counts_as_asking()
    {
        _world.Service("any").Service("wants", With("loadBalancerIP", "192.0.2.0")).Pool("a", "192.0.2.0/31").Start();
        Assert.Equal("192.0.2.0", _world.Addresses("wants"));
        Assert.Equal("192.0.2.1", _world.Addresses("any"));
    }

    [Fact]
    public void Address_that_comes_free_goes_to_the_one_who_asks_for_it()
    {
        _world.Pool("a", "192.0.2.0/32").Service("holder").Start().Service("any").Service("wants", With("loadBalancerIP", "192.0.2.0"));
        _world.Delete("holder");
        Assert.Equal("192.0.2.0", _world.Addresses("wants"));
        Assert.Equal("", _world.Addresses("any"));
    }

    [Fact]
    public void Sharers_who_wait_follow_the_first_of_them_that_gets_an_address()
    {
        _world.Pool("a", "192.0.2.0/32").Service("holder").Start();
        _world.Service("s1", Sharing("k", 81)).Service("s2", Sharing("k", 82)).Service("s3", Sharing("k", 81));
        _world.Delete("holder");
        Assert.Equal("192.0.2.0", _world.Addresses("s1"));
        Assert.Equal("192.0.2.0", _world.Addresses("s2"));
        Assert.Equal("", _world.Addresses("s3"));
        _world.Delete("s1");
        Assert.Equal("192.0.2.0", _world.Addresses("s3"));
    }

    [Theory]
    [InlineData("PreferDualStack")]
    [InlineData("RequireDualStack")]
    public void Missing_family_that_comes_free_in_the_pool_of_the_other_completes_the_pair_even_if_that_pool_is_not_automatic(string policy)
    {
        const string addresses = "192.0.2.0/30 2001:db8::1/128";
        _world.Pool("a", addresses).Start().Service("six", null, V6).Service("web", With("ipFamilyPolicy", "PreferDualStack"), V4, V6);
        _world.Pool("a", addresses, """, "autoAssign":false""").Service("web", With("ipFamilyPolicy", policy), V4, V6);
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
        _world.Delete("six");
        Assert.Equal("192.0.2.0 2001:db8::1", _world.Addresses("web"));
    }

    [Theory]
    [InlineData("PreferDualStack", "192.0.2.0/24", 10)]
    [InlineData("RequireDualStack", "192.0.2.0/24 2001:db8::/128", 10)]
    public void Address_that_comes_free_costs_nothing_to_those_who_lack_another_family(string policy, string addresses, int most)
    {
        _world.Pool("a", addresses).Start().Service("single");
        for (var i = 0; i < 100; i++)
            _world.Service($"s{i:D3}", With("ipFamilyPolicy", policy), V4, V6);
        var before = _world.Harness.Metrics["metallb_k8s_client_updates_total"];
        _world.Delete("single");
        Assert.InRange(_world.Harness.Metrics["metallb_k8s_client_updates_total"] - before, 1, most);
        _world.Pool("a", "192.0.2.0/24 2001:db8::/64");
        Assert.Equal(2, _world.Addresses("s099").Split(' ').Length);
    }

    [Fact]
    public void Sharer_whose_key_or_policy_changes_moves_away_from_the_others()
    {
        _world.Pool("a", "192.0.2.0/30").Service("s1", Sharing("k", 81)).Service("s2", Sharing("k", 82)).Start();
        Assert.Equal("192.0.2.0", _world.Addresses("s2"));
        _world.Service("s2", Sharing("other", 82));
        Assert.Equal("192.0.2.1", _world.Addresses("s2"));
        Assert.Equal("ClearAssignment", _world.Events("s2")[^2]);
        _world.Service("s1", Sharing("z", 81));
        Assert.Equal("192.0.2.0", _world.Addresses("s1"));
    }

    [Fact]
    public void Sharer_that_must_go_does_not_take_the_address_from_those_who_stay()
    {
        _world.Pool("a", "192.0.2.0/30").Start();
        _world.Service("s1", Sharing("k", 81) + Labelled("go")).Service("s2", Sharing("k", 82) + Labelled("stay"));
        var version = _world.Find("s2")!["metadata"]!["resourceVersion"]!.ToString();
        _world.Pool("a", "192.0.2.0/30", """, "serviceAllocation":{"serviceSelectors":[{"matchLabels":{"app":"stay"}}]}""");
        Assert.Equal("", _world.Addresses("s1"));
        Assert.Equal("192.0.2.0", _world.Addresses("s2"));
        Assert.Equal(version, _world.Find("s2")!["metadata"]!["resourceVersion"]!.ToString());
    }

    [Fact]
    public void Counters_that_changed_while_they_were_written_are_written_again_when_that_ends_and_nothing_else_happens()
    {
        _world.Pool("a", "192.0.2.0/30").Start();
        _world.Api.Delay = request => request.Resource == KubeResource.IpAddressPools;
        _world.Service("one").Service("two");
        (_world.Api.Delay, _world.Api.DeliversEvents) = (null, false);
        _world.Api.Deliver();
        _world.Harness.Settle();
        Assert.Equal(2, (int)_world.Api.Find(KubeResource.IpAddressPools, ControllerWorld.System, "a")!["status"]!["assignedIPv4"]!);
    }

    [Fact]
    public void Terminating_service_keeps_its_address_until_it_is_gone()
    {
        _world.Pool("a", "192.0.2.0/32").Service("web").Start().Service("next");
        _world.Service("web", service => service["metadata"]!["deletionTimestamp"] = "2030-01-01T00:00:00Z");
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
        Assert.Equal("", _world.Addresses("next"));
        AssertSameAfterRestart("web");
        _world.Delete("web");
        Assert.Equal("192.0.2.0", _world.Addresses("next"));
    }

    [Fact]
    public void Service_that_leaves_for_another_class_gives_its_address_back()
    {
        var world = new ControllerWorld("example.com/lb");
        world.Pool("a", "192.0.2.0/32").Service("web", With("loadBalancerClass", "example.com/lb")).Start();
        world.Service("next", With("loadBalancerClass", "example.com/lb")).Service("web", With("loadBalancerClass", "example.com/other"));
        Assert.Equal("", world.Addresses("web"));
        Assert.Equal("", world.Condition("web"));
        Assert.Equal("192.0.2.0", world.Addresses("next"));
        world.Service("web", service =>
        {
            With("loadBalancerClass", "example.com/other")(service);
            WithStatus("192.0.2.0")(service);
        });
        Assert.Equal("192.0.2.0", world.Addresses("web"));
    }

    [Fact]
    public void Leftover_of_a_class_is_cleared_even_by_a_controller_that_was_away_when_the_type_changed()
    {
        var world = new ControllerWorld("example.com/lb");
        world.Pool("a", "192.0.2.0/32").Service("web", With("loadBalancerClass", "example.com/lb")).Start();
        world.Harness.Tell(new NodeInput.ShutdownRequested());
        world.Service("web", With("type", "ClusterIP")).Service("other", service =>
        {
            With("type", "ClusterIP")(service);
            WithStatus("198.51.100.1")(service);
        });
        world.Restart().Start();
        Assert.Equal("", world.Addresses("web"));
        Assert.Null(world.PoolOf("web"));
        Assert.Equal("198.51.100.1", world.Addresses("other"));
    }

    [Fact]
    public void Service_whose_status_can_never_be_written_delays_nobody()
    {
        _world.Service("aaa", WithStatus("203.0.113.9")).Service("web").Pool("a", "192.0.2.0/30");
        _world.Api.Fault = request => request.Verb == KubeVerb.Patch && request.Name == "aaa" ? new(request.Id, 403, default) : null;
        _world.Start();
        _world.Harness.Pass(TimeSpan.FromMinutes(5));
        Assert.NotEqual("", _world.Addresses("web"));
        Assert.Equal("203.0.113.9", _world.Addresses("aaa"));
        Assert.Equal(["ClearAssignment", "IPAllocated"], _world.Events("aaa"));
        Assert.Equal("192.0.2.2", _world.Service("new").Addresses("new"));
    }

    [Fact]
    public void Nothing_is_said_again_while_the_same_pass_is_repeated()
    {
        _world.Service("aaa", WithStatus("203.0.113.9")).Pool("a", "192.0.2.0/32").Service("holder", WithStatus("192.0.2.0"));
        _world.Api.Fault = request => request.Verb == KubeVerb.Patch && request.Name == "aaa" ? new(request.Id, 403, default) : null;
        _world.Start();
        _world.Harness.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(["ClearAssignment", "AllocationFailed"], _world.Events("aaa"));
    }

    [Fact]
    public void Time_of_transition_moves_only_when_the_service_gains_or_loses_its_address()
    {
        _world.Pool("a", "192.0.2.0/30").Service("web").Start();
        var gained = Time();
        _world.Harness.Tell(new NodeInput.ClockRead(new(2031, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        _world.Service("web", Annotated("metallb.io/loadBalancerIPs", "203.0.113.1"));
        Assert.Equal("True AddressNotInPools", _world.Condition("web"));
        Assert.Equal(gained, Time());
        _world.RemovePool("a");
        Assert.Equal("False NoPools", _world.Condition("web"));
        Assert.Equal("2031-01-01T00:00:00Z", Time());

        string Time() => _world.Find("web")!["status"]!["conditions"]![0]!["lastTransitionTime"]!.ToString();
    }

    [Fact]
    public void Every_deprecated_annotation_is_mentioned_once_and_none_that_is_not()
    {
        _world.Pool("a", "192.0.2.0/30").Service("web", service =>
        {
            Annotated("metallb.universe.tf/address-pool", "a")(service);
            Annotated("metallb.universe.tf/allow-shared-ip", "k")(service);
            Annotated("metallb.io/loadBalancerIPs", "")(service);
        }).Start();
        Assert.Equal(["IPAllocated", "deprecatedAnnotation", "deprecatedAnnotation"], _world.Events("web"));
        _world.Pool("b", "198.51.100.0/30").Restart().Start();
        Assert.Equal(3, _world.Events("web").Count);
    }

    [Fact]
    public void Present_prefix_beats_the_deprecated_one_even_when_empty()
    {
        _world.Pool("a", "192.0.2.0/30").Service("web", service =>
        {
            Annotated("metallb.universe.tf/loadBalancerIPs", "192.0.2.3")(service);
            Annotated("metallb.io/loadBalancerIPs", "")(service);
        }).Start();
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
    }

    private static Action<JsonObject> Sharing(string key, int port) => service =>
    {
        Annotated("metallb.io/allow-shared-ip", key)(service);
        With("ports", new JsonArray(new JsonObject { ["port"] = port, ["protocol"] = "TCP" }))(service);
    };

    private void AssertSameAfterRestart(string name)
    {
        var (addresses, patches, events) = (_world.Addresses(name), _world.Api.AcceptedPatches, _world.Events(name).Count);
        _world.Restart(seed: 77).Start();
        Assert.Equal(addresses, _world.Addresses(name));
        Assert.Equal(patches, _world.Api.AcceptedPatches);
        Assert.Equal(events, _world.Events(name).Count);
    }
}
