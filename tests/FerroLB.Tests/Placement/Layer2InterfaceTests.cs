using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;
using static FerroLB.Tests.Placement.InterfaceStatementTests;
using static FerroLB.Tests.Placement.Layer2ElectionTests;

namespace FerroLB.Tests.Placement;

/// <summary>Candidates by interface and by subnet. By hash iris2 comes before iris1 for 10.20.30.1, the address of every test.</summary>
public sealed class Layer2InterfaceTests
{
    private static readonly StatedInterfaces Inside = Of(Interface("eth0", "10.20.30.0/24"));
    private static readonly StatedInterfaces Outside = Of(Interface("eth0", "192.168.7.0/24"));
    private static readonly StatedInterfaces Both = Of(Interface("eth0", "192.168.7.0/24"), Interface("eth1", "10.20.30.0/24"));
    private static readonly L2AdvertisementSpec OnEth1 = new() { Interfaces = ["eth1"] };
    private static readonly L2AdvertisementSpec Everywhere = new();

    [Fact]
    public void A_node_without_the_interface_is_no_candidate_when_another_has_it()
    {
        var placement = Place(Both, Inside, OnEth1);
        Assert.Equal(["iris1"], placement.Candidates);
        Assert.Equal([new NodeExclusion("iris2", ExclusionReason.LacksInterface)], placement.Exclusions);
        Assert.Equal("announced by node iris1; set aside: iris2 (has no interface to announce from)", placement.Explanation);
    }

    [Fact]
    public void Where_no_candidate_has_the_interface_all_stay() =>
        Assert.Equal(["iris2", "iris1"], Place(Inside, Inside, new L2AdvertisementSpec { Interfaces = ["eth7"] }).Candidates);

    [Fact]
    public void A_node_that_states_no_interface_yet_is_no_candidate() =>
        Assert.Equal(["iris1"], Place(Outside, StatedInterfaces.Nothing, Everywhere).Candidates);

    [Fact]
    public void A_node_outside_of_the_subnet_is_no_candidate_when_another_is_inside()
    {
        var placement = Place(Inside, Outside, Everywhere);
        Assert.Equal(["iris1"], placement.Candidates);
        Assert.Equal([new NodeExclusion("iris2", ExclusionReason.OutsideSubnet)], placement.Exclusions);
        Assert.Contains("iris2 (the address is in no subnet of its interfaces)", placement.Explanation);
        Assert.Equal(["iris2", "iris1"], Place(Outside, Outside, Everywhere).Candidates);
        Assert.Equal(["iris2", "iris1"], Place(Inside, Both, Everywhere).Candidates);
    }

    [Fact]
    public void Only_the_subnets_of_interfaces_that_the_advertisements_name_count()
    {
        Assert.Equal(["iris1"], Place(Inside, Both, new L2AdvertisementSpec { Interfaces = ["eth0"] }).Candidates);
        Assert.Equal(["iris2", "iris1"], Place(Inside, Both, new() { Interfaces = ["eth0"] }, OnEth1).Candidates);
    }

    [Fact]
    public void An_advertisement_can_allow_any_subnet_to_the_nodes_that_it_covers()
    {
        var first = new L2AdvertisementSpec { NodeSelectors = [Labelled("rack=1")] };
        var second = new L2AdvertisementSpec { NodeSelectors = [Labelled("rack=2")] };
        Assert.Equal(["iris2", "iris1"], PlaceAnySubnet(Inside, Outside, Everywhere).Candidates);
        Assert.Equal(["iris1"], PlaceAnySubnet(Inside, Outside, first).Candidates);
        Assert.Equal(["iris2", "iris1"], PlaceAnySubnet(Inside, Outside, second).Candidates);
        Assert.Equal(["iris2", "iris1"], PlaceAnySubnet(Outside, Outside, first).Candidates);
    }

    [Fact]
    public void As_long_as_one_living_speaker_states_nothing_interfaces_do_not_count()
    {
        Assert.Equal(["iris2", "iris1"], Place(Inside, null, Everywhere).Candidates);
        Assert.Equal(["iris2", "iris1"], Place(null, Outside, Everywhere).Candidates);
        PlacementNode[] withDead = [With("iris1", Inside), With("iris2", Outside), Node("iris3") with { IsAlive = false }];
        Assert.Equal(["iris1"], Election(withDead, Everywhere).Place(Request(), "iris1").Candidates);
        PlacementNode[] withSilent = [With("iris1", Inside), With("iris2", Outside), Node("iris3", Layer2Election.ExcludeLabel + "=")];
        Assert.Equal(["iris2", "iris1"], Election(withSilent, Everywhere).Place(Request(), "iris1").Candidates);
    }

    [Fact]
    public void A_node_with_too_many_interfaces_to_say_is_never_set_aside_and_sets_nobody_aside()
    {
        Assert.Equal(["iris2", "iris1"], Place(Inside, StatedInterfaces.Everything, OnEth1, Everywhere).Candidates);
        Assert.Equal(["iris2", "iris1"], Place(StatedInterfaces.Everything, Outside, Everywhere).Candidates);
        Assert.Equal(["iris2", "iris1"], Place(StatedInterfaces.Everything, Outside, OnEth1).Candidates);
    }

    [Fact]
    public void A_score_counts_among_those_who_remain()
    {
        var preferring = Preferring((100, Labelled("rack=2")));
        Assert.Equal("iris1", Place(Inside, Outside, preferring).Owner);
        Assert.Equal("iris2", Place(Inside, Inside, preferring).Owner);
    }

    [Fact]
    public void An_IPv6_address_needs_an_interface_that_speaks_IPv6()
    {
        var mute = Of(Interface("eth0", "fd00:7::/64") with { SpeaksIpv6 = false });
        var speaking = Of(Interface("eth0", "fd00:7::/64"));
        foreach (var address in Enumerable.Range(1, 20).Select(i => $"fd00:7::{i}"))
        {
            var placement = Election([With("iris1", speaking), With("iris2", mute)], Everywhere).Place(Request(address), "iris1");
            Assert.Equal(["iris1"], placement.Candidates);
            Assert.Equal(ExclusionReason.LacksInterface, Assert.Single(placement.Exclusions).Reason);
        }
    }

    [Fact]
    public void Of_two_addresses_that_live_together_those_nodes_stay_that_reach_the_most()
    {
        var request = Request() with { Followers = [IpAddress.Parse("fd00:7::1")] };
        var four = Of(Interface("eth0", "10.20.30.0/24"));
        var six = Of(Interface("eth0", "fd00:7::/64"));
        var all = Of(Interface("eth0", "10.20.30.0/24", "fd00:7::/64"));
        Assert.Equal(["iris1"], Election([With("iris1", all), With("iris2", four)], Everywhere).Place(request, "iris1").Candidates);
        var each = Election([With("iris1", six), With("iris2", four)], Everywhere);
        Assert.Equal(["iris2", "iris1"], each.Place(request, "iris1").Candidates);
    }

    private static Layer2Placement Place(StatedInterfaces? first, StatedInterfaces? second, params L2AdvertisementSpec[] specs) =>
        Election([With("iris1", first), With("iris2", second)], specs).Place(Request(), "iris1");

    // The advertisement allows any subnet; a plain one stands beside it.
    private static Layer2Placement PlaceAnySubnet(StatedInterfaces first, StatedInterfaces second, L2AdvertisementSpec spec)
    {
        var anySubnet = Advertisement("any", spec) with
        {
            Metadata = new() { Name = "any", Annotations = Labels("ferrolb.io/any-subnet=true") },
        };
        var result = Build([Pool("p", "10.0.0.0/8"), anySubnet, Advertisement("plain", new())]);
        Assert.Empty(result.Rejections);
        return new Layer2Election(result.Config, [With("iris1", first), With("iris2", second)], false).Place(Request(), "iris1");
    }

    private static PlacementNode With(string name, StatedInterfaces? stated) => Node(name, "rack=" + name[^1]) with { Interfaces = stated };
}
