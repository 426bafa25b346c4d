using System;
using System.IO;
using System.Linq;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>The interfaces of a node change under a running speaker.</summary>
public sealed class LinkChangeTests : IDisposable
{
    private readonly TestLan _lan = new("client", "node-1");
    private readonly TestCluster _cluster;

    public LinkChangeTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void Changes_of_an_interface_are_followed_at_once()
    {
        var address = StartEverything();
        _lan.Ip("client", $"neigh replace {address} dev eth0 lladdr {_lan.MacOf("node-1")} nud stale");
        _lan.Ip("node-1", "link set eth0 address 02:00:00:00:00:99");
        _lan.Until("the client was told the new MAC without asking", () =>
            _lan.Ip("client", $"neigh show {address} dev eth0").Contains("02:00:00:00:00:99", StringComparison.Ordinal));
        AssertAnswers(address, "02:00:00:00:00:99");

        _lan.Ip("node-1", "link set eth0 arp off");
        AssertAnswers(address);
        _lan.Ip("node-1", "link set eth0 arp on");
        AssertAnswers(address, "02:00:00:00:00:99");
        _lan.Ip("node-1", "link set eth0 down");
        AssertAnswers(address);
        _lan.Ip("node-1", "link set eth0 up");
        AssertAnswers(address, "02:00:00:00:00:99");
    }

    [Fact]
    public void A_port_of_a_bridge_is_not_used_and_the_bridge_is()
    {
        var address = StartEverything();
        _lan.Ip("node-1", "link add br1 address 02:00:00:00:00:b1 type bridge");
        _lan.Ip("node-1", "link set eth0 master br1");
        AssertAnswers(address);
        _lan.Ip("node-1", "link set br1 up");
        AssertAnswers(address, "02:00:00:00:00:b1");
        _lan.Ip("node-1", "link del br1");
        AssertAnswers(address, _lan.MacOf("node-1"));
    }

    [Fact]
    public void A_second_interface_on_the_same_LAN_answers_as_well_and_is_no_stranger_unless_it_is_excluded()
    {
        var address = StartEverything();
        _lan.Ip("client", $"neigh replace {address} dev eth0 lladdr {_lan.MacOf("node-1")} nud stale");
        _lan.Ip("node-1", "link add mv0 link eth0 address 02:00:00:00:00:a1 type macvlan mode bridge");
        _lan.Ip("node-1", "link add docker0 link eth0 address 02:00:00:00:00:d1 type macvlan mode bridge");
        _lan.Ip("node-1", "link set docker0 up");
        _lan.Ip("node-1", "link set mv0 up");
        _lan.Until("the new interface announced the address", () =>
            _lan.Ip("client", $"neigh show {address} dev eth0").Contains("02:00:00:00:00:a1", StringComparison.Ordinal));
        AssertAnswers(address, _lan.MacOf("node-1"), "02:00:00:00:00:a1");
        _lan.Ip("node-1", "link del mv0");
        AssertAnswers(address, _lan.MacOf("node-1"));
        Assert.DoesNotContain("another host claims", _lan.LogOf("speaker-node-1"), StringComparison.Ordinal);
    }

    [Fact]
    public void An_IPv6_address_is_announced_as_soon_as_the_interface_can_speak_for_it()
    {
        var address = StartEverything("fd98::100-fd98::1ff");
        _lan.Ip("client", "-6 addr add fd98::2/64 dev eth0 nodad");
        _lan.Until("the node answers", () => _lan.NeighborOf("client", address) == _lan.MacOf("node-1"));
        _lan.Ip("node-1", "-6 addr flush dev eth0 scope link");
        _lan.Until("without a link-local address it does not", () => _lan.NeighborOf("client", address).Length == 0);
        _lan.Ip("node-1", "-6 addr add fe80::77/64 dev eth0 nodad");
        _lan.Until("the node is a member of the group", () =>
            _lan.Ip("node-1", "-6 maddr show dev eth0").Contains("ff02::1:ff00:100", StringComparison.Ordinal));
        _lan.Until("the node answers again", () => _lan.NeighborOf("client", address) == _lan.MacOf("node-1"));
    }

    private void AssertAnswers(string address, params string[] macs)
    {
        string[] expected = [.. macs.Select(mac => mac.ToUpperInvariant()).Order(StringComparer.Ordinal)];
        // arping ends when it has as many answers as it sent questions.
        var questions = Math.Max(1, 2 * (macs.Length - 1));
        _lan.Until($"{address} is answered for by [{string.Join(", ", expected)}]", () =>
            _lan.ArpAnswers("client", address, questions).Distinct().Order(StringComparer.Ordinal).SequenceEqual(expected));
    }

    private string StartEverything(string pool = "10.98.1.0/24")
    {
        var exclusions = Path.Combine(_lan.Directory, "excludel2.yaml");
        File.WriteAllText(exclusions, "announcedInterfacesToExclude: ['^docker.*', '^lo$']\n");
        _cluster.StartApiServer();
        _cluster.Prepare();
        _cluster.AddNode("node-1");
        _cluster.AddPool(pool);
        if (pool.Contains(':', StringComparison.Ordinal))
            _cluster.AddIpv6Service("web");
        else
            _cluster.AddServices("web");
        _cluster.StartController();
        _cluster.StartSpeaker("node-1", "--excludel2-file", exclusions);
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
        var address = _cluster.AddressOf("web");
        if (!address.Contains(':', StringComparison.Ordinal))
            AssertAnswers(address, _lan.MacOf("node-1"));
        return address;
    }
}
