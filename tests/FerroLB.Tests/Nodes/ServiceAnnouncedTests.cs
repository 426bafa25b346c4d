using System;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Nodes.SpeakerWorld;

namespace FerroLB.Tests.Nodes;

/// <summary>What a Service says about its announcement.</summary>
public sealed class ServiceAnnouncedTests
{
    private const string Excluded = ",\"node.kubernetes.io/exclude-from-external-load-balancers\":\"\"";
    private static readonly string Duty = DutyOf("iris1");
    private readonly SpeakerWorld _world = new();

    [Fact]
    public void The_announcing_node_says_where_the_Service_is_announced()
    {
        _world.Service("web", Ours).Start();
        Assert.Equal("True Announced: announced by layer 2 from node iris1 on all interfaces", _world.Said("web"));
        Assert.Equal("2030-01-01T00:00:00Z", Time("web"));
        Assert.Equal(1, _world.ServiceWrites);
    }

    [Fact]
    public void The_other_nodes_say_nothing()
    {
        _world.Service("web", Hers).Start().Pass(60);
        Assert.Equal(0, _world.ServiceWrites);
    }

    [Fact]
    public void Interfaces_are_named_as_far_as_they_exist()
    {
        _world.Advertisement("all", """{"interfaces":["eth1","eth7","eth0"]}""").Service("web", Ours).Start("eth0", "eth1", "eth2");
        Assert.Equal("True Announced: announced by layer 2 from node iris1 on eth0, eth1", _world.Said("web"));
    }

    [Fact]
    public void An_interface_that_is_missing_is_told_by_the_elected_node_until_it_is_there()
    {
        _world.Advertisement("all", """{"interfaces":["eth9"]}""").Service("web", Ours).Start().Pass(1);
        Assert.Equal(
            "False InterfaceMissing: node iris1 was elected and has none of the interfaces that the matching L2Advertisements name: eth9",
            _world.Said("web"));
        _world.Links("eth0", "eth9").Pass(1);
        Assert.StartsWith("True", _world.Said("web"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_that_another_host_claims_is_told_until_it_is_given_up()
    {
        _world.Service("web", Ours).Service("other", "10.20.30.7").Start();
        Claim(new AddressConflict(IpAddress.Parse(Ours), "eth0", new(0x020000000099)));
        Assert.Equal(
            $"False AddressConflict: node iris1 announces {Ours} by layer 2, and so does another host, 02:00:00:00:00:99, on eth0; " +
            "clients may reach either until that host gives the address up",
            _world.Said("web"));
        Assert.DoesNotContain("False", _world.Said("other"), StringComparison.Ordinal);
        Assert.Equal(
            """[{"address":"10.20.30.2","interface":"eth0","mac":"02:00:00:00:00:99"}]""",
            _world.Api.Find(KubeResource.SpeakerStates, "metallb-system", "iris1")!["status"]!["conflicts"]!.ToJsonString());
        Claim();
        Assert.StartsWith("True", _world.Said("web"), StringComparison.Ordinal);

        void Claim(params AddressConflict[] conflicts)
        {
            _world.Harness.Tell(new NodeInput.LinkReported(new LinkReport.ConflictsChanged(conflicts)));
            _world.Pass(2);
        }
    }

    [Fact]
    public void A_pool_without_advertisement_is_told()
    {
        _world.Delete(KubeResource.L2Advertisements, "all").Service(Duty, Ours).Start().Pass(1);
        Assert.Equal(
            "False NoMatchingAdvertisement: no L2Advertisement or BGPAdvertisement selects IPAddressPool pool; create one, or " +
            "add the pool to the ipAddressPools of one that is there",
            _world.Said(Duty));
    }

    [Fact]
    public void Service_selectors_that_do_not_match_are_told_by_name()
    {
        _world.Advertisement("all", """{"serviceSelectors":[{"matchLabels":{"expose":"true"}}]}""").Service(Duty, Ours).Start().Pass(1);
        Assert.Equal(
            "False ServiceNotSelected: IPAddressPool pool is announced only for the Services that the serviceSelectors of " +
            "L2Advertisement all select, and this one's labels do not match",
            _world.Said(Duty));
        _world.Service(Duty, Ours, metadata: ",\"labels\":{\"expose\":\"true\"}").Pass(1);
        Assert.StartsWith("True", _world.Said(Duty), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_node_is_named_with_the_reason_why_it_is_no_candidate()
    {
        _world.ClusterNode("iris1", Excluded).ClusterNode("iris2", networkUnavailable: true).ClusterNode("iris3", ready: "False");
        _world.Service("a", Ours).Service("b", Ours).Service("c", Ours).Service("d", Ours).Start().Pass(1);
        const string said = "False NoEligibleNode: no node may announce: " +
            "iris1 (labelled to be excluded from external load balancers), iris2 (its network is unavailable), iris3 (no living speaker)";
        Assert.Contains(said, new[] { "a", "b", "c", "d" }.Select(_world.Said));
    }

    [Fact]
    public void A_cluster_of_many_nodes_gives_a_message_of_bounded_length()
    {
        for (var i = 0; i < 500; i++)
            _world.ClusterNode($"a-node-with-a-rather-long-name-{i:000}", Excluded, ready: "False");
        _world.ClusterNode("iris1", Excluded).ClusterNode("iris2", Excluded, ready: "False").Service(Duty, Ours).Start().Pass(1);
        Assert.StartsWith("False NoEligibleNode: ", _world.Said(Duty), StringComparison.Ordinal);
        Assert.EndsWith(", and 494 more", _world.Said(Duty), StringComparison.Ordinal);
        Assert.InRange(_world.Said(Duty).Length, 100, 1100);
    }

    [Fact]
    public void Endpoints_that_are_not_ready_are_told()
    {
        _world.Service(Duty, Ours, endpoints: ["!iris1", "!iris2"]).Start().Pass(1);
        Assert.Equal("False NoReadyEndpoints: no endpoint of the Service is ready or serving", _world.Said(Duty));
    }

    [Fact]
    public void Traffic_policy_local_without_an_endpoint_on_a_candidate_is_told()
    {
        _world.ClusterNode("iris1", Excluded)
            .Service(Duty, Ours, spec: ",\"externalTrafficPolicy\":\"Local\"", endpoints: ["iris1"]).Start().Pass(1);
        Assert.Equal(
            "False NoEligibleNode: no node may announce: iris1 (labelled to be excluded from external load balancers), " +
            "iris2 (traffic policy Local, and no endpoint on it can serve)",
            _world.Said(Duty));
    }

    [Fact]
    public void A_shared_address_with_service_selectors_is_told()
    {
        _world.Advertisement("all", """{"serviceSelectors":[{}]}""")
            .Service(Duty, Ours, metadata: ",\"annotations\":{\"metallb.io/allow-shared-ip\":\"k\"}").Start().Pass(1);
        Assert.StartsWith(
            "False SharedAddressWithServiceSelectors: the Service may share its address, and a matching L2Advertisement has " +
            "serviceSelectors", _world.Said(Duty), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("192.0.2.1", "False AddressNotInPools: 192.0.2.1 is in no IPAddressPool that is in force")]
    [InlineData("lb.example.com", "False AddressUnreadable: status.loadBalancer.ingress holds \"lb.example.com\", which is no IP address")]
    public void An_address_that_cannot_be_announced_is_told(string address, string said)
    {
        _world.Service(Duty, address).Start().Pass(1);
        Assert.StartsWith(said, _world.Said(Duty), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_two_addresses_one_that_is_not_announced_makes_it_false_and_both_are_told()
    {
        _world.Pool("six", "fd00::/120").Advertisement("all", """{"ipAddressPools":["pool"]}""").Service("web", $"{Ours} fd00::1");
        _world.Start().Pass(1);
        Assert.Equal(
            $"False NoMatchingAdvertisement: {Ours}: announced by layer 2 from node iris1 on all interfaces; fd00::1: no L2Advertisement " +
            "or BGPAdvertisement selects IPAddressPool six; create one, or add the pool to the ipAddressPools of one that is there",
            _world.Said("web"));
    }

    [Fact]
    public void Of_two_speakers_exactly_one_says_that_nobody_announces()
    {
        var other = new SpeakerWorld("iris2");
        var names = Enumerable.Range(0, 100).Select(i => $"web-{i}").ToList();
        foreach (var name in names)
        {
            _world.Service(name, Ours, endpoints: ["!iris1"]);
            other.Service(name, Ours, endpoints: ["!iris1"]);
        }
        _world.Start().Pass(1);
        other.Start().Pass(1);
        Assert.All(names, name => Assert.Single([_world.Said(name), other.Said(name)], said => said.Length > 0));
        Assert.InRange(_world.ServiceWrites, 20, 80);
    }

    [Fact]
    public void The_next_speaker_says_it_when_the_one_whose_duty_it_is_dies()
    {
        var hers = DutyOf("iris2");
        _world.Service(hers, Ours, endpoints: ["!iris1"]).Start().Pass(10);
        Assert.Equal("", _world.Said(hers));
        _world.ClusterNode("iris2", ready: "Unknown").Pass(1);
        Assert.StartsWith("False NoReadyEndpoints", _world.Said(hers), StringComparison.Ordinal);
    }

    [Fact]
    public void A_take_over_is_one_write_that_does_not_turn_the_status()
    {
        _world.Service("web", Hers).Start();
        Condition("web", "True", "announced by layer 2 from node iris2 on all interfaces");
        _world.ClusterNode("iris2", ready: "Unknown").Pass(60);
        Assert.Equal("True Announced: announced by layer 2 from node iris1 on all interfaces", _world.Said("web"));
        Assert.Equal("2029-01-01T00:00:00Z", Time("web"));
        Assert.Equal(1, _world.ServiceWrites);
    }

    [Fact]
    public void The_time_of_transition_moves_with_the_status_alone()
    {
        _world.Service(Duty, Ours).Start();
        Clock(2031);
        _world.Advertisement("all", """{"interfaces":["eth0"]}""").Pass(1);
        Assert.Equal(("True", "2030-01-01T00:00:00Z"), (_world.Condition(Duty)!["status"]!.ToString(), Time(Duty)));
        Clock(2032);
        _world.Endpoints(Duty, "!iris1").Pass(1);
        Assert.Equal("False", _world.Condition(Duty)!["status"]!.ToString());
        Assert.StartsWith("2032-", Time(Duty), StringComparison.Ordinal);
    }

    [Fact]
    public void An_absence_of_less_than_a_second_is_not_worth_a_word()
    {
        _world.Service(Duty, Ours, endpoints: ["!iris1"]).Start().Pass(0.9);
        Assert.Equal(0, _world.ServiceWrites);
        _world.Endpoints(Duty, "iris1").Pass(5);
        for (var i = 0; i < 10; i++)
            _world.Endpoints(Duty, "!iris1").Pass(0.5).Endpoints(Duty, "iris1").Pass(0.5);
        Assert.Equal(1, _world.ServiceWrites);
    }

    [Fact]
    public void Nothing_is_written_about_Services_that_say_the_right_thing_already()
    {
        for (var i = 1; i < 250; i++)
            _world.Service($"web-{i}", $"10.20.30.{i}", endpoints: i % 3 == 0 ? ["!iris1"] : ["iris1"]);
        _world.Start().Pass(5);
        var writes = _world.ServiceWrites;
        Assert.InRange(writes, 60, 249);
        var again = new NodeHarness(new SpeakerNode(new("iris1", "metallb-system"), 99), _world.Api);
        again.Start().Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged([new(1, "eth0", new(1))])));
        again.Pass(TimeSpan.FromMinutes(10));
        Assert.Equal(writes, _world.ServiceWrites);
    }

    [Fact]
    public void What_is_changed_by_hand_is_put_right_and_ever_later_when_it_happens_again_and_again()
    {
        _world.Service("web", Ours).Start();
        var said = _world.Said("web");
        Condition("web", "False", "nonsense");
        _world.Pass(1);
        Assert.Equal(said, _world.Said("web"));
        for (var i = 0; i < 3600; i++)
        {
            Condition("web", "False", $"nonsense {i}");
            _world.Pass(1);
        }
        Assert.InRange(_world.ServiceWrites, 50, 100);
        _world.Pass(61);
        Assert.Equal(said, _world.Said("web"));
    }

    [Fact]
    public void It_goes_when_the_Service_has_no_address_or_is_load_balanced_no_more()
    {
        _world.Service(Duty, Ours).Start();
        Assert.StartsWith("True", _world.Said(Duty), StringComparison.Ordinal);
        Change(Duty, service => service["status"]!.AsObject().Remove("loadBalancer"));
        _world.Pass(1);
        Assert.Equal("", _world.Said(Duty));
        _world.Service(Duty, Ours).Pass(1);
        Assert.StartsWith("True", _world.Said(Duty), StringComparison.Ordinal);
        Change(Duty, service => service["spec"]!["type"] = "ClusterIP");
        _world.Pass(1);
        Assert.Equal("", _world.Said(Duty));
    }

    [Fact]
    public void It_goes_although_its_speaker_died_before_the_Service_changed()
    {
        var hers = DutyOf("iris2");
        _world.Service(hers, "").Start();
        Condition(hers, "True", "announced by layer 2 from node iris2 on all interfaces");
        _world.Pass(60);
        Assert.NotEqual("", _world.Said(hers));
        _world.ClusterNode("iris2", ready: "Unknown").Pass(1);
        Assert.Equal("", _world.Said(hers));
    }

    [Fact]
    public void Services_of_another_class_are_left_alone()
    {
        _world.Service("web", Ours, spec: ",\"loadBalancerClass\":\"example.com/other\"").Start();
        Condition("web", "True", "said by another installation");
        _world.Pass(60);
        Assert.Equal("True Announced: said by another installation", _world.Said("web"));
    }

    [Fact]
    public void Conditions_of_others_survive_and_a_write_that_crosses_theirs_is_tried_again()
    {
        _world.Service("web", Ours);
        var isCrossed = false;
        _world.Api.Fault = request =>
        {
            if (!isCrossed && request.Verb == KubeVerb.Patch && request.Resource == KubeResource.Services)
            {
                isCrossed = true;
                _world.Api.DeliversEvents = false;
                Change("web", service => service["status"]!["conditions"] = JsonNode.Parse(
                    """
                    [{"type":"ferrolb.io/Allocated","status":"True","reason":"Allocated","message":"m",
                      "lastTransitionTime":"2029-01-01T00:00:00Z"}]
                    """));
            }
            return null;
        };
        _world.Start();
        Assert.StartsWith("True", _world.Said("web"), StringComparison.Ordinal);
        var conditions = _world.Api.Find(KubeResource.Services, "shop", "web")!["status"]!["conditions"]!.AsArray();
        Assert.Equal(["ferrolb.io/Allocated", "ferrolb.io/Announced"], conditions.Select(item => $"{item!["type"]}"));
        Assert.Equal(2, _world.ServiceWrites);
    }

    [Fact]
    public void Without_the_right_to_write_it_is_tried_rarely_and_what_is_announced_is_announced()
    {
        var isForbidden = true;
        _world.Api.Fault = request => isForbidden && request.Verb == KubeVerb.Patch && request.Resource == KubeResource.Services
            ? new(request.Id, 403, Encoding.UTF8.GetBytes("""{"kind":"Status","code":403,"message":"no"}"""))
            : null;
        for (var i = 1; i < 200; i++)
            _world.Service($"web-{i}", $"10.20.30.{i}");
        _world.Start().Pass(3600);
        Assert.InRange(_world.ServiceWrites, 8, 30);
        Assert.NotEmpty(_world.Harness.Commands);
        Assert.True(_world.Harness.Metrics["metallb_k8s_client_update_errors_total"] > 0);
        isForbidden = false;
        _world.Pass(660);
        Assert.All(
            Enumerable.Range(1, 199).Select(i => $"web-{i}").Where(name => _world.Announced(name).Length > 0),
            name => Assert.StartsWith("True", _world.Said(name), StringComparison.Ordinal));
    }

    private string Time(string service) => _world.Condition(service)!["lastTransitionTime"]!.ToString();

    private void Clock(int year) => _world.Harness.Tell(new NodeInput.ClockRead(new(year, 1, 1, 0, 0, 0, TimeSpan.Zero)));

    private void Condition(string service, string status, string message) => Change(service, item =>
    {
        if (item["status"] is null)
            item["status"] = new JsonObject();
        item["status"]!["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = "ferrolb.io/Announced",
            ["status"] = status,
            ["reason"] = "Announced",
            ["message"] = message,
            ["lastTransitionTime"] = "2029-01-01T00:00:00Z",
        });
    });

    private void Change(string service, Action<JsonObject> change)
    {
        var item = _world.Api.Find(KubeResource.Services, "shop", service)!.DeepClone().AsObject();
        change(item);
        _world.Api.Put(KubeResource.Services, item.ToJsonString());
        if (_world.Api.DeliversEvents)
            _world.Harness.Settle();
    }
}
