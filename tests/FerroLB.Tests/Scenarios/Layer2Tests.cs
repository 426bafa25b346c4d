using System;
using System.Linq;
using Xunit;

namespace FerroLB.Tests.Scenarios;

/// <summary>MetalLB's acceptance list for layer 2 in general; the numbers are those of our specification of it.</summary>
public sealed class Layer2Tests
{
    private readonly Layer2Bench _bench = new();

    [Fact]
    public void L2_01_a_Service_is_reachable_with_a_pool_and_an_empty_advertisement()
    {
        _bench.Pool("pool", "192.168.1.200-192.168.1.220").Advertise().Service("web");
        var owner = _bench.OwnerOf("web");
        Assert.Equal([owner], _bench.Use(_bench.AddressOf("web")));
    }

    [Fact]
    public void L2_02_the_status_names_the_node_that_the_event_names_and_goes_with_the_Service()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise().Service("web");
        var owner = _bench.OwnerOf("web");
        _bench.Pass(1);
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(owner, Assert.Single(_bench.StatusesOf("web"))["status"]!["node"]!.ToString());
            _bench.Pass(1);
        }
        Assert.Single(_bench.EventsOf("web"), $"nodeAssigned: announcing from node \"{owner}\" with protocol \"layer2\"");
        _bench.Delete("Service", "web").Pass(3);
        Assert.Empty(_bench.StatusesOf("web"));
    }

    [Fact]
    public void L2_04_ports_of_TCP_and_UDP_in_one_Service_have_one_owner()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise()
            .Service("dns", "ports: [{name: tcp, port: 53, protocol: TCP}, {name: udp, port: 53, protocol: UDP}]");
        Assert.Equal([_bench.OwnerOf("dns")], _bench.Use(_bench.AddressOf("dns")));
    }

    [Fact]
    public void L2_05_a_node_without_network_gives_its_addresses_away_and_takes_them_back()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise().Service("web");
        var order = _bench.OrderFor(_bench.AddressOf("web"));
        _bench.Expect("web", order[0]);
        _bench.CutNetwork(order[0], true).Expect("web", order[1]);
        _bench.CutNetwork(order[0], false).Expect("web", order[0]);
    }

    [Fact]
    public void L2_06_an_excluded_node_gives_its_addresses_away_and_takes_them_back()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise().Service("web");
        var order = _bench.OrderFor(_bench.AddressOf("web"));
        _bench.Expect("web", order[0]);
        _bench.Label(order[0], Layer2Bench.ExcludeLabel, "").Expect("web", order[1]);
        _bench.Label(order[0], Layer2Bench.ExcludeLabel, null).Expect("web", order[0]);
    }

    [Theory]
    [InlineData("192.168.1.210-192.168.1.219")]
    [InlineData("192.168.1.210/31", "192.168.1.212/30")]
    public void L2_07_the_address_is_of_the_pool_be_it_a_range_or_a_list(params string[] addresses)
    {
        _bench.Pool("pool", addresses).Advertise().Service("web");
        Assert.StartsWith("192.168.1.21", _bench.AddressOf("web"), StringComparison.Ordinal);
        Assert.NotEmpty(_bench.OwnerOf("web"));
    }

    [Theory]
    [InlineData("192.168.1.205", "IPv4")]
    [InlineData("fd00:98::5", "IPv6")]
    public void L2_08_Services_that_share_an_address_are_assigned_the_same_node(string address, string family)
    {
        _bench.Pool("pool", "192.168.1.200/29", "fd00:98::/124").Advertise();
        foreach (var (name, port, node) in new[] { ("one", 80, "node-1"), ("two", 443, "node-2") })
        {
            _bench.Service(
                name, $"ipFamilies: [{family}], loadBalancerIP: '{address}', ports: [{{port: {port}}}]", "",
                "metallb.io/allow-shared-ip: k", node);
        }
        _bench.Pass(3);
        Assert.Equal((address, address), (_bench.AddressOf("one"), _bench.AddressOf("two")));
        var assigned = new[] { "one", "two" }.Select(name => Assert.Single(_bench.EventsOf(name), line => line.StartsWith("nodeAssigned")));
        Assert.Single(assigned.Distinct());
        Assert.Equal([_bench.OrderFor(address)[0]], _bench.HoldersOf(address));
    }

    [Theory]
    [InlineData(true, "192.168.1.200/32", "192.168.1.201/32", "IPv4")]
    [InlineData(false, "192.168.1.200/32", "192.168.1.201/32", "IPv4")]
    [InlineData(true, "fd00:98::1/128", "fd00:98::2/128", "IPv6")]
    [InlineData(false, "fd00:98::1/128", "fd00:98::2/128", "IPv6")]
    public void L2_10_the_asked_pool_gives_the_address_whatever_autoAssign_says(bool auto, string first, string second, string family)
    {
        foreach (var (name, addresses) in new[] { ("first", first), ("second", second) })
        {
            _bench.Apply($"{{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: {{name: {name}}}, " +
                $"spec: {{addresses: ['{addresses}'], autoAssign: {(auto ? "true" : "false")}}}}}");
        }
        _bench.Advertise();
        foreach (var (name, address) in new[] { ("second", second.Split('/')[0]), ("first", first.Split('/')[0]) })
        {
            _bench.Service(name, $"ipFamilies: [{family}]", "", $"metallb.io/address-pool: {name}");
            Assert.Equal(address, _bench.AddressOf(name));
            Assert.Equal(name, _bench.AnnotationOf(name, "metallb.io/ip-allocated-from-pool"));
            _bench.Until(() => _bench.HoldersOf(address).Length == 1, "it is announced");
            Assert.Equal(second.Split('/')[0], _bench.AddressOf("second"));
            Assert.Single(_bench.HoldersOf(second.Split('/')[0]));
        }
    }

    [Fact]
    public void L2_60_another_node_announces_when_a_speaker_is_gone_and_the_first_again_when_it_is_back()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise().Service("web");
        var order = _bench.OrderFor(_bench.AddressOf("web"));
        _bench.Expect("web", order[0]);
        var first = _bench.Cluster.Nodes.Single(node => node.Name == order[0]);
        _bench.Cluster.CrashNode(first);
        _bench.Expect("web", order[1]);
        _bench.Cluster.StartNode(first);
        _bench.Expect("web", order[0]);
    }

    [Fact]
    public void L2_61_a_Service_of_another_class_gets_no_address()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise().Service("web", "loadBalancerClass: foo").Service("ours").Pass(30);
        Assert.Empty(_bench.AddressesOf("web"));
        Assert.NotEmpty(_bench.OwnerOf("ours"));
    }
}
