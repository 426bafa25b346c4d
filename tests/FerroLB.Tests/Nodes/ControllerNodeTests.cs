using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using Xunit;
using static FerroLB.Tests.Nodes.ControllerWorld;

namespace FerroLB.Tests.Nodes;

public sealed class ControllerNodeTests
{
    private readonly ControllerWorld _world = new();

    [Fact]
    public void Service_gets_an_address_with_pool_annotation_condition_and_event()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.11").Service("web").Start();
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("a", _world.PoolOf("web"));
        Assert.Equal("True Allocated", _world.Condition("web"));
        Assert.Equal(["IPAllocated"], _world.Events("web"));
        Assert.Equal("192.0.2.10", _world.Node.Snapshot.Services.Single().Value.Addresses.Single().ToString());
    }

    [Fact]
    public void Nothing_more_is_written_once_everything_is_as_it_should_be()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.11").Service("web").Start();
        var patches = _world.Api.AcceptedPatches;
        Assert.Equal(3, patches);
        _world.Api.CloseWatches();
        _world.Harness.Pass(TimeSpan.FromHours(1));
        _world.Service("web");
        Assert.Equal(patches, _world.Api.AcceptedPatches);
    }

    [Fact]
    public void Ingress_mode_ports_and_conditions_of_others_survive()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.11").Service("web", service => service["status"] = JsonNode.Parse(
            """
            {"loadBalancer":{"ingress":[{"ip":"192.0.2.11","ipMode":"Proxy","ports":[{"port":80,"protocol":"TCP"}]}]},
             "conditions":[{"type":"example.com/Seen","status":"True","reason":"Seen","message":"m",
              "lastTransitionTime":"2029-01-01T00:00:00Z"}]}
            """)).Start();
        var status = _world.Find("web")!["status"]!;
        Assert.Equal(
            """[{"ip":"192.0.2.11","ipMode":"Proxy","ports":[{"port":80,"protocol":"TCP"}]}]""",
            status["loadBalancer"]!["ingress"]!.ToJsonString());
        Assert.Equal("2029-01-01T00:00:00Z", status["conditions"]![0]!["lastTransitionTime"]!.ToString());
        Assert.Equal("True Allocated", _world.Condition("web"));
    }

    [Fact]
    public void Restarted_controller_gives_out_nothing_that_a_status_names()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.12").Service("aaa").Service("zzz", WithStatus("192.0.2.10")).Start();
        Assert.Equal("192.0.2.10", _world.Addresses("zzz"));
        Assert.Equal("192.0.2.11", _world.Addresses("aaa"));
        Assert.Empty(_world.Events("zzz"));
        var patches = _world.Api.AcceptedPatches;
        _world.Restart(seed: 9).Start();
        Assert.Equal(patches, _world.Api.AcceptedPatches);
    }

    [Fact]
    public void Services_with_two_addresses_are_taken_over_before_those_with_one()
    {
        _world.Pool("a", "192.0.2.10/32 2001:db8::1/128");
        _world.Service("aaa", WithStatus("192.0.2.10"));
        _world.Service("zzz", service =>
        {
            With("ipFamilyPolicy", "RequireDualStack")(service);
            WithStatus("192.0.2.10", "2001:db8::1")(service);
        }, "10.96.0.1", "fd00::1");
        _world.Start();
        Assert.Equal("192.0.2.10 2001:db8::1", _world.Addresses("zzz"));
        Assert.Equal("", _world.Addresses("aaa"));
        Assert.Equal(["ClearAssignment", "AllocationFailed"], _world.Events("aaa"));
    }

    [Fact]
    public void Waiting_service_gets_the_address_that_becomes_free_and_no_other_is_touched()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.11").Service("s1").Service("s2").Service("s3").Service("s4").Start();
        Assert.Equal("False NoAvailableAddress", _world.Condition("s3"));
        Assert.Equal(["AllocationFailed"], _world.Events("s3"));
        var patches = _world.Api.AcceptedPatches;
        _world.Delete("s1");
        Assert.Equal("192.0.2.10", _world.Addresses("s3"));
        Assert.Equal("", _world.Addresses("s4"));
        Assert.Equal("192.0.2.11", _world.Addresses("s2"));
        Assert.Equal(patches + 1, _world.Api.AcceptedPatches);
    }

    [Fact]
    public void Cost_of_a_release_does_not_grow_with_the_number_of_those_who_wait()
    {
        for (var i = 0; i < 300; i++)
            _world.Service($"s{i:D3}");
        _world.Pool("a", "192.0.2.10-192.0.2.11").Start();
        var before = _world.Harness.Metrics["metallb_k8s_client_updates_total"];
        _world.Delete("s000");
        Assert.Equal("192.0.2.10", _world.Addresses("s002"));
        Assert.InRange(_world.Harness.Metrics["metallb_k8s_client_updates_total"] - before, 1, 10);
    }

    [Fact]
    public void Address_is_released_when_the_type_changes_and_the_status_is_emptied()
    {
        _world.Pool("a", "192.0.2.10/32").Service("web").Service("xyz").Start();
        _world.Service("web", With("type", "NodePort"));
        Assert.Equal("", _world.Addresses("web"));
        Assert.Null(_world.PoolOf("web"));
        Assert.Equal("", _world.Condition("web"));
        Assert.Equal("192.0.2.10", _world.Addresses("xyz"));
    }

    [Fact]
    public void Address_is_not_written_to_the_next_service_before_the_first_ones_status_let_it_go()
    {
        _world.Pool("a", "192.0.2.10/32").Service("web").Service("xyz").Start();
        _world.Api.Fault = request =>
            request.Verb == KubeVerb.Patch && request.Name == "web" ? new KubeResponse(request.Id, 500, default) : null;
        _world.Service("web", With("type", "NodePort"));
        _world.Harness.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("", _world.Addresses("xyz"));
        _world.Api.Fault = null;
        _world.Harness.Pass(TimeSpan.FromSeconds(40));
        Assert.Equal("", _world.Addresses("web"));
        Assert.Equal("192.0.2.10", _world.Addresses("xyz"));
    }

    [Fact]
    public void Services_that_exchange_addresses_do_not_wait_for_each_other_for_ever()
    {
        const string one = """, "serviceAllocation":{"serviceSelectors":[{"matchLabels":{"app":"one"}}]}""";
        const string two = """, "serviceAllocation":{"serviceSelectors":[{"matchLabels":{"app":"two"}}]}""";
        _world.Pool("p1", "192.0.2.1/32", one).Pool("p2", "192.0.2.2/32", two).Start();
        _world.Service("first", Labelled("one")).Service("second", Labelled("two"));
        Assert.Equal("192.0.2.1", _world.Addresses("first"));
        _world.Api.Delay = request => request.Verb == KubeVerb.Patch;
        _world.Service("first", Labelled("two")).Service("second", Labelled("one"));
        _world.Api.Deliver();
        _world.Harness.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("192.0.2.2", _world.Addresses("first"));
        Assert.Equal("192.0.2.1", _world.Addresses("second"));
        Assert.Equal("True Allocated", _world.Condition("first"));
    }

    [Fact]
    public void Address_of_a_write_that_is_still_on_its_way_is_not_written_to_another_service()
    {
        _world.Pool("a", "192.0.2.10/32").Start();
        _world.Api.Delay = request => request.Verb == KubeVerb.Patch && request.Name == "web";
        _world.Service("web").Service("xyz", service => service["metadata"]!["labels"]!["app"] = "x");
        _world.Pool("a", "192.0.2.10/32", """, "serviceAllocation":{"serviceSelectors":[{"matchLabels":{"app":"x"}}]}""");
        Assert.Equal("192.0.2.10", _world.Node.Snapshot.Services[new("shop", "xyz")].Addresses.Single().ToString());
        Assert.Equal("", _world.Addresses("xyz"));
        _world.Api.Deliver();
        _world.Harness.Settle();
        Assert.Equal("", _world.Addresses("web"));
        Assert.Equal("192.0.2.10", _world.Addresses("xyz"));
    }

    [Fact]
    public void Class_filter_serves_its_class_only_and_releases_what_leaves_it()
    {
        var world = new ControllerWorld("example.com/lb");
        world.Pool("a", "192.0.2.10-192.0.2.11").Service("none").Service("ours", With("loadBalancerClass", "example.com/lb"));
        world.Service("other", service =>
        {
            With("loadBalancerClass", "example.com/other")(service);
            WithStatus("198.51.100.1")(service);
        });
        world.Start();
        Assert.Equal("", world.Addresses("none"));
        Assert.Equal("198.51.100.1", world.Addresses("other"));
        Assert.Equal("192.0.2.10", world.Addresses("ours"));
        world.Service("ours", With("type", "ClusterIP")).Service("next", With("loadBalancerClass", "example.com/lb"));
        Assert.Equal("", world.Addresses("ours"));
        Assert.Equal("192.0.2.10", world.Addresses("next"));
    }

    [Fact]
    public void Old_address_stays_when_a_new_request_cannot_be_met()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.19").Pool("b", "192.0.2.30/32");
        _world.Service("holder", Annotated("metallb.io/address-pool", "b")).Service("web").Start();
        _world.Service("web", Annotated("metallb.io/loadBalancerIPs", "192.0.2.30"));
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("True AddressInUse", _world.Condition("web"));
        Assert.Equal(["IPAllocated", "AllocationFailed"], _world.Events("web"));
        _world.Delete("holder");
        Assert.Equal("192.0.2.30", _world.Addresses("web"));
        Assert.Equal("b", _world.PoolOf("web"));
    }

    [Fact]
    public void Unreadable_request_keeps_what_is_there()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.19").Service("web").Start();
        _world.Service("web", Annotated("metallb.io/loadBalancerIPs", "nonsense"));
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("True InvalidRequest", _world.Condition("web"));
        Assert.Equal("LoadBalancerFailed", _world.Events("web")[^1]);
        _world.Service("new", service =>
        {
            Annotated("metallb.io/loadBalancerIPs", "192.0.2.12")(service);
            With("loadBalancerIP", "192.0.2.12")(service);
        });
        Assert.Equal("False InvalidRequest", _world.Condition("new"));
    }

    [Fact]
    public void Without_any_pool_every_status_is_emptied()
    {
        _world.Service("web", WithStatus("192.0.2.10")).Start();
        Assert.Equal("", _world.Addresses("web"));
        Assert.Equal("False NoPools", _world.Condition("web"));
    }

    [Fact]
    public void Nothing_is_touched_while_one_kind_cannot_be_listed()
    {
        _world.Service("web", WithStatus("192.0.2.10")).Service("new");
        _world.Api.Fault = request => request.Resource == KubeResource.IpAddressPools ? new KubeResponse(request.Id, 503, default) : null;
        _world.Start();
        _world.Harness.Pass(TimeSpan.FromMinutes(10));
        Assert.False(_world.Node.Snapshot.IsSynced);
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.DoesNotContain(
            _world.Api.Requests, request => request.Verb == KubeVerb.Patch && request.Resource != KubeResource.ConfigurationStates);
        Assert.Equal(1, _world.Harness.CountLogs("cannot read from the API server; what is known stays in use, and attempts go on"));
        _world.Api.Fault = null;
        _world.Pool("a", "192.0.2.10-192.0.2.19");
        _world.Harness.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("192.0.2.11", _world.Addresses("new"));
    }

    [Fact]
    public void Pool_that_becomes_invalid_keeps_its_last_valid_form_and_the_user_is_told_once()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.11").Service("web").Start();
        Assert.Equal(0, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
        _world.Pool("a", "192.0.2.300/32").Service("two");
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("192.0.2.11", _world.Addresses("two"));
        Assert.Equal(["InvalidConfiguration"], _world.Events("a"));
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
        _world.Pool("a", "192.0.2.10-192.0.2.11");
        Assert.Equal(0, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
    }

    [Fact]
    public void Ill_typed_pool_harms_no_other_and_is_reported_with_its_path()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.11").Service("web").Start();
        _world.Api.Put(
            KubeResource.IpAddressPools,
            """{"metadata":{"name":"bad","namespace":"metallb-system"},"spec":{"addresses":["192.0.2.20/32",7]}}""");
        _world.Harness.Settle();
        _world.Service("two");
        Assert.Equal("192.0.2.11", _world.Addresses("two"));
        Assert.Equal(["InvalidConfiguration"], _world.Events("bad"));
        Assert.Contains(_world.Harness.Logs, line => line.Fields.Any(field => field.Value == "spec.addresses[1]"));
    }

    [Fact]
    public void Addresses_of_a_pool_that_a_restarted_controller_cannot_read_are_left_alone()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.11").Service("web").Start();
        _world.Pool("a", "nonsense").Restart().Start();
        _world.Service("two");
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal("True PoolUnreadable", _world.Condition("web"));
        Assert.Equal("", _world.Addresses("two"));
        _world.Pool("a", "192.0.2.10-192.0.2.11");
        Assert.Equal("True Allocated", _world.Condition("web"));
        Assert.Equal("192.0.2.11", _world.Addresses("two"));
    }

    [Fact]
    public void A_pair_that_was_never_written_is_not_left_alone_when_half_of_its_pool_goes_and_another_pool_cannot_be_read()
    {
        _world.Pool("a", "192.0.2.10/32 2001:db8::1/128").Pool("b", "192.0.2.0/24").Pool("bad", "nonsense").Start();
        _world.Api.Fault = request => request.Resource == KubeResource.Services && request.Verb == KubeVerb.Patch
            ? new KubeResponse(request.Id, 503, default)
            : null;
        _world.Service("web", With("ipFamilyPolicy", "RequireDualStack"), "10.96.0.1", "fd00::1").RemovePool("a");
        _world.Service("web", With("ipFamilyPolicy", "RequireDualStack"), "10.96.0.1", "fd00::1");
        _world.Api.Fault = null;
        _world.Harness.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal(("192.0.2.10", "False NoAvailableAddress"), (_world.Addresses("web"), _world.Condition("web")));
    }

    [Fact]
    public void Services_of_a_deleted_pool_move_to_another_one()
    {
        _world.Pool("a", "192.0.2.10/32").Service("web").Start();
        _world.Pool("b", "198.51.100.0/24");
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        _world.Api.Delete(KubeResource.IpAddressPools, ControllerWorld.System, "a");
        _world.Harness.Settle();
        Assert.Equal("198.51.100.0", _world.Addresses("web"));
        Assert.Contains("ClearAssignment", _world.Events("web"));
    }

    [Fact]
    public void Pool_status_counts_and_a_hand_edit_is_undone()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.12").Service("web").Start();
        Assert.Equal("1 0 2 0", Counters());
        _world.Api.Put(KubeResource.IpAddressPools,
            """
            {"metadata":{"name":"a","namespace":"metallb-system"},"spec":{"addresses":["192.0.2.10-192.0.2.12"]},
             "status":{"assignedIPv4":9,"assignedIPv6":9,"availableIPv4":9,"availableIPv6":9}}
            """);
        _world.Harness.Settle();
        Assert.Equal("1 0 2 0", Counters());
        Assert.Equal(3, _world.Harness.Metrics["metallb_allocator_addresses_total,pool=a"]);
        _world.Api.Delete(KubeResource.IpAddressPools, ControllerWorld.System, "a");
        _world.Harness.Settle();
        Assert.DoesNotContain(_world.Harness.Metrics.Keys, series => series.Contains("pool=a"));

        string Counters()
        {
            var status = _world.Api.Find(KubeResource.IpAddressPools, ControllerWorld.System, "a")!["status"]!;
            return $"{status["assignedIPv4"]} {status["assignedIPv6"]} {status["availableIPv4"]} {status["availableIPv6"]}";
        }
    }

    [Fact]
    public void Hand_edited_status_of_a_service_is_restored()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.12").Service("web").Start();
        _world.Service("web", WithStatus("203.0.113.1"));
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
    }

    [Fact]
    public void Conflict_is_answered_by_reading_the_object_anew_even_if_the_watch_lags()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.12").Start();
        _world.Service("web");
        _world.Api.DeliversEvents = false;
        _world.Service("web", service => service["metadata"]!["labels"]!["x"] = "y");
        _world.Api.DeliversEvents = true;
        // The controller still pictures the form without the label; this request makes it write.
        _world.Api.Delete(KubeResource.IpAddressPools, ControllerWorld.System, "a");
        _world.Harness.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("", _world.Addresses("web"));
        Assert.Contains(_world.Api.Requests, request => request.Verb == KubeVerb.Get && request.Name == "web");
    }

    [Fact]
    public void Refused_and_throttled_writes_are_tried_again()
    {
        var refusals = 2;
        _world.Api.Fault = request => request.Verb == KubeVerb.Patch && request.Resource == KubeResource.Services && refusals-- > 0
            ? new KubeResponse(request.Id, refusals == 1 ? 422 : 429, default, refusals == 1 ? null : TimeSpan.FromSeconds(7))
            : null;
        _world.Pool("a", "192.0.2.10-192.0.2.12").Service("web").Start();
        Assert.Equal("", _world.Addresses("web"));
        _world.Harness.Pass(TimeSpan.FromSeconds(6.9));
        Assert.Equal("", _world.Addresses("web"));
        _world.Harness.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_update_errors_total"]);
    }

    [Fact]
    public void Namespace_label_change_reaches_the_services_of_the_namespace()
    {
        _world.Pool("a", "192.0.2.10/32", """, "serviceAllocation":{"namespaceSelectors":[{"matchLabels":{"tier":"back"}}]}""");
        _world.Service("web").Start();
        Assert.Equal("", _world.Addresses("web"));
        _world.Api.Put(KubeResource.Namespaces, """{"metadata":{"name":"shop","labels":{"tier":"back"}}}""");
        _world.Harness.Settle();
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
    }

    [Fact]
    public void Waiting_sharer_is_woken_when_the_key_of_another_becomes_its_own()
    {
        _world.Pool("a", "192.0.2.10/32").Service("one").Start();
        _world.Service("two", service =>
        {
            Annotated("metallb.io/allow-shared-ip", "k")(service);
            With("ports", JsonNode.Parse("""[{"port":81}]""")!)(service);
        });
        Assert.Equal("", _world.Addresses("two"));
        _world.Service("one", Annotated("metallb.universe.tf/allow-shared-ip", "k"));
        Assert.Equal("192.0.2.10", _world.Addresses("two"));
    }

    [Fact]
    public void Deprecated_annotation_is_mentioned_when_it_took_effect()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.12").Service("web", Annotated("metallb.universe.tf/loadBalancerIPs", "192.0.2.12")).Start();
        Assert.Equal("192.0.2.12", _world.Addresses("web"));
        Assert.Equal(["IPAllocated", "deprecatedAnnotation"], _world.Events("web"));
    }

    [Fact]
    public void Shutdown_waits_for_writes_in_flight_but_not_longer_than_a_second()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.12").Start();
        _world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.True(_world.Harness.IsShutDown);

        _world.Restart().Start();
        _world.Api.Fault = request => request.Verb == KubeVerb.Patch ? new KubeResponse(request.Id, 503, default) : null;
        _world.Service("web");
        _world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.False(_world.Harness.IsShutDown);
        _world.Harness.Pass(TimeSpan.FromSeconds(1));
        Assert.True(_world.Harness.IsShutDown);
    }

    [Fact]
    public void Controller_survives_any_input_at_any_time()
    {
        _world.Pool("a", "192.0.2.10-192.0.2.12").Service("web").Start();
        byte[][] bodies = [[], [0x7B], [0xFF, 0xFE], "null"u8.ToArray(), "[]"u8.ToArray(), "{\"items\":7,\"metadata\":[]}"u8.ToArray()];
        for (var id = 0L; id < 60; id++)
        {
            foreach (var body in bodies)
            {
                _world.Harness.Tell(new NodeInput.KubeResponded(new KubeResponse(id, (int)(id % 6) * 100, body)));
                _world.Harness.Tell(new NodeInput.WatchEventReceived(id, body));
            }
            _world.Harness.Tell(new NodeInput.WatchClosed(id, ""));
        }
        _world.Harness.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal("192.0.2.10", _world.Addresses("web"));
        _world.Service("two");
        Assert.Equal("192.0.2.11", _world.Addresses("two"));
    }
}
