using System;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using Xunit;
using static FerroLB.Tests.Nodes.SpeakerWorld;

namespace FerroLB.Tests.Nodes;

public sealed class SpeakerNodeTests
{
    private const string Excluded = ",\"node.kubernetes.io/exclude-from-external-load-balancers\":\"\"";
    private readonly SpeakerWorld _world = new();

    [Fact]
    public void The_winner_announces_says_so_once_and_shows_it()
    {
        _world.Service("web", Ours).Start();

        Assert.Equal(Ours, _world.Announced("web"));
        Assert.Equal(["nodeAssigned: announcing from node \"iris1\" with protocol \"layer2\""], _world.Events("web"));
        Assert.Equal(1, _world.Harness.Metrics[$"metallb_speaker_announced,service=shop/web,protocol=layer2,node=iris1,ip={Ours}"]);
        var state = _world.Node.Snapshot.Services[new("shop", "web")];
        Assert.Equal([Ours], state.Announced.Select(ip => ip.ToString()));
        Assert.Equal("iris1", state.Placement.Owner);
    }

    [Fact]
    public void The_loser_stays_silent_and_knows_who_won()
    {
        _world.Service("web", Hers).Start();

        Assert.Empty(_world.Harness.Commands);
        Assert.Empty(_world.Events("web"));
        Assert.Equal("iris2", _world.Node.Snapshot.Services[new("shop", "web")].Placement.Owner);
    }

    [Fact]
    public void Two_speakers_divide_any_set_of_addresses_between_them()
    {
        var other = new SpeakerWorld("iris2");
        for (var i = 1; i < 255; i++)
        {
            _world.Service($"web-{i}", $"10.20.30.{i}");
            other.Service($"web-{i}", $"10.20.30.{i}");
        }
        _world.Start();
        other.Start();

        var mine = Enumerable.Range(1, 254).Where(i => _world.Announced($"web-{i}").Length > 0).ToList();
        var hers = Enumerable.Range(1, 254).Where(i => other.Announced($"web-{i}").Length > 0).ToList();
        Assert.Empty(mine.Intersect(hers));
        Assert.Equal(254, mine.Count + hers.Count);
        Assert.NotEmpty(mine);
        Assert.NotEmpty(hers);
    }

    [Fact]
    public void Nothing_is_decided_before_everything_was_read_and_the_interfaces_are_known()
    {
        _world.Service("web", Ours);
        _world.Api.Fault = request => request.Resource == KubeResource.Nodes ? new(request.Id, 503, default) : null;
        _world.Start();
        Assert.Empty(_world.Harness.Commands);
        Assert.False(_world.Node.Snapshot.IsSynced);

        _world.Api.Fault = null;
        _world.Harness.Pass(TimeSpan.FromSeconds(40));
        Assert.Equal(Ours, _world.Announced("web"));
    }

    [Theory]
    [InlineData("False")]
    [InlineData("Unknown")]
    public void When_the_owner_dies_the_next_takes_over_and_gives_back_when_it_lives_again(string ready)
    {
        _world.Service("web", Hers).Start();
        _world.ClusterNode("iris2", ready: ready);
        Assert.Equal(Hers, _world.Announced("web"));

        _world.ClusterNode("iris2");
        Assert.Equal("", _world.Announced("web"));
        Assert.DoesNotContain(_world.Harness.Metrics.Keys, key => key.StartsWith("metallb_speaker_announced", StringComparison.Ordinal));
    }

    [Fact]
    public void An_excluded_or_cut_off_node_is_no_candidate()
    {
        _world.Service("web", Hers).Start();
        _world.ClusterNode("iris2", Excluded);
        Assert.Equal(Hers, _world.Announced("web"));
        _world.ClusterNode("iris2", networkUnavailable: true);
        Assert.Equal(Hers, _world.Announced("web"));
        _world.ClusterNode("iris2");
        Assert.Equal("", _world.Announced("web"));
    }

    [Fact]
    public void The_exclude_label_can_be_ignored()
    {
        var world = new SpeakerWorld(ignoresExcludeLabel: true).ClusterNode("iris1", Excluded).ClusterNode("iris2", Excluded);
        world.Service("web", Ours).Start();
        Assert.Equal(Ours, world.Announced("web"));
    }

    [Fact]
    public void A_move_away_and_back_is_told_each_time()
    {
        _world.Service("web", Ours).Start();
        _world.ClusterNode("iris1", Excluded).ClusterNode("iris1");
        Assert.Equal(2, _world.Events("web").Count);
        Assert.Equal(Ours, _world.Announced("web"));
    }

    [Fact]
    public void Traffic_policy_local_asks_for_an_endpoint_on_the_node()
    {
        _world.Service("web", Hers, spec: ",\"externalTrafficPolicy\":\"Local\"", endpoints: ["iris1"]).Start();
        Assert.Equal(Hers, _world.Announced("web"));
        _world.Endpoints("web", "iris1", "iris2");
        Assert.Equal("", _world.Announced("web"));
        _world.Endpoints("web", "iris1", "!iris2");
        Assert.Equal(Hers, _world.Announced("web"));
    }

    [Fact]
    public void Without_an_endpoint_that_can_serve_nobody_announces()
    {
        _world.Service("web", Ours, endpoints: ["!iris1", "!iris2"]).Start();
        Assert.Equal("", _world.Announced("web"));
        _world.Endpoints("web", "!iris1", "iris2");
        Assert.Equal(Ours, _world.Announced("web"));
        _world.Delete(KubeResource.EndpointSlices, "none").Endpoints("web", "!iris2");
        Assert.Equal("", _world.Announced("web"));
    }

    [Fact]
    public void A_service_that_is_deleted_or_changes_type_or_loses_its_address_is_silenced()
    {
        _world.Service("a", Ours).Service("b", Ours).Service("c", Ours).Start();
        Assert.Equal(Ours, _world.Announced("a"));
        _world.Delete(KubeResource.Services, "a");
        _world.Api.Put(KubeResource.Services, """{"metadata":{"name":"b","namespace":"shop"},"spec":{"type":"ClusterIP"}}""");
        _world.Service("c", "");
        Assert.Equal(["", "", ""], new[] { "a", "b", "c" }.Select(_world.Announced));
        Assert.Empty(_world.Node.Snapshot.Services);
    }

    [Theory]
    [InlineData("", ",\"loadBalancerClass\":\"foo\"", "")]
    [InlineData("foo", ",\"loadBalancerClass\":\"foo\"", Ours)]
    [InlineData("foo", "", "")]
    public void Only_services_of_the_chosen_class_are_announced(string chosen, string spec, string expected)
    {
        var world = new SpeakerWorld(loadBalancerClass: chosen);
        world.Service("web", Ours, spec).Start();
        Assert.Equal(expected, world.Announced("web"));
    }

    [Fact]
    public void A_changed_address_replaces_the_old_one_in_one_command()
    {
        _world.Service("web", Ours).Start();
        var mine = Enumerable.Range(3, 100).Select(i => $"10.20.30.{i}")
            .First(ip => new SpeakerWorld().Service("x", ip).Start().Announced("x") == ip);
        _world.Service("web", mine);
        Assert.Equal(mine, _world.Announced("web"));
        Assert.DoesNotContain(_world.Harness.Commands, command => command is LinkCommand.RetractService);
        Assert.DoesNotContain(_world.Harness.Metrics.Keys, key => key.EndsWith($"ip={Ours}", StringComparison.Ordinal));
    }

    [Fact]
    public void Interfaces_of_matching_advertisements_are_united_and_one_without_a_list_means_all()
    {
        _world.Advertisement("all", "{\"interfaces\":[\"eth0\"]}").Service("web", Ours).Start("eth0", "eth1", "eth2");
        Assert.Equal($"{Ours} on eth0", _world.Announced("web"));
        _world.Advertisement("more", "{\"interfaces\":[\"eth1\",\"missing\"]}");
        Assert.Equal($"{Ours} on eth0,eth1,missing", _world.Announced("web"));
        _world.Advertisement("any", "{}");
        Assert.Equal(Ours, _world.Announced("web"));
    }

    [Fact]
    public void A_winner_without_the_interface_announces_nothing_and_says_why_until_it_appears()
    {
        _world.Advertisement("all", "{\"interfaces\":[\"eth7\"]}").Service("web", Ours).Start();
        Assert.Equal("", _world.Announced("web"));
        Assert.Matches("^announceFailed: .*eth7", _world.Events("web").Single());
        Assert.DoesNotContain(_world.Harness.Metrics.Keys, key => key.StartsWith("metallb_speaker_announced", StringComparison.Ordinal));

        _world.Links("eth0", "eth7");
        Assert.Equal($"{Ours} on eth7", _world.Announced("web"));
    }

    [Fact]
    public void An_advertisement_that_becomes_invalid_keeps_its_last_valid_form()
    {
        _world.Service("web", Ours).Start();
        _world.Advertisement("all", "{\"nodeSelectors\":[{\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"Near\"}]}]}");
        Assert.Equal(Ours, _world.Announced("web"));
        Assert.Equal(1, _world.Harness.Metrics["metallb_k8s_client_config_stale_bool"]);
        Assert.Single(_world.Node.Snapshot.Rejections);
    }

    [Fact]
    public void A_pool_that_goes_away_under_an_announced_address_silences_it_only_when_the_controller_takes_it_away()
    {
        _world.Service("web", Ours).Start();
        _world.Delete(KubeResource.IpAddressPools, "pool");
        Assert.Equal(Ours, _world.Announced("web"));
        _world.Service("web", "");
        Assert.Equal("", _world.Announced("web"));
    }

    [Fact]
    public void An_api_server_that_is_away_for_an_hour_changes_nothing_and_sends_no_storm()
    {
        _world.Service("web", Ours).Start();
        var watches = _world.Api.OpenWatches;
        var commands = _world.Harness.Commands.Count;
        var requests = _world.Api.Requests.Count;
        _world.Api.Fault = request => new(request.Id, 0, default, null, "connection refused");
        _world.Api.CloseWatches();
        _world.Harness.Pass(TimeSpan.FromHours(1));
        Assert.Equal(commands, _world.Harness.Commands.Count);
        Assert.InRange(_world.Api.Requests.Count - requests, 1, 250 * watches);

        _world.Api.Fault = null;
        _world.Harness.Pass(TimeSpan.FromMinutes(2));
        _world.ClusterNode("iris1", Excluded);
        Assert.Equal("", _world.Announced("web"));
    }

    [Fact]
    public void Changes_that_can_move_nothing_cause_no_command_and_no_new_decision()
    {
        _world.Service("web", Ours).Start();
        var (commands, decisions) = (_world.Harness.Commands.Count, _world.Harness.Metrics["metallb_k8s_client_updates_total"]);
        _world.Links("eth0").ClusterNode("iris2", ",\"rack\":\"7\"").ClusterNode("iris2");
        Assert.Equal(decisions, _world.Harness.Metrics["metallb_k8s_client_updates_total"]);

        _world.Links("eth0", "eth1").Advertisement("racks", """{"nodeSelectors":[{"matchLabels":{"rack":"7"}}]}""");
        _world.ClusterNode("iris2", ",\"rack\":\"7\"");
        Assert.True(_world.Harness.Metrics["metallb_k8s_client_updates_total"] > decisions + 2);
        Assert.Equal(commands, _world.Harness.Commands.Count);
    }

    [Fact]
    public void A_restarted_speaker_reaches_the_same_answer()
    {
        _world.Service("web", Ours).Service("other", Hers).Start();
        var again = new NodeHarness(new SpeakerNode(new("iris1", "metallb-system"), 99), _world.Api);
        again.Start().Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged([new(1, "eth0", new(1))])));
        var announced = Assert.IsType<LinkCommand.AnnounceService>(Assert.Single(again.Commands));
        Assert.Equal(new ObjectKey("shop", "web"), announced.Service);
    }

    [Fact]
    public void Shutting_down_retracts_everything_and_ends()
    {
        _world.Service("web", Ours).Start();
        _world.Harness.Tell(new NodeInput.ShutdownRequested());
        Assert.Equal("", _world.Announced("web"));
        Assert.True(_world.Harness.IsShutDown);
    }

    [Theory]
    [InlineData("10.20.30.2 not-an-address")]
    [InlineData("192.0.2.1")]
    public void Addresses_that_cannot_be_read_or_lie_in_no_pool_are_not_announced(string addresses)
    {
        _world.Service("web", addresses).Start();
        Assert.Equal("", _world.Announced("web"));
    }
}
