using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>Two speakers and Services that share addresses: each address is announced by one of them.</summary>
public sealed class SharedAddressesTests
{
    private const string Sharing = ""","annotations":{"metallb.io/allow-shared-ip":"k"}""";
    private const string Local = ""","externalTrafficPolicy":"Local" """;

    // By hash iris2 comes first for the shared address, iris1 for the IPv6 one that stands before it in a dual-stack Service.
    private static readonly string Six = Enumerable.Range(1, 50).Select(i => $"fd00:20::{i:x}")
        .First(text => string.CompareOrdinal(Hash("iris1", text), Hash("iris2", text)) < 0);

    private readonly SpeakerWorld[] _worlds = [.. new[] { "iris1", "iris2" }.Select(name => new SpeakerWorld(name))];

    public SharedAddressesTests()
    {
        Each(world => world.Api.Put(KubeResource.IpAddressPools,
            """{"metadata":{"name":"pool","namespace":"metallb-system"},"spec":{"addresses":["10.20.30.0/24","fd00:20::/64"]} }"""));
        Each(world => world.Start());
    }

    [Fact]
    public void A_dual_stack_Service_alone_lives_where_its_first_address_elects()
    {
        Each(world => world.Service("dual", $"{Six} {SpeakerWorld.Hers}", "", Sharing));
        Assert.Equal(["iris1"], AnnouncersOf(SpeakerWorld.Hers));
        Assert.Equal(["iris1"], AnnouncersOf(Six));
    }

    [Fact]
    public void An_address_shared_with_a_dual_stack_Service_that_lists_another_first_has_one_owner()
    {
        Each(world => world.Service("dual", $"{Six} {SpeakerWorld.Hers}", "", Sharing));
        Each(world => world.Service("single", SpeakerWorld.Hers, "", Sharing));
        Assert.Equal(["iris2"], AnnouncersOf(SpeakerWorld.Hers));
        Assert.Equal(["iris1"], AnnouncersOf(Six));
        Assert.Equal((Six, SpeakerWorld.Hers), (_worlds[0].Announced("dual"), _worlds[1].Announced("dual")));
    }

    [Theory]
    [InlineData("delete")]
    [InlineData("endpoints")]
    [InlineData("type")]
    public void When_they_no_longer_disagree_the_dual_stack_Service_is_whole_again(string change)
    {
        Each(world => world.Service("dual", $"{Six} {SpeakerWorld.Hers}", "", Sharing));
        Each(world => world.Service("single", SpeakerWorld.Hers, "", Sharing));
        if (change == "delete")
            Each(world => world.Delete(KubeResource.Services, "single"));
        else if (change == "endpoints")
            Each(world => world.Endpoints("single", "!iris1", "!iris2"));
        else
            Each(world => world.Service("single", SpeakerWorld.Hers, ""","type":"ClusterIP" """, Sharing));
        Assert.Equal(["iris1"], AnnouncersOf(SpeakerWorld.Hers));
        Assert.Equal(["iris1"], AnnouncersOf(Six));
    }

    [Fact]
    public void Addresses_of_two_pools_are_placed_each_by_itself()
    {
        Each(world => world.Pool("pool", "10.20.30.0/24").Pool("six", "fd00:20::/64"));
        Each(world => world.Service("dual", $"{Six} {SpeakerWorld.Hers}"));
        Assert.Equal(["iris1"], AnnouncersOf(Six));
        Assert.Equal(["iris2"], AnnouncersOf(SpeakerWorld.Hers));
    }

    [Fact]
    public void With_policy_Local_the_node_that_serves_all_who_share_announces()
    {
        Each(world => world.Service("one", SpeakerWorld.Hers, Local, Sharing, "iris1", "iris2"));
        Each(world => world.Service("two", SpeakerWorld.Hers, Local, Sharing, "iris1"));
        Assert.Equal(["iris1"], AnnouncersOf(SpeakerWorld.Hers));
        Each(world => world.Endpoints("one", "iris2"));
        Assert.Equal(["iris2"], AnnouncersOf(SpeakerWorld.Hers));
        Assert.Equal("", _worlds[0].Announced("two") + _worlds[1].Announced("two"));
        Assert.Contains("node iris2 announces it for other Services",
            _worlds[0].Node.Snapshot.Services[new("shop", "two")].Placement.Explanation);
    }

    [Fact]
    public void Whatever_happens_to_Services_that_share_each_address_has_one_announcer()
    {
        var random = new SeededRandom(5);
        string[] addresses = [SpeakerWorld.Hers, SpeakerWorld.Ours, Six];
        for (var step = 0; step < 150; step++)
        {
            var name = $"s{random.Next(4)}";
            var chosen = addresses.Where(_ => random.Chance(0.6)).OrderBy(_ => random.NextUInt64()).ToArray();
            string[] endpoints = [.. new[] { "iris1", "iris2" }.Where(_ => random.Chance(0.7))];
            var spec = random.Chance(0.5) ? Local : "";
            if (random.Chance(0.2))
                Each(world => world.Delete(KubeResource.Services, name));
            else
                Each(world => world.Service(name, string.Join(' ', chosen), spec, Sharing, endpoints.Length == 0 ? ["!iris1"] : endpoints));
            foreach (var address in addresses)
            {
                var wanted = _worlds[0].Node.Snapshot.Services.Values.Any(state => state.Placement.Owner is not null);
                Assert.InRange(AnnouncersOf(address).Count, 0, wanted ? 1 : 0);
            }
        }
    }

    private static string Hash(string node, string address) => Convert.ToHexString(StableHash.Sha256($"{node}#{address}"));

    private void Each(Action<SpeakerWorld> act) => Array.ForEach(_worlds, act);

    private List<string> AnnouncersOf(string address) =>
        [.. _worlds.Where(world => world.Node.Snapshot.Services.Values.Any(state => state.Announced.Contains(IpAddress.Parse(address))))
            .Select(world => world.Node.Snapshot.NodeName)];
}
