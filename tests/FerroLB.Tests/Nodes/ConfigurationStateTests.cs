using System;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>What the controller says about the whole configuration.</summary>
public sealed class ConfigurationStateTests
{
    private readonly ControllerWorld _world = new();

    [Fact]
    public void Valid_configuration_is_reported_as_such()
    {
        _world.Pool("a", "192.0.2.0/24").Start();
        Assert.Equal("controller", Meta["labels"]!["metallb.io/component-type"]!.ToString());
        Assert.Equal("Valid", Status["result"]!.ToString());
        Assert.Null(Status["errorSummary"]);
        Assert.Equal("True Reconciled ", Condition());
        Assert.Equal("2030-01-01T00:00:00Z", Time());
    }

    [Fact]
    public void Configuration_without_any_object_is_valid()
    {
        _world.Start();
        Assert.Equal("Valid", Status["result"]!.ToString());
    }

    [Fact]
    public void Objects_of_other_namespaces_do_not_count()
    {
        foreach (var (name, address) in new[] { ("p", "192.0.2.0/24"), ("q", "x") })
        {
            _world.Api.Put(
                KubeResource.IpAddressPools,
                $$"""{"metadata":{"name":"{{name}}","namespace":"shop"},"spec":{"addresses":["{{address}}"]} }""");
        }
        _world.Service("web").Start();
        Assert.Equal("False NoPools", _world.Condition("web"));
        Assert.Equal("Valid", Status["result"]!.ToString());
    }

    [Fact]
    public void Every_rejected_object_is_named_with_its_fault()
    {
        _world.Pool("good", "192.0.2.0/24").Pool("bad", "192.0.2.300/32").Pool("worse", "10.0.0.9-10.0.0.1").Start();
        Assert.Equal("Invalid", Status["result"]!.ToString());
        var summary = Status["errorSummary"]!.ToString();
        Assert.StartsWith("configuration error: IPAddressPool metallb-system/bad: spec.addresses[0] \"192.0.2.300/32\"", summary);
        Assert.Contains(" IPAddressPool metallb-system/worse: spec.addresses[0] \"10.0.0.9-10.0.0.1\"", summary);
        Assert.DoesNotContain("metallb-system/good", summary);
        Assert.Equal("False ConfigurationError " + summary, Condition());
    }

    [Fact]
    public void Object_that_cannot_be_read_at_all_is_named_too_and_forgotten_when_it_goes()
    {
        _world.Start();
        _world.Api.Put(
            KubeResource.IpAddressPools, """{"metadata":{"name":"odd","namespace":"metallb-system"},"spec":{"addresses":[7]}}""");
        _world.Harness.Settle();
        Assert.Contains("IPAddressPool metallb-system/odd: spec.addresses[0]", Condition());
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
        _world.RemovePool("odd");
        Assert.Equal("True Reconciled ", Condition());
        Assert.Equal(0, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
    }

    [Fact]
    public void Time_of_transition_moves_with_the_verdict_and_not_with_its_words()
    {
        _world.Pool("a", "192.0.2.0/24").Start();
        Clock(2031);
        _world.Pool("bad", "x");
        Assert.Equal("2031-01-01T00:00:00Z", Time());
        Clock(2032);
        _world.Pool("worse", "y");
        Assert.Contains("worse", Condition());
        Assert.Equal("2031-01-01T00:00:00Z", Time());
        Clock(2033);
        _world.RemovePool("bad").RemovePool("worse");
        Assert.Equal("True Reconciled ", Condition());
        Assert.Equal("2033-01-01T00:00:00Z", Time());
    }

    [Fact]
    public void Nothing_is_written_while_nothing_changes_nor_by_the_next_process()
    {
        _world.Pool("a", "192.0.2.0/24").Pool("bad", "x").Start();
        var writes = Writes();
        Assert.Equal(2, writes);
        _world.Service("web").Pool("b", "198.51.100.0/24");
        _world.Api.CloseWatches();
        _world.Harness.Pass(TimeSpan.FromHours(1));
        Clock(2031);
        _world.Restart(seed: 5).Start();
        Assert.Equal(writes, Writes());
        Assert.Equal("2030-01-01T00:00:00Z", Time());
    }

    [Fact]
    public void Object_belongs_to_the_pod_that_reports()
    {
        foreach (var pod in new[] { "controller-1", "controller-2" })
        {
            _world.Api.Put(KubeResource.Pods, $$"""{"metadata":{"name":"{{pod}}","namespace":"metallb-system"} }""");
            _world.PodName = pod;
            _world.Restart().Start();
            var uid = _world.Api.Find(KubeResource.Pods, ControllerWorld.System, pod)!["metadata"]!["uid"]!;
            Assert.Equal(
                $$"""[{"apiVersion":"v1","kind":"Pod","name":"{{pod}}","uid":"{{uid}}"}]""", Meta["ownerReferences"]!.ToJsonString());
            Assert.Equal("Valid", Status["result"]!.ToString());
        }
        var writes = Writes();
        _world.Restart().Start();
        Assert.Equal(writes, Writes());
    }

    [Fact]
    public void Process_that_may_not_read_its_pod_reports_without_an_owner()
    {
        _world.PodName = "controller-1";
        _world.Restart().Start();
        Assert.Null(Meta["ownerReferences"]);
        Assert.Equal("Valid", Status["result"]!.ToString());
        Assert.Equal(1, _world.Harness.CountLogs("cannot read the own pod; what the controller writes has no owner"));
    }

    [Fact]
    public void Deleted_object_is_made_again()
    {
        _world.Pool("bad", "x").Start();
        _world.Api.Delete(KubeResource.ConfigurationStates, ControllerWorld.System, "controller");
        _world.Harness.Settle();
        Assert.Equal("Invalid", Status["result"]!.ToString());
        Assert.Equal("controller", Meta["labels"]!["metallb.io/component-type"]!.ToString());
    }

    [Theory]
    [InlineData("""{"result":"Valid"}""")]
    [InlineData("""{"result":"Valid","errorSummary":"all is well","conditions":[]}""")]
    [InlineData("""{}""")]
    public void Hand_edited_status_is_restored(string status)
    {
        _world.Pool("bad", "x").Start();
        var said = Status["errorSummary"]!.ToString();
        Edit(state => state["status"] = JsonNode.Parse(status));
        Assert.Equal(("Invalid", said), (Status["result"]!.ToString(), Status["errorSummary"]!.ToString()));
    }

    [Fact]
    public void Labels_and_conditions_of_others_stay_and_ours_come_back()
    {
        _world.Start();
        Edit(state =>
        {
            state["metadata"]!["labels"] = new JsonObject { ["team"] = "net" };
            state["status"]!["conditions"]!.AsArray().Add(JsonNode.Parse(
                """{"type":"example.com/X","status":"False","reason":"No","message":"m","lastTransitionTime":"2029-01-01T00:00:00Z"}"""));
        });
        _world.Pool("bad", "x");
        Assert.Equal("""{"team":"net","metallb.io/component-type":"controller"}""", Meta["labels"]!.ToJsonString());
        Assert.Equal(2, Status["conditions"]!.AsArray().Count);
        Assert.Equal("Invalid", Status["result"]!.ToString());
    }

    [Fact]
    public void Object_exists_with_an_unknown_result_as_long_as_the_configuration_cannot_be_read()
    {
        _world.Api.Fault = request => request.Resource == KubeResource.IpAddressPools ? new KubeResponse(request.Id, 403, default) : null;
        _world.Start();
        Assert.Equal("Unknown", Status["result"]!.ToString());
        Assert.Null(Status["conditions"]);
        Assert.Equal(0, _world.Harness.Metrics["metallb_k8s_client_config_loaded_bool"]);
        _world.Api.Fault = null;
        _world.Harness.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("Valid", Status["result"]!.ToString());
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_config_loaded_bool"]);
    }

    [Fact]
    public void Verdict_of_the_process_before_stays_until_there_is_a_new_one()
    {
        _world.Pool("bad", "x").Start();
        _world.Api.Fault = request => request.Resource == KubeResource.IpAddressPools ? new KubeResponse(request.Id, 403, default) : null;
        _world.Restart().Start();
        Assert.Equal("Invalid", Status["result"]!.ToString());
        Assert.StartsWith("False ConfigurationError", Condition());
    }

    [Fact]
    public void Addresses_are_assigned_where_the_kind_is_not_installed_or_may_not_be_written()
    {
        _world.Api.Fault = request =>
            request.Resource == KubeResource.ConfigurationStates ? new KubeResponse(request.Id, 404, default) : null;
        _world.Pool("a", "192.0.2.0/24").Service("web").Start();
        Assert.Equal("192.0.2.0", _world.Addresses("web"));
        Assert.True(_world.Node.Snapshot.IsSynced);
        _world.Api.Fault = request => request.Resource == KubeResource.ConfigurationStates && request.Verb == KubeVerb.Create
            ? new KubeResponse(request.Id, 403, default)
            : null;
        _world.Harness.Pass(TimeSpan.FromMinutes(10));
        Assert.InRange(_world.Api.Requests.Count(request =>
            request.Resource == KubeResource.ConfigurationStates && request.Verb == KubeVerb.Create), 2, 40);
        _world.Api.Fault = null;
        _world.Harness.Pass(TimeSpan.FromMinutes(2));
        Assert.Equal("Valid", Status["result"]!.ToString());
    }

    [Fact]
    public void Object_that_the_watch_does_not_show_yet_is_not_made_again_and_again()
    {
        _world.Api.DeliversEvents = false;
        _world.Start();
        _world.Api.DeliversEvents = true;
        Assert.Equal("controller", Meta["name"]!.ToString());
        _world.Api.CloseWatches();
        _world.Harness.Pass(TimeSpan.FromMinutes(12));
        Assert.Single(_world.Api.Requests, request =>
            request.Resource == KubeResource.ConfigurationStates && request.Verb == KubeVerb.Create);
    }

    [Fact]
    public void Stale_gauge_and_condition_return_when_exactly_the_former_configuration_is_restored()
    {
        _world.Pool("a", "192.0.2.0/24").Start();
        _world.Pool("a", "192.0.2.0/2x");
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
        Assert.Contains("the last valid form stays in force", Condition());
        _world.Pool("a", "192.0.2.0/24");
        Assert.Equal(0, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_config_loaded_bool"]);
        Assert.Equal("True Reconciled ", Condition());
    }

    private JsonObject Object => _world.Api.Find(KubeResource.ConfigurationStates, ControllerWorld.System, "controller")!;

    private JsonObject Meta => Object["metadata"]!.AsObject();

    private JsonObject Status => Object["status"]!.AsObject();

    private JsonNode Ours => Status["conditions"]!.AsArray().Single(item => item!["type"]!.ToString() == "poolReconcilerValid")!;

    private string Condition() => $"{Ours["status"]} {Ours["reason"]} {Ours["message"]}";

    private string Time() => Ours["lastTransitionTime"]!.ToString();

    private void Clock(int year) => _world.Harness.Tell(new NodeInput.ClockRead(new(year, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    private int Writes() => _world.Api.Requests.Count(request =>
        request.Resource == KubeResource.ConfigurationStates && request.Verb is KubeVerb.Create or KubeVerb.Patch);

    private void Edit(Action<JsonObject> change)
    {
        var state = Object.DeepClone().AsObject();
        change(state);
        _world.Api.Put(KubeResource.ConfigurationStates, state.ToJsonString());
        _world.Harness.Settle();
    }
}
