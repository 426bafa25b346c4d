using System;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Config;

/// <summary>Which peers may stand on one node together.</summary>
public sealed class PeerClashTests
{
    private static readonly Node[] Nodes = [NodeOf("n1", "rack=a", "edge=yes"), NodeOf("n2", "rack=b", "edge=yes")];

    public static TheoryData<string, Func<BgpPeerSpec, BgpPeerSpec>, Func<BgpPeerSpec, BgpPeerSpec>> Friends => new()
    {
        { "other address", spec => spec, spec => spec with { PeerAddress = "192.0.2.9" } },
        { "other port", spec => spec, spec => spec with { PeerPort = 180 } },
        { "other VRF", spec => spec, spec => spec with { Vrf = "red" } },
        {
            "other nodes", spec => spec with { NodeSelectors = [Labelled("rack=a")] },
            spec => spec with { NodeSelectors = [Labelled("rack=b")] }
        },
        {
            "other nodes of several selectors", spec => spec with { NodeSelectors = [Labelled("rack=a"), Labelled("rack=c")] },
            spec => spec with { NodeSelectors = [Labelled("rack=b"), Labelled("rack=d")] }
        },
        { "no node", spec => spec, spec => spec with { NodeSelectors = [Labelled("rack=none")] } },
        {
            "other interface", spec => spec with { PeerAddress = null, Interface = "eth0" },
            spec => spec with { PeerAddress = null, Interface = "eth1" }
        },
        { "other myASN in another VRF", spec => spec, spec => spec with { MyAsn = 64600, Vrf = "red" } },
        {
            "other myASN on other nodes", spec => spec with { NodeSelectors = [Labelled("rack=a")] },
            spec => spec with { MyAsn = 64600, PeerAddress = "192.0.2.9", NodeSelectors = [Labelled("rack=b")] }
        },
        {
            "other router ID", spec => spec with { RouterId = "10.0.0.1" },
            spec => spec with { PeerAddress = "192.0.2.9", RouterId = "10.0.0.2" }
        },
    };

    [Theory]
    [MemberData(nameof(Friends))]
    public void These_go_together(string what, Func<BgpPeerSpec, BgpPeerSpec> first, Func<BgpPeerSpec, BgpPeerSpec> second)
    {
        var result = Build([Peer("a", first), Peer("b", second), .. Nodes]);
        Assert.True(result.Rejections.IsEmpty, $"{what}: {string.Join(' ', result.Rejections)}");
        Assert.Equal(2, result.Config.BgpPeers.Length);
    }

    public static TheoryData<string, Func<BgpPeerSpec, BgpPeerSpec>, Func<BgpPeerSpec, BgpPeerSpec>, string> Rivals => new()
    {
        {
            "same address", spec => spec, spec => spec,
            "spec.peerAddress \"192.0.2.1\" is the same peer (192.0.2.1 port 179) as in BGPPeer \"a\" on node \"n1\""
        },
        {
            "same address written otherwise", spec => spec, spec => spec with { PeerAddress = "::ffff:192.0.2.1" },
            "is the same peer (192.0.2.1 port 179) as in BGPPeer \"a\""
        },
        {
            "same address, one node in common", spec => spec with { NodeSelectors = [Labelled("edge=yes")] },
            spec => spec with { NodeSelectors = [Labelled("rack=b")] }, "as in BGPPeer \"a\" on node \"n2\""
        },
        {
            "same address, one selector in common", spec => spec with { NodeSelectors = [Labelled("rack=x"), Labelled("rack=b")] },
            spec => spec with { NodeSelectors = [Labelled("rack=b"), Labelled("rack=a")] }, "as in BGPPeer \"a\" on node \"n2\""
        },
        {
            "same address in one VRF", spec => spec with { Vrf = "red" }, spec => spec with { Vrf = "red" },
            "is the same peer (192.0.2.1 port 179 in VRF red)"
        },
        {
            "same interface", spec => spec with { PeerAddress = null, Interface = "eth0" },
            spec => spec with { PeerAddress = null, Interface = "eth0" }, "spec.interface \"eth0\" is the same peer (eth0 port 179)"
        },
        {
            "other myASN", spec => spec, spec => spec with { PeerAddress = "192.0.2.9", MyAsn = 64600 },
            "spec.myASN \"64600\" differs from 64500 in BGPPeer \"a\" on node \"n1\" and in the same VRF"
        },
        {
            "other myASN in one VRF", spec => spec with { Vrf = "red" },
            spec => spec with { Vrf = "red", PeerAddress = "192.0.2.9", MyAsn = 64600 }, "spec.myASN \"64600\" differs from 64500"
        },
    };

    [Theory]
    [MemberData(nameof(Rivals))]
    public void Of_these_the_later_by_name_is_refused(
        string what, Func<BgpPeerSpec, BgpPeerSpec> first, Func<BgpPeerSpec, BgpPeerSpec> second, string text)
    {
        var result = Build([Peer("b", second), Peer("a", first), .. Nodes]);
        var rejection = Assert.Single(result.Rejections);
        Assert.StartsWith("BGPPeer lb/b: ", rejection.ToString(), StringComparison.Ordinal);
        Assert.True(rejection.ToString().Contains(text, StringComparison.Ordinal), $"{what}: {rejection}");
        Assert.Equal("a", Assert.Single(result.Config.BgpPeers).Name);
    }

    [Fact]
    public void Without_any_known_node_all_selectors_are_taken_to_meet()
    {
        var result = Build(
            Peer("a", spec => spec with { NodeSelectors = [Labelled("rack=a")] }),
            Peer("b", spec => spec with { NodeSelectors = [Labelled("rack=b")] }));
        Assert.Contains("as in BGPPeer \"a\" on the same node", Assert.Single(result.Rejections).ToString());
    }

    [Fact]
    public void A_third_peer_that_meets_one_of_two_is_refused()
    {
        static BgpPeer On(string name, string rack) => Peer(name, spec => spec with { NodeSelectors = [Labelled(rack)] });
        var result = Build([On("a", "rack=a"), On("b", "rack=b"), On("c", "edge=yes"), .. Nodes]);
        Assert.Equal("c", Assert.Single(result.Rejections).Object.Name);
        Assert.Empty(Build([On("a", "rack=a"), On("b", "rack=b"), On("c", "rack=c"), .. Nodes]).Rejections);
    }

    [Fact]
    public void A_peer_in_force_is_not_pushed_aside_by_one_that_comes_later()
    {
        var first = Build([Peer("m"), .. Nodes]);
        var second = Rebuild(first, [Peer("a"), Peer("m"), .. Nodes]);
        Assert.Equal("a", Assert.Single(second.Rejections).Object.Name);
        Assert.Same(first.Config, second.Config);
        var third = Rebuild(second, [Peer("a"), .. Nodes]);
        Assert.Empty(third.Rejections);
        Assert.Equal("a", Assert.Single(third.Config.BgpPeers).Name);
    }

    [Fact]
    public void A_peer_changed_so_that_it_clashes_keeps_its_last_valid_form()
    {
        var first = Build([Peer("a"), PeerAt("b", "192.0.2.2"), .. Nodes]);
        var second = Rebuild(first, [PeerAt("a", "192.0.2.2"), PeerAt("b", "192.0.2.2"), .. Nodes]);
        Assert.Contains("the last valid form stays in force", Assert.Single(second.Rejections).ToString());
        Assert.Same(first.Config, second.Config);
    }

    [Fact]
    public void Two_peers_may_exchange_their_addresses_in_one_step()
    {
        var first = Build([Peer("a"), PeerAt("b", "192.0.2.2"), .. Nodes]);
        var second = Rebuild(first, [PeerAt("a", "192.0.2.2"), PeerAt("b", "192.0.2.1"), .. Nodes]);
        Assert.Empty(second.Rejections);
        Assert.Equal("192.0.2.2", second.Config.FindPeer("a")!.Address.ToString());
    }

    [Fact]
    public void A_label_that_makes_two_peers_meet_lets_the_first_by_name_stay()
    {
        BgpPeer[] peers =
        [
            Peer("a", spec => spec with { NodeSelectors = [Labelled("left=yes")] }),
            Peer("b", spec => spec with { NodeSelectors = [Labelled("right=yes")] }),
        ];
        var apart = Build([.. peers, NodeOf("n1", "left=yes"), NodeOf("n2", "right=yes")]);
        Assert.Empty(apart.Rejections);
        var together = Rebuild(apart, [.. peers, NodeOf("n1", "left=yes", "right=yes"), NodeOf("n2", "right=yes")]);
        Assert.Equal("b", Assert.Single(together.Rejections).Object.Name);
        Assert.Empty(Rebuild(together, [.. peers, NodeOf("n1", "left=yes"), NodeOf("n2", "right=yes")]).Rejections);
    }

    [Fact]
    public void A_peer_of_its_own_with_its_own_AS_per_node_stays_affordable_for_thousands_of_nodes()
    {
        var nodes = Enumerable.Range(0, 3000).Select(i => NodeOf($"n{i}")).ToList();
        var peers = nodes.Select((node, i) => Peer(
            $"p{i}", spec => spec with { MyAsn = 70_000 + i, NodeSelectors = [Labelled($"kubernetes.io/hostname={node.Key.Name}")] }));
        KubeObject[] objects = [.. nodes, .. peers];
        var result = Build(objects);
        Assert.Empty(result.Rejections);
        Assert.Equal(3000, result.Config.BgpPeers.Length);
        var clash = Peer("z", spec => spec with { MyAsn = 1, NodeSelectors = [Labelled("kubernetes.io/hostname=n2999")] });
        Assert.Contains("on node \"n2999\"", Assert.Single(Rebuild(result, [.. objects, clash]).Rejections).ToString());
    }
}
