using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Placement;

/// <summary>Which nodes are to advertise a Service by BGP, as every speaker works it out alike.</summary>
public sealed class BgpCandidatesTests
{
    private const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers=";
    private static readonly PoolConfig Routed = new("routed", []);
    private static readonly IpAddress V4 = IpAddress.Parse("10.0.0.1");
    private static readonly IpAddress V6 = IpAddress.Parse("fd00::1");

    [Fact]
    public void A_node_is_a_candidate_when_an_advertisement_covers_it_that_reaches_a_peer_of_it()
    {
        var candidacy = Judge(
            [
                BgpAd("near", new() { NodeSelectors = [Labelled("rack=1")] }),
                BgpAd("far", new() { NodeSelectors = [Labelled("rack=2")], Peers = ["two"] }),
                BgpAd("other", new() { IpAddressPools = ["other"] }),
            ],
            [PeerAt("one", "192.0.2.1", spec => spec with { NodeSelectors = [Labelled("rack=1")] }), PeerAt("two", "192.0.2.2")],
            [Node("c", "rack=3"), Node("b", "rack=2"), Node("a", "rack=1")])!;
        Assert.Equal(["a", "b"], candidacy.Nodes);
        Assert.Equal(["far", "near"], candidacy.Advertisements);
        Assert.Equal(["one", "two"], candidacy.Peers);
        Assert.Equal("c (no matching advertisement covers it)", Assert.Single(candidacy.Exclusions).ToString());
    }

    [Fact]
    public void Nodes_that_are_away_or_excluded_or_have_no_peer_or_no_endpoint_are_none_and_it_is_said_why()
    {
        var candidacy = Judge(
            [BgpAd("all")],
            [PeerAt("one", "192.0.2.1", spec => spec with { NodeSelectors = [Labelled("rack=1")] })],
            [
                Node("a", "rack=1"), Node("cut", "rack=1") with { IsNetworkUnavailable = true },
                Node("dead", "rack=1") with { IsAlive = false }, Node("far", "rack=2"), Node("idle", "rack=1"),
                Node("out", "rack=1", ExcludeLabel),
            ],
            new SortedSet<string>(["a", "dead"], StringComparer.Ordinal))!;
        Assert.Equal(["a"], candidacy.Nodes);
        Assert.Equal(
            [
                ("cut", ExclusionReason.NetworkUnavailable), ("dead", ExclusionReason.NotAlive), ("far", ExclusionReason.NoPeer),
                ("idle", ExclusionReason.NoLocalEndpoint), ("out", ExclusionReason.ExcludedByLabel),
            ],
            candidacy.Exclusions.Select(item => (item.Node, item.Reason)));
    }

    [Theory]
    [InlineData("192.0.2.1", false, null, true, false)]
    [InlineData("fd00::9", false, null, false, true)]
    [InlineData("fd00::9", true, null, true, true)]
    [InlineData(null, false, "eth1", true, true)]
    public void A_peer_counts_for_the_families_that_its_session_carries(
        string? address, bool isDual, string? device, bool carries4, bool carries6)
    {
        var peer = Peer("one", spec => spec with { PeerAddress = address, DualStackAddressFamily = isDual, Interface = device });
        Assert.Equal(carries4, IsCandidate(V4));
        Assert.Equal(carries6, IsCandidate(V6));
        Assert.True(IsCandidate(V4, V6));

        bool IsCandidate(params IpAddress[] addresses) =>
            !new BgpCandidates(BgpScope.Of([BgpAd("all")], [peer], BgpScope.Empty), [Node("a")], false)
                .Of(Routed, addresses, Labels(), null)!.Nodes.IsEmpty;
    }

    [Fact]
    public void Without_an_advertisement_for_the_pool_and_the_Service_there_is_nothing_to_be_candidate_for()
    {
        Assert.Null(Judge([BgpAd("other", new() { IpAddressPools = ["other"] })], [PeerAt("one", "192.0.2.1")], [Node("a")]));
        Assert.Null(Judge([BgpAd("some", new() { ServiceSelectors = [Labelled("a=b")] })], [PeerAt("one", "192.0.2.1")], [Node("a")]));
    }

    [Fact]
    public void Objects_whose_selectors_cannot_be_used_are_left_out_and_the_same_objects_are_the_same_scope()
    {
        var broken = Where("rack", "Resembles", "1");
        BgpAdvertisement[] advertisements = [BgpAd("all"), BgpAd("broken", new() { NodeSelectors = [broken] })];
        BgpPeer[] peers = [PeerAt("one", "192.0.2.1"), PeerAt("two", "192.0.2.2", spec => spec with { NodeSelectors = [broken] })];
        var scope = BgpScope.Of(advertisements, peers, BgpScope.Empty);
        Assert.Equal(("all", "one"), (Assert.Single(scope.Advertisements).Name, Assert.Single(scope.Peers).Name));
        Assert.Same(scope, BgpScope.Of(advertisements.Reverse(), peers.Reverse(), scope));
        Assert.NotSame(scope, BgpScope.Of(advertisements, [PeerAt("one", "fd00::1")], scope));
    }

    private static BgpCandidacy? Judge(
        BgpAdvertisement[] advertisements, BgpPeer[] peers, PlacementNode[] nodes, IReadOnlySet<string>? servingNodes = null) =>
        new BgpCandidates(BgpScope.Of(advertisements, peers, BgpScope.Empty), nodes, false).Of(Routed, [V4], Labels(), servingNodes);

    private static PlacementNode Node(string name, params string[] labels) => new(name, Labels(labels), true, false);
}
