using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;
using FerroLB.Tests.Bgp.Rib;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;
using static FerroLB.Tests.Placement.BgpPlacementTests;

namespace FerroLB.Tests.Nodes;

/// <summary>From what Services ask for to what each peer knows.</summary>
public sealed class PeerRibsTests
{
    private readonly PeerRibs _ribs = new();

    [Fact]
    public void Each_peer_knows_what_its_advertisements_say()
    {
        var config = Build(
            Pool("main", "10.20.0.0/24"),
            BgpAd("all", new() { AggregationLength = 24, Communities = ["64512:1"] }),
            BgpAd("one", new() { Peers = ["p1"], LocalPref = 300, Communities = ["large:64512:1:2"] }, "ferrolb.io/med=7")).Config;
        _ribs.SetPeers(["p1", "p2"]);
        Put(config, "a", "10.20.0.4");
        var (first, second) = (Connect("p1", isInternal: true), Connect("p2"));
        Assert.Equal("via 192.0.2.1 path  pref 300 med 7 c  l 64512:1:2", first.Routes[IpPrefix.Parse("10.20.0.4/32")]);
        Assert.Equal("via 192.0.2.1 path  pref 100 med  c 64512:1 l ", first.Routes[IpPrefix.Parse("10.20.0.0/24")]);
        Assert.Equal("via 192.0.2.1 path 64512 pref  med  c 64512:1 l ", Assert.Single(second.Routes).Value);
        Assert.Equal(["p1", "p2"], _ribs.PeersOf("a"));
    }

    [Fact]
    public void A_change_reaches_the_peers_it_concerns_and_no_other()
    {
        var config = Build(
            Pool("main", "10.20.0.0/24"), BgpAd("one", new() { Peers = ["p1"] }), BgpAd("two", new() { Peers = ["p2"] })).Config;
        _ribs.SetPeers(["p1", "p2", "p3"]);
        var peers = new[] { Connect("p1"), Connect("p2"), Connect("p3") };
        Put(config, "a", "10.20.0.4");
        Assert.Equal([true, true, false], _ribs.Peers.Select(name => _ribs.Find(name)!.HasWork));
        Assert.Equal([1, 1, 0], peers.Select((peer, i) => peer.TakeAll(_ribs.Find($"p{i + 1}")!).Routes.Count));
        Put(config, "b", "10.20.0.4");
        Assert.False(_ribs.Find("p1")!.HasWork);
        _ribs.SetService("a", []);
        _ribs.SetService("b", []);
        _ribs.Flush();
        Assert.Empty(peers[0].TakeAll(_ribs.Find("p1")!).Routes);
    }

    [Fact]
    public void A_peer_that_comes_later_knows_everything_and_one_that_goes_is_forgotten()
    {
        var config = Build(Pool("main", "10.20.0.0/24"), BgpAd("all")).Config;
        Put(config, "a", "10.20.0.4");
        _ribs.SetPeers(["p1"]);
        Assert.Single(Connect("p1").Routes);
        var before = _ribs.Find("p1");
        _ribs.SetPeers(["p1", "p2"]);
        Assert.Same(before, _ribs.Find("p1"));
        Assert.Single(Connect("p2").Routes);
        _ribs.SetPeers(["p2"]);
        Assert.Null(_ribs.Find("p1"));
        Assert.Equal(["p2"], _ribs.PeersOf("a"));
    }

    [Fact]
    public void A_thousand_services_that_change_at_once_fill_few_messages()
    {
        var config = Build(Pool("main", "10.0.0.0/8"), BgpAd("all")).Config;
        _ribs.SetPeers(["p1"]);
        var peer = Connect("p1");
        for (var i = 0; i < 1000; i++)
            _ribs.SetService($"s{i}", Place(config, Node("rack=1"), Request($"10.0.{i / 256}.{i % 256}")).Contributions);
        _ribs.Flush();
        var before = peer.MessageCount;
        Assert.Equal(1000, peer.TakeAll(_ribs.Find("p1")!).Routes.Count);
        Assert.Equal(2, peer.MessageCount - before);
    }

    private void Put(ClusterConfig config, string service, string address)
    {
        _ribs.SetService(service, Place(config, Node("rack=1"), Request(address)).Contributions);
        _ribs.Flush();
    }

    private RibPeer Connect(string name, bool isInternal = false)
    {
        var peer = new RibPeer(isInternal);
        _ribs.Find(name)!.SessionUp(peer.Session);
        return peer.TakeAll(_ribs.Find(name)!);
    }
}
