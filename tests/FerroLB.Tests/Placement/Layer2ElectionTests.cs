using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Placement;

public sealed class Layer2ElectionTests
{
    private static readonly IpAddress Address = IpAddress.Parse("10.20.30.1");
    private static readonly PlacementNode Iris1 = Node("iris1", "rack=1");
    private static readonly PlacementNode Iris2 = Node("iris2", "rack=2");

    [Theory]
    [InlineData("10.0.0.1", "node-b node-a node-c")]
    [InlineData("10.0.0.2", "node-b node-c node-a")]
    [InlineData("fc00:f853:ccd:e799::1", "node-b node-a node-c")]
    public void The_published_vectors_hold_whatever_the_order_of_the_nodes(string address, string order)
    {
        foreach (var names in new[] { "node-a node-b node-c", "node-c node-a node-b", "node-b node-c node-a" })
        {
            var election = Election([.. names.Split(' ').Select(name => Node(name))], new L2AdvertisementSpec());
            Assert.Equal(order.Split(' '), election.Place(Request(address), "node-a").Candidates);
        }
    }

    [Theory]
    [InlineData("node-a#10.0.0.1", "DD41591FE8F31F9F")]
    [InlineData("node-b#10.0.0.1", "2ACAE88581FD8B47")]
    [InlineData("node-c#10.0.0.1", "F949561F9D43A768")]
    [InlineData("node-a#fc00:f853:ccd:e799::1", "7AD384BF62203A4F")]
    [InlineData("iris1#10.20.30.1", "E42AD61A4159FA2D")]
    [InlineData("iris2#10.20.30.1", "AF6CB4E7605814D2")]
    public void The_hash_is_that_of_node_and_address(string text, string firstBytes) =>
        Assert.Equal(firstBytes, System.Convert.ToHexString(StableHash.Sha256(text))[..16]);

    [Fact]
    public void The_natural_winner_announces_and_the_other_does_not()
    {
        var election = Election([Iris1, Iris2], new L2AdvertisementSpec());
        Assert.Equal(Layer2Verdict.Announce, election.Place(Request(), "iris2").Verdict);
        var loser = election.Place(Request(), "iris1");
        Assert.Equal(Layer2Verdict.OtherNodeWon, loser.Verdict);
        Assert.Equal("notOwner", loser.LogReason);
        Assert.Equal("iris2", loser.Owner);
        Assert.Equal("announced by node iris2", loser.Explanation);
    }

    [Fact]
    public void A_score_beats_the_hash_and_each_group_is_in_hash_order()
    {
        PlacementNode[] nodes = [Node("edge-a", "prefer=yes"), Node("edge-b"), Node("worker-a"), Node("worker-b")];
        Assert.Equal(
            ["edge-b", "worker-a", "edge-a", "worker-b"], Election(nodes, new L2AdvertisementSpec()).Place(Request(), "edge-a").Candidates);
        Assert.Equal(
            ["edge-a", "edge-b", "worker-a", "worker-b"],
            Election(nodes, Preferring((100, Labelled("prefer=yes")))).Place(Request(), "edge-a").Candidates);
    }

    [Fact]
    public void Over_many_addresses_exactly_one_of_two_nodes_announces_each_and_both_win_some()
    {
        var election = Election([Iris1, Iris2], new L2AdvertisementSpec());
        var winners = Enumerable.Range(0, 255).Select(i =>
        {
            var request = Request($"10.20.30.{i}");
            var announcing = new[] { "iris1", "iris2" }.Where(node => election.Place(request, node).Verdict == Layer2Verdict.Announce);
            return Assert.Single(announcing);
        }).ToList();
        Assert.Equal(2, winners.Distinct().Count());
    }

    [Fact]
    public void Services_that_share_an_address_elect_the_same_node()
    {
        var election = Election([Iris1, Iris2], new L2AdvertisementSpec());
        var one = Request() with { Labels = Labels("app=a"), HasSharingAnnotation = true };
        var other = Request() with { Labels = Labels("app=b"), HasSharingAnnotation = true };
        Assert.Equal(election.Place(one, "iris1").Owner, election.Place(other, "iris1").Owner);
    }

    [Fact]
    public void Losing_a_node_moves_only_what_it_owned()
    {
        PlacementNode[] nodes = [Node("a"), Node("b"), Node("c")];
        var whole = Election(nodes, new L2AdvertisementSpec());
        var without = Election([Node("a"), Node("b") with { IsAlive = false }, Node("c")], new L2AdvertisementSpec());
        foreach (var address in Enumerable.Range(0, 100).Select(i => $"10.20.30.{i}"))
        {
            var before = whole.Place(Request(address), "a").Candidates;
            Assert.Equal(before.Remove("b").AsEnumerable(), without.Place(Request(address), "a").Candidates);
        }
    }

    [Fact]
    public void An_address_in_no_pool_is_not_announced()
    {
        var placement = Election([Iris1], new L2AdvertisementSpec()).Place(Request("192.0.2.1"), "iris1");
        Assert.Equal(Layer2Verdict.AddressNotInPools, placement.Verdict);
        Assert.Equal("ipNotAllowed", placement.LogReason);
        Assert.Null(placement.Owner);
    }

    [Fact]
    public void A_Service_without_a_serving_endpoint_is_not_announced()
    {
        var placement = Election([Iris1], new L2AdvertisementSpec()).Place(Request() with { HasServingEndpoint = false }, "iris1");
        Assert.Equal(Layer2Verdict.NoServingEndpoint, placement.Verdict);
        Assert.Equal("notOwner", placement.LogReason);
    }

    [Theory]
    [InlineData("iris1", "iris1")]
    [InlineData("iris2", "iris2")]
    [InlineData("iris1 iris2", "iris2")]
    [InlineData("", null)]
    [InlineData("elsewhere", null)]
    public void With_traffic_policy_Local_only_nodes_with_a_serving_endpoint_are_candidates(string serving, string? owner)
    {
        var request = Request() with { IsTrafficPolicyLocal = true, ServingNodes = serving.Split(' ').ToImmutableSortedSet() };
        var election = Election([Iris1, Iris2], new L2AdvertisementSpec());
        foreach (var node in new[] { "iris1", "iris2" })
        {
            var placement = election.Place(request, node);
            Assert.Equal(owner, placement.Owner);
            Assert.Equal(
                owner == node ? Layer2Verdict.Announce : owner is null ? Layer2Verdict.NoCandidate : Layer2Verdict.OtherNodeWon,
                placement.Verdict);
        }
    }

    [Fact]
    public void With_traffic_policy_Cluster_it_does_not_matter_where_the_endpoints_are() =>
        Assert.Equal("iris2", Election([Iris1, Iris2], new L2AdvertisementSpec())
            .Place(Request() with { ServingNodes = ImmutableSortedSet.Create("iris1") }, "iris1").Owner);

    [Fact]
    public void Nodes_that_cannot_announce_are_no_candidates_and_the_reasons_are_told()
    {
        var election = Election(
            [
                Iris1 with { IsAlive = false }, Iris2 with { IsNetworkUnavailable = true },
                Node("iris3", $"{Layer2Election.ExcludeLabel}="),
                Node("iris4", "rack=4"), new("iris5", null, true, false), Node("iris6", "rack=6"),
            ],
            new L2AdvertisementSpec { NodeSelectors = [Where("rack", "In", "1", "2", "6"), Labelled($"{Layer2Election.ExcludeLabel}=")] });
        var placement = election.Place(Request() with { IsTrafficPolicyLocal = true }, "iris6");
        Assert.Equal(Layer2Verdict.NoCandidate, placement.Verdict);
        Assert.Equal(
            [
                new("iris1", ExclusionReason.NotAlive), new("iris2", ExclusionReason.NetworkUnavailable),
                new("iris3", ExclusionReason.ExcludedByLabel), new("iris4", ExclusionReason.NotCovered),
                new("iris5", ExclusionReason.NotCovered), new NodeExclusion("iris6", ExclusionReason.NoLocalEndpoint),
            ],
            placement.Exclusions);
        Assert.StartsWith("no node may announce: iris1 (no living speaker), iris2 (its network is unavailable)", placement.Explanation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("false")]
    [InlineData("true")]
    public void The_exclude_label_counts_with_any_value_unless_the_flag_ignores_it(string value)
    {
        var labelled = Node("iris2", $"{Layer2Election.ExcludeLabel}={value}");
        Assert.Equal("iris1", Election([Iris1, labelled], new L2AdvertisementSpec()).Place(Request(), "iris1").Owner);
        var ignoring = new Layer2Election(Config(new L2AdvertisementSpec()), [Iris1, labelled], ignoreExcludeLabel: true);
        Assert.Equal("iris2", ignoring.Place(Request(), "iris1").Owner);
        var local = Request() with { IsTrafficPolicyLocal = true, ServingNodes = ImmutableSortedSet.Create("iris2") };
        Assert.Equal("iris2", ignoring.Place(local, "iris1").Owner);
    }

    [Fact]
    public void Without_a_node_to_be_found_nobody_announces() =>
        Assert.Equal(Layer2Verdict.NoMatchingAdvertisement, Election([], new L2AdvertisementSpec()).Place(Request(), "iris1").Verdict);

    internal static Layer2Request Request(string? address = null) =>
        new(address is null ? Address : IpAddress.Parse(address)) { HasServingEndpoint = true };

    internal static PlacementNode Node(string name, params string[] labels) =>
        new(name, Labels(labels), IsAlive: true, IsNetworkUnavailable: false);

    internal static L2AdvertisementSpec Preferring(params (int Weight, LabelSelector Nodes)[] wishes) => new()
    {
        PreferredNodeSelectors = [.. wishes.Select(wish => new PreferredNodeSelector { Weight = wish.Weight, Preference = wish.Nodes })],
    };

    internal static ClusterConfig Config(params L2AdvertisementSpec[] specs)
    {
        var result = Build(
            [
                Pool("p", "10.0.0.0/8", "fc00::/7"),
                .. specs.Select((spec, index) => Advertisement($"l2-{index}", spec)),
            ]);
        Assert.Empty(result.Rejections);
        return result.Config;
    }

    internal static Layer2Election Election(IEnumerable<PlacementNode> nodes, params L2AdvertisementSpec[] specs) =>
        new(Config(specs), nodes, ignoreExcludeLabel: false);
}
