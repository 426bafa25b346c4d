using System;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;
using static FerroLB.Tests.Placement.Layer2ElectionTests;

namespace FerroLB.Tests.Placement;

/// <summary>Who owns an address that several Services share.</summary>
public sealed class SharedAddressElectionTests
{
    private static readonly PlacementNode[] Nodes = [Node("iris1", "rack=1"), Node("iris2", "rack=2"), Node("iris3", "rack=3")];
    private static readonly Layer2Election Plain = Election(Nodes, new L2AdvertisementSpec());
    private static readonly IpAddress Shared = IpAddress.Parse("10.20.30.1");

    [Fact]
    public void Services_that_elect_by_the_same_address_need_no_other_order() =>
        Assert.Null(Plain.Reconcile(Shared, [Request(), Request(), Request() with { Labels = Labels("app=a") }]));

    [Fact]
    public void Services_that_elect_the_same_node_by_different_addresses_keep_it()
    {
        var same = FirstElecting(Plain.Place(Request(), "iris1").Owner!);
        Assert.Null(Plain.Reconcile(Shared, [Request(), Request(same)]));
    }

    [Fact]
    public void Services_that_disagree_leave_it_to_the_hash_of_the_shared_address()
    {
        var own = Plain.Place(Request(), "iris1").Candidates;
        var other = Request(FirstElecting(own[1]));
        Assert.Equal(own, Plain.Reconcile(Shared, [Request(), other])!.Value);
        Assert.Equal(own, Plain.Reconcile(Shared, [other, Request()])!.Value);
        Assert.Equal(own, Plain.Reconcile(Shared, [other, Request(FirstElecting(own[2]))])!.Value);
    }

    [Fact]
    public void A_Service_that_nobody_announces_has_no_voice()
    {
        var other = Request(FirstElecting("iris1"));
        Assert.Null(Plain.Reconcile(Shared, [Request(), other with { HasServingEndpoint = false }]));
        Assert.Null(Plain.Reconcile(Shared, [Request(), other with { IsTrafficPolicyLocal = true }]));
        Assert.Null(Plain.Reconcile(Shared, []));
    }

    [Fact]
    public void With_endpoints_on_different_nodes_the_one_that_serves_the_most_comes_first()
    {
        var order = Plain.Reconcile(Shared, [Local("iris1"), Local("iris1", "iris3"), Local("iris2", "iris3"), Local("iris3")])!.Value;
        Assert.Equal(["iris3", "iris1", "iris2"], order);
    }

    [Fact]
    public void A_score_comes_before_the_hash()
    {
        foreach (var name in new[] { "iris1", "iris2", "iris3" })
        {
            var election = Election(Nodes, Preferring((5, Labelled("rack=" + name[^1]))));
            var order = election.Reconcile(Shared, [.. Nodes.Select(node => Local(node.Name))])!.Value;
            Assert.Equal(name, order[0]);
        }
    }

    [Fact]
    public void The_owner_announces_for_those_that_it_can_serve_and_the_others_say_who_has_the_address()
    {
        var served = Plain.Place(Local("iris1", "iris2"), "iris2").Among(["iris2", "iris3", "iris1"], "iris2");
        Assert.Equal((Layer2Verdict.Announce, "iris2"), (served.Verdict, served.Owner));
        Assert.Equal(["iris2", "iris1"], served.Candidates);
        Assert.Equal(
            Layer2Verdict.OtherNodeWon, Plain.Place(Local("iris1", "iris2"), "iris1").Among(["iris2", "iris3", "iris1"], "iris1").Verdict);
        var left = Plain.Place(Local("iris1"), "iris1").Among(["iris2", "iris1"], "iris1");
        Assert.Equal((Layer2Verdict.OwnedForOthers, null, "notOwner"), (left.Verdict, left.Owner, left.LogReason));
        Assert.StartsWith("the address is shared, and node iris2 announces it for other Services", left.Explanation);
    }

    [Fact]
    public void Whatever_Services_share_an_address_it_has_one_owner_and_it_is_theirs_when_they_agree()
    {
        var random = new SeededRandom(3);
        for (var round = 0; round < 500; round++)
        {
            var requests = Enumerable.Range(0, 1 + random.Next(4)).Select(_ => Request($"10.20.30.{1 + random.Next(3)}") with
            {
                IsTrafficPolicyLocal = random.Chance(0.5),
                HasServingEndpoint = random.Chance(0.9),
                ServingNodes = Nodes.Where(_ => random.Chance(0.5)).Select(node => node.Name).ToImmutableSortedSet(StringComparer.Ordinal),
            }).ToList();
            var placements = requests.ConvertAll(request => Plain.Place(request, "iris1"));
            var wanted = placements.Select(placement => placement.Owner).Where(owner => owner is not null).Distinct().ToList();
            var order = Plain.Reconcile(Shared, requests);
            var settled = placements.Select(placement => order is { } agreed ? placement.Among(agreed, "iris1") : placement);
            var owners = settled.Select(placement => placement.Owner).Where(owner => owner is not null).Distinct().ToList();
            Assert.Equal(Math.Min(1, wanted.Count), owners.Count);
            Assert.True(wanted.Count != 1 || owners[0] == wanted[0]);
        }
    }

    private static Layer2Request Local(params string[] nodes) => Request() with
    {
        IsTrafficPolicyLocal = true,
        ServingNodes = nodes.ToImmutableSortedSet(StringComparer.Ordinal),
    };

    private static string FirstElecting(string node) => Enumerable.Range(2, 250).Select(i => $"10.20.30.{i}")
        .First(address => Plain.Place(Request(address), "iris1").Owner == node);
}
