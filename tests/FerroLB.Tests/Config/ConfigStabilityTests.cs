using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

/// <summary>Random configurations of all kinds, with many clashes, changed step by step.</summary>
public sealed class ConfigStabilityTests
{
    private static readonly string[] Names = ["a", "b", "c", "d"];
    private static readonly string[] Racks = ["rack=1", "rack=2", "rack=3"];

    [Fact]
    public void Building_again_from_the_same_objects_changes_nothing_and_what_is_in_force_fits_together()
    {
        for (var seed = 0u; seed < 150; seed++)
        {
            var random = new SeededRandom(seed);
            var objects = new SortedDictionary<string, KubeObject>();
            var result = ConfigResult.Empty;
            for (var step = 0; step < 15; step++)
            {
                var item = Any(random);
                if (random.Next(5) == 0)
                    objects.Remove($"{item.GetType().Name}/{item.Key}");
                else
                    objects[$"{item.GetType().Name}/{item.Key}"] = item;
                result = Rebuild(result, [.. objects.Values]);
                var again = Rebuild(result, [.. objects.Values.Reverse()]);
                Assert.Same(result.Config, again.Config);
                Assert.Equal(result.Rejections.AsEnumerable(), again.Rejections);
                CheckFit(result.Config, [.. objects.Values.OfType<Node>()]);
                CheckOutcomes(result, objects.Values);
            }
        }
    }

    private static void CheckFit(ClusterConfig config, List<Node> nodes)
    {
        foreach (var (left, right) in Pairs(config.BgpPeers))
        {
            var meet = Meet(nodes, labels => left.CoversNode(labels) && right.CoversNode(labels));
            Assert.False(meet && left.Vrf == right.Vrf && (left.Target == right.Target || left.MyAsn != right.MyAsn), $"{left} {right}");
        }
        Assert.Distinct(config.Communities.SelectMany(community => community.Aliases.Select(alias => alias.Alias)));
        foreach (var pool in config.Pools)
        {
            foreach (var (left, right) in Pairs(config.BgpAdvertisementsOf(pool)))
            {
                var meet = Meet(nodes, labels => left.CoversNode(labels) && right.CoversNode(labels));
                Assert.False(meet && LocalPreferenceClash.IsBetween(left, right, pool));
            }
        }
    }

    private static bool Meet(List<Node> nodes, Func<IReadOnlyDictionary<string, string>, bool> areBothOn) =>
        nodes.Count == 0 || nodes.Exists(node => areBothOn(node.Metadata.Labels!));

    /// <summary>Every object is in force, or somebody said why not.</summary>
    private static void CheckOutcomes(ConfigResult result, IEnumerable<KubeObject> objects)
    {
        var rejected = result.Rejections.Select(rejection => (rejection.Kind, rejection.Object.Name)).ToHashSet();
        foreach (var item in objects)
        {
            var (kind, isInForce) = item switch
            {
                BgpPeer => ("BGPPeer", result.Config.FindPeer(item.Key.Name) is not null),
                BgpAdvertisement => ("BGPAdvertisement", result.Config.BgpAdvertisements.Any(ad => ad.Name == item.Key.Name)),
                Community => ("Community", result.Config.Communities.Any(community => community.Name == item.Key.Name)),
                IpAddressPool => ("IPAddressPool", result.Config.FindPool(item.Key.Name) is not null),
                _ => ("", true),
            };
            Assert.True(isInForce || rejected.Contains((kind, item.Key.Name)), $"{kind} {item.Key}");
        }
    }

    private static IEnumerable<(T Left, T Right)> Pairs<T>(IReadOnlyList<T> items) =>
        from i in Enumerable.Range(0, items.Count)
        from j in Enumerable.Range(i + 1, items.Count - i - 1)
        select (items[i], items[j]);

    private static KubeObject Any(SeededRandom random)
    {
        string Pick(params string[] choices) => choices[random.Next(choices.Length)];
        LabelSelector[]? nodes = random.Next(2) == 0 ? null : [Labelled(Pick(Racks))];
        var name = Pick(Names);
        return random.Next(5) switch
        {
            0 => Peer(name, spec => spec with
            {
                PeerAddress = Pick("192.0.2.1", "192.0.2.2", "bad"), MyAsn = 64500 + random.Next(2), Vrf = Pick("", "", "red"),
                NodeSelectors = nodes,
            }),
            1 => BgpAd(name, new()
            {
                LocalPref = random.Next(3), NodeSelectors = nodes, AggregationLength = random.Next(3) == 0 ? 24 : null,
                Communities = random.Next(2) == 0 ? [Pick("gold", "silver", "1:1")] : null,
                IpAddressPools = random.Next(2) == 0 ? [Pick(Names)] : null,
            }),
            2 => Aliases(name, $"{Pick("gold", "silver", "tin")}={Pick("1:1", "1:2", "bad")}"),
            3 => NodeOf(name, Pick(Racks)),
            _ => Pool(name, Pick("10.0.0.0/16", "10.1.0.0/16", "10.0.3.0/28", "10.1.9.0/24")),
        };
    }
}
