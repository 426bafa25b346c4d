using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;
using static FerroLB.Tests.Placement.Layer2ElectionTests;

namespace FerroLB.Tests.Placement;

/// <summary>What advertisements do to the election: nodes, Services, interfaces, preferences.</summary>
public sealed class Layer2AdvertisementTests
{
    private static readonly PlacementNode Iris1 = Node("iris1", "rack=1", "zone=z");
    private static readonly PlacementNode Iris2 = Node("iris2", "rack=2");
    private static readonly LabelSelector Rack1 = Labelled("rack=1");
    private static readonly LabelSelector Rack2 = Labelled("rack=2");

    [Fact]
    public void Without_an_advertisement_of_the_pool_nobody_announces()
    {
        var placement = Election([Iris1], new L2AdvertisementSpec { IpAddressPools = ["other"] }).Place(Request(), "iris1");
        Assert.Equal(Layer2Verdict.NoMatchingAdvertisement, placement.Verdict);
        Assert.Equal("noMatchingAdvertisement", placement.LogReason);
        Assert.Equal("no L2Advertisement matches the Service and its pool", placement.Explanation);
    }

    [Fact]
    public void An_advertisement_for_one_node_is_announced_there_and_has_no_match_elsewhere()
    {
        var election = Election([Iris1, Iris2], new L2AdvertisementSpec { NodeSelectors = [Rack1] });
        Assert.Equal(Layer2Verdict.Announce, election.Place(Request(), "iris1").Verdict);
        var other = election.Place(Request(), "iris2");
        Assert.Equal(Layer2Verdict.NoMatchingAdvertisement, other.Verdict);
        Assert.Equal("iris1", other.Owner);
    }

    [Fact]
    public void Two_advertisements_for_one_node_each_elect_among_both()
    {
        var election = Election([Iris1, Iris2], new() { NodeSelectors = [Rack1] }, new() { NodeSelectors = [Rack2] });
        Assert.Equal(Layer2Verdict.Announce, election.Place(Request(), "iris2").Verdict);
        Assert.Equal(Layer2Verdict.OtherNodeWon, election.Place(Request(), "iris1").Verdict);
        var local = Request() with { IsTrafficPolicyLocal = true, ServingNodes = ImmutableSortedSet.Create("iris1") };
        Assert.Equal(Layer2Verdict.Announce, election.Place(local, "iris1").Verdict);
        Assert.Equal(Layer2Verdict.OtherNodeWon, election.Place(local, "iris2").Verdict);
    }

    [Fact]
    public void An_endpoint_on_one_node_and_the_advertisement_on_another_leave_nobody()
    {
        var election = Election([Iris1, Iris2], new L2AdvertisementSpec { NodeSelectors = [Rack2] });
        var local = Request() with { IsTrafficPolicyLocal = true, ServingNodes = ImmutableSortedSet.Create("iris1") };
        Assert.Equal(Layer2Verdict.NoMatchingAdvertisement, election.Place(local, "iris1").Verdict);
        Assert.Equal(Layer2Verdict.NoCandidate, election.Place(local, "iris2").Verdict);
    }

    [Fact]
    public void A_selector_that_no_node_matches_leaves_nobody_until_a_node_gets_the_label()
    {
        var spec = new L2AdvertisementSpec { NodeSelectors = [Labelled("lb=yes")] };
        var nobody = Election([Iris1, Iris2], spec).Place(Request(), "iris1");
        Assert.Null(nobody.Owner);
        Assert.Equal(Layer2Verdict.NoMatchingAdvertisement, nobody.Verdict);
        Assert.Contains("no matching advertisement covers it", nobody.Explanation);
        Assert.Equal("iris1", Election([Node("iris1", "lb=yes"), Iris2], spec).Place(Request(), "iris1").Owner);
    }

    [Theory]
    [InlineData("app=nginx", true)]
    [InlineData("app=apache", true)]
    [InlineData("app=other", false)]
    [InlineData("x=y", false)]
    public void Service_selectors_are_alternatives(string label, bool announced)
    {
        var election = Election([Iris1], new L2AdvertisementSpec { ServiceSelectors = [Labelled("app=nginx"), Labelled("app=apache")] });
        var placement = election.Place(Request() with { Labels = Labels(label) }, "iris1");
        Assert.Equal(announced ? Layer2Verdict.Announce : Layer2Verdict.NoMatchingAdvertisement, placement.Verdict);
    }

    [Fact]
    public void Service_selectors_narrow_the_candidates()
    {
        var election = Election(
            [Iris1, Iris2],
            new() { NodeSelectors = [Rack1], ServiceSelectors = [Labelled("svc=foo")] },
            new() { NodeSelectors = [Rack2], ServiceSelectors = [Labelled("svc=bar")] });
        Assert.Equal("iris1", election.Place(Request() with { Labels = Labels("svc=foo") }, "iris1").Owner);
        Assert.Equal("iris2", election.Place(Request() with { Labels = Labels("svc=bar") }, "iris1").Owner);
    }

    [Fact]
    public void The_right_node_with_the_wrong_Service_and_the_right_Service_on_a_ghost_announce_nothing()
    {
        var election = Election(
            [Iris1, Iris2],
            new() { NodeSelectors = [Rack1], ServiceSelectors = [Labelled("svc=other")] },
            new() { NodeSelectors = [Labelled("rack=99")], ServiceSelectors = [Labelled("svc=mine")] });
        Assert.Null(election.Place(Request() with { Labels = Labels("svc=mine") }, "iris1").Owner);
    }

    [Fact]
    public void A_shared_address_and_service_selectors_exclude_each_other()
    {
        var selective = new L2AdvertisementSpec { ServiceSelectors = [Labelled("app=web")] };
        var shared = Request() with { Labels = Labels("app=web"), HasSharingAnnotation = true };
        foreach (var election in new[] { Election([Iris1], selective), Election([Iris1], new L2AdvertisementSpec(), selective) })
        {
            var placement = election.Place(shared, "iris1");
            Assert.Equal(Layer2Verdict.SharedAddressWithServiceSelector, placement.Verdict);
            Assert.Equal("sharedIPWithServiceSelector", placement.LogReason);
            Assert.Null(placement.Owner);
        }
        Assert.Equal("iris1", Election([Iris1], selective).Place(shared with { HasSharingAnnotation = false }, "iris1").Owner);
        Assert.Equal("iris1", Election([Iris1], new L2AdvertisementSpec()).Place(shared, "iris1").Owner);
        Assert.Equal(
            "iris1",
            Election([Iris1], new L2AdvertisementSpec(), selective).Place(shared with { Labels = Labels("app=db") }, "iris1").Owner);
    }

    [Fact]
    public void Interfaces_are_the_union_of_the_advertisements_that_match_Service_and_node()
    {
        Assert.Equal(["eth0"], Interfaces(new L2AdvertisementSpec { Interfaces = ["eth0"] }));
        Assert.Equal(["eth0", "eth1"], Interfaces(new() { Interfaces = ["eth1"] }, new() { Interfaces = ["eth0"] }));
        Assert.Null(Interfaces(new() { Interfaces = ["eth1"] }, new L2AdvertisementSpec()));
        Assert.Equal(["eth1"], Interfaces(new() { Interfaces = ["eth1"] }, new() { Interfaces = ["eth0"], NodeSelectors = [Rack2] }));
        Assert.Equal(
            ["eth1"], Interfaces(new() { Interfaces = ["eth1"] }, new() { Interfaces = ["eth0"], ServiceSelectors = [Labelled("a=b")] }));
        Assert.Equal([], Interfaces(new L2AdvertisementSpec { NodeSelectors = [Rack2] })!);
    }

    [Fact]
    public void Nodes_agree_on_the_winner_but_each_has_its_own_interfaces()
    {
        var election = Election(
            [Iris1, Iris2], new() { NodeSelectors = [Rack1], Interfaces = ["a"] }, new() { NodeSelectors = [Rack2], Interfaces = ["b"] });
        var one = election.Place(Request(), "iris1");
        var two = election.Place(Request(), "iris2");
        Assert.Equal(one.Owner, two.Owner);
        Assert.Equal(["a"], one.Interfaces!);
        Assert.Equal(["b"], two.Interfaces!);
    }

    [Fact]
    public void A_preferred_node_wins_until_it_cannot_announce()
    {
        var spec = Preferring((100, Rack1));
        Assert.Equal("iris1", Election([Iris1, Iris2], spec).Place(Request(), "iris1").Owner);
        Assert.Equal("iris2", Election([Iris1 with { IsAlive = false }, Iris2], spec).Place(Request(), "iris1").Owner);
        Assert.Equal("iris2", Election([Iris1 with { IsNetworkUnavailable = true }, Iris2], spec).Place(Request(), "iris1").Owner);
        var local = Request() with { IsTrafficPolicyLocal = true, ServingNodes = ImmutableSortedSet.Create("iris2") };
        Assert.Equal("iris2", Election([Iris1, Iris2], spec).Place(local, "iris1").Owner);
    }

    [Fact]
    public void Preferences_that_match_all_or_none_change_nothing() =>
        Assert.Equal(
            "iris2",
            Election([Iris1, Iris2], Preferring((50, Labelled("rack=9")), (10, new LabelSelector()))).Place(Request(), "iris1").Owner);

    [Fact]
    public void Weights_add_up_within_and_across_advertisements()
    {
        PlacementNode[] nodes = [Node("both", "zone=a", "role=edge"), Node("zone", "zone=a"), Node("role", "role=edge"), Node("none")];
        string[] order = ["both", "zone", "role", "none"];
        var within = Election(nodes, Preferring((60, Labelled("zone=a")), (50, Labelled("role=edge"))));
        Assert.Equal(order, within.Place(Request(), "none").Candidates);
        var across = Election(nodes, Preferring((60, Labelled("zone=a"))), Preferring((50, Labelled("role=edge"))));
        Assert.Equal(order, across.Place(Request(), "none").Candidates);
    }

    [Fact]
    public void Equal_advertisements_with_preferences_stack()
    {
        var wish = Preferring((30, Rack1));
        Assert.Equal("iris2", Election([Iris1, Iris2], wish, Preferring((50, Rack2))).Place(Request(), "iris1").Owner);
        Assert.Equal("iris1", Election([Iris1, Iris2], wish, wish, Preferring((50, Rack2))).Place(Request(), "iris1").Owner);
    }

    [Fact]
    public void A_pool_reached_by_name_and_by_label_counts_the_weights_once()
    {
        var spec = Preferring((30, Rack1)) with { IpAddressPools = ["p"], IpAddressPoolSelectors = [new()] };
        Assert.Equal("iris2", Election([Iris1, Iris2], spec, Preferring((50, Rack2))).Place(Request(), "iris1").Owner);
    }

    [Fact]
    public void A_preference_counts_only_for_nodes_that_its_own_advertisement_covers()
    {
        var onlyRack2 = Preferring((100, Rack1)) with { NodeSelectors = [Rack2] };
        Assert.Equal("iris2", Election([Iris1, Iris2], onlyRack2, new L2AdvertisementSpec()).Place(Request(), "iris1").Owner);
        Assert.Equal("iris2", Election([Iris1, Iris2], onlyRack2).Place(Request(), "iris1").Owner);
    }

    [Fact]
    public void A_preference_counts_only_for_Services_that_its_own_advertisement_matches()
    {
        var forFoo = Preferring((100, Rack1)) with { ServiceSelectors = [Labelled("svc=foo")] };
        var election = Election([Iris1, Iris2], forFoo, new L2AdvertisementSpec());
        Assert.Equal("iris1", election.Place(Request() with { Labels = Labels("svc=foo") }, "iris1").Owner);
        Assert.Equal("iris2", election.Place(Request() with { Labels = Labels("svc=bar") }, "iris1").Owner);
    }

    [Fact]
    public void Mixed_advertisements_lead_all_nodes_to_one_winner()
    {
        PlacementNode[] nodes = [.. Enumerable.Range(0, 6).Select(i => Node($"n{i}", $"rack={i % 3}", $"half={i % 2}"))];
        var election = Election(
            nodes,
            new() { NodeSelectors = [Rack1] }, Preferring((7, Labelled("half=1"))) with { NodeSelectors = [Rack2, Rack1] },
            Preferring((100, Labelled("rack=0"))) with { ServiceSelectors = [Labelled("no=match")] });
        foreach (var address in Enumerable.Range(0, 50).Select(i => $"10.1.1.{i}"))
        {
            var placements = nodes.Select(node => (node.Name, Placement: election.Place(Request(address), node.Name))).ToList();
            var owner = Assert.Single(placements.Select(item => item.Placement.Owner).Distinct());
            Assert.Equal(owner, Assert.Single(placements, item => item.Placement.Verdict == Layer2Verdict.Announce).Name);
            Assert.Contains(owner, (string[])["n1", "n5"]);
        }
    }

    private static ImmutableSortedSet<string>? Interfaces(params L2AdvertisementSpec[] specs) =>
        Election([Iris1, Iris2], specs).Place(Request(), "iris1").Interfaces;
}
