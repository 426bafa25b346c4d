using System;
using System.Linq;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

public sealed class NdpTests : IDisposable
{
    private readonly TestLan _lan = new("client", "node-1", "node-2");
    private readonly TestCluster _cluster;

    public NdpTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void An_IPv6_Service_is_found_by_the_kernels_neighbour_discovery_on_one_node_and_moves_with_an_unsolicited_advertisement()
    {
        var address = StartEverything();
        var owner = OwnerOf(address);
        var other = owner == "node-1" ? "node-2" : "node-1";
        Assert.Contains(Group(address), _lan.Ip(owner, "-6 maddr show dev eth0"), StringComparison.Ordinal);
        Assert.DoesNotContain(Group(address), _lan.Ip(other, "-6 maddr show dev eth0"), StringComparison.Ordinal);
        _lan.Until("the snooping bridge knows who wants the group", () =>
            _lan.Try("lan", "bridge", "mdb", "show", "dev", "br0").Output
                .Contains($"port p-{owner} grp {Group(address)}", StringComparison.Ordinal));

        _lan.Ip("client", $"-6 neigh replace {address} dev eth0 lladdr {_lan.MacOf(owner)} nud probe");
        _lan.Until("the owner answers the unicast question whether it is still there", () =>
            _lan.Ip("client", $"-6 neigh show {address} dev eth0").Contains("REACHABLE", StringComparison.Ordinal));

        _cluster.Kubectl("label", "node", owner, "node.kubernetes.io/exclude-from-external-load-balancers=");
        // The client still believes in the old owner; only the new one's unsolicited advertisement can tell it better without asking.
        _lan.Until("the client's neighbour cache names the new owner", () =>
            _lan.Ip("client", $"-6 neigh show {address} dev eth0").Contains(_lan.MacOf(other), StringComparison.OrdinalIgnoreCase));
        _lan.Until("the old owner has left the group", () =>
            !_lan.Ip(owner, "-6 maddr show dev eth0").Contains(Group(address), StringComparison.Ordinal));
        Assert.Equal(_lan.MacOf(other), _lan.NeighborOf("client", address));

        _cluster.Kubectl("delete", "service", "web");
        _lan.Until("nobody answers", () => _lan.NeighborOf("client", address).Length == 0);
    }

    [Fact]
    public void A_host_that_wants_the_announced_address_for_itself_learns_that_it_is_taken()
    {
        var address = StartEverything();
        Assert.NotEqual("", OwnerOf(address));
        _lan.Ip("client", $"-6 addr add {address}/64 dev eth0");
        _lan.Until("duplicate address detection fails", () =>
            _lan.Ip("client", "-6 addr show dev eth0").Split('\n').Any(line =>
                line.Contains(address, StringComparison.Ordinal) && line.Contains("dadfailed", StringComparison.Ordinal)));
    }

    private static string Group(string address) => "ff02::1:ff00:" + address.Split(':')[^1];

    private string StartEverything()
    {
        _lan.Ip("lan", "link set br0 type bridge mcast_snooping 1 mcast_querier 1");
        _lan.Ip("client", "-6 addr add fd98::2/64 dev eth0 nodad");
        _cluster.StartApiServer();
        _cluster.Prepare();
        _cluster.AddNode("node-1");
        _cluster.AddNode("node-2");
        _cluster.AddPool("fd98::100-fd98::1ff");
        _cluster.AddIpv6Service("web");
        _cluster.StartController();
        _cluster.StartSpeaker("node-1");
        _cluster.StartSpeaker("node-2");
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
        return _cluster.AddressOf("web");
    }

    private string OwnerOf(string address)
    {
        var mac = "";
        _lan.Until("some node answers", () => (mac = _lan.NeighborOf("client", address)).Length > 0);
        return new[] { "node-1", "node-2" }.Single(node => _lan.MacOf(node) == mac);
    }
}
