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

public sealed class HashOrdersTests
{
    private static readonly ImmutableArray<string> Names = ["a", "b", "c", "d"];

    [Fact]
    public void Nodes_stand_in_the_order_of_their_hashes_whatever_was_asked_before()
    {
        var orders = new HashOrders();
        foreach (var names in new[] { Names, ["a", "c"], ["x", "y", "z"], Names })
        {
            foreach (var address in Enumerable.Range(0, 50).Select(i => IpAddress.Parse($"10.0.0.{i}")))
            {
                var expected = names.OrderBy(name => Convert.ToHexString(StableHash.Sha256($"{name}#{address}")), StringComparer.Ordinal);
                Assert.Equal(expected, orders.Of(address, names).Select(index => names[index]));
                Assert.Same(orders.Of(address, [.. names]), orders.Of(address, names));
            }
        }
        Assert.Equal(50, orders.Count);
    }

    [Fact]
    public void It_stays_within_its_bound()
    {
        var orders = new HashOrders(mostPlaces: 100);
        for (var i = 0; i < 35; i++)
        {
            Assert.Equal(Names.Length, orders.Of(IpAddress.V4((uint)i), Names).Count);
            Assert.InRange(orders.Count, 1, 25);
        }
        Assert.Equal(10, orders.Count);
    }

    [Fact]
    public void Elections_that_keep_it_elect_as_those_that_do_not()
    {
        var random = new SeededRandom(9);
        var orders = new HashOrders();
        for (var round = 0; round < 200; round++)
        {
            var nodes = Enumerable.Range(0, 6)
                .Select(i => Node($"n{i}", $"p={random.Next(2)}") with { IsAlive = random.Chance(0.7) }).ToList();
            if (random.Chance(0.1))
                nodes.RemoveAt(random.Next(nodes.Count));
            var config = Layer2ElectionTests.Config(Preferring((5, Labelled("p=1"))), new L2AdvertisementSpec());
            var request = Request($"10.0.0.{random.Next(20)}");
            Assert.Equal(
                new Layer2Election(config, nodes, false).Place(request, "n0"),
                new Layer2Election(config, nodes, false, orders).Place(request, "n0"));
        }
    }
}
