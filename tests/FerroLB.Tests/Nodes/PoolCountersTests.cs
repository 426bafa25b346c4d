using System;
using System.Linq;
using FerroLB.Core.Kube;
using Xunit;
using static FerroLB.Tests.Nodes.ControllerWorld;

namespace FerroLB.Tests.Nodes;

/// <summary>The counters in the pools' statuses and the gauges about them.</summary>
public sealed class PoolCountersTests
{
    private const string V4 = "10.96.0.1";
    private const string V6 = "fd00::1";

    private readonly ControllerWorld _world = new();

    [Fact]
    public void Addresses_are_counted_once_and_services_each()
    {
        _world.Pool("a", "192.0.2.0/30 2001:db8::/126").Start();
        _world.Service("dual", With("ipFamilyPolicy", "RequireDualStack"), V4, V6);
        foreach (var port in new[] { 81, 82 })
        {
            _world.Service($"s{port}", service =>
            {
                Annotated("metallb.io/allow-shared-ip", "k")(service);
                service["spec"]!["ports"]![0]!["port"] = port;
            });
        }
        Assert.Equal("2 1 2 3", Counters("a"));
        Assert.Equal(("8 4 4", "3 2 1", 3), (Gauges("_addresses_total"), Gauges("_addresses_in_use_total"), Services("a")));
        _world.Delete("s81");
        Assert.Equal(("3 2 1", 2), (Gauges("_addresses_in_use_total"), Services("a")));
        _world.Delete("s82").Delete("dual");
        Assert.Equal("0 0 4 4", Counters("a"));
        Assert.Equal(("0 0 0", 0), (Gauges("_addresses_in_use_total"), Services("a")));
    }

    [Fact]
    public void Service_with_addresses_of_two_pools_counts_in_both()
    {
        _world.Pool("a", "192.0.2.0/30").Pool("b", "2001:db8::/126").Start();
        _world.Service("dual", With("ipFamilyPolicy", "RequireDualStack"), V4, V6);
        Assert.Equal((1, 1), (Services("a"), Services("b")));
    }

    [Theory]
    [InlineData("::/0")]
    [InlineData("2001:db8::/64 2001:db8:1::/64 2001:db8:2::/120")]
    public void Counters_of_vast_pools_stop_at_the_greatest_number(string addresses)
    {
        _world.Pool("a", addresses).Service("six", null, V6).Start();
        Assert.Equal($"0 1 0 {long.MaxValue - 1}", Counters("a"));
    }

    [Fact]
    public void Series_of_a_pool_vanish_with_it_and_follow_its_changes()
    {
        _world.Pool("a", "192.0.2.0/30").Pool("b", "198.51.100.0/24").Service("web").Start();
        Assert.Equal(4, _world.Harness.Metrics["metallb_allocator_addresses_total,pool=a"]);
        _world.Pool("a", "192.0.2.0/29");
        Assert.Equal(8, _world.Harness.Metrics["metallb_allocator_addresses_total,pool=a"]);
        Assert.Equal("1 0 7 0", Counters("a"));
        _world.RemovePool("a");
        Assert.DoesNotContain(_world.Harness.Metrics.Keys, series => series.EndsWith("pool=a", StringComparison.Ordinal));
        Assert.Equal(7, _world.Harness.Metrics.Keys.Count(series => series.EndsWith("pool=b", StringComparison.Ordinal)));
        Assert.Equal(1, Services("b"));
    }

    [Fact]
    public void Status_written_by_another_hand_is_put_right_and_then_left_alone()
    {
        _world.Pool("a", "192.0.2.0/30").Service("web").Start();
        const string wrong = """{"assignedIPv4":1,"assignedIPv6":0,"availableIPv4":9,"availableIPv6":0}""";
        foreach (var status in new[] { """{"assignedIPv4":77}""", "{}", wrong })
        {
            var patches = _world.Api.AcceptedPatches;
            _world.Api.Put(KubeResource.IpAddressPools,
                """{"metadata":{"name":"a","namespace":"metallb-system"},"spec":{"addresses":["192.0.2.0/30"]},"status":""" + status + "}");
            _world.Harness.Settle();
            Assert.Equal("1 0 3 0", Counters("a"));
            Assert.Equal(patches + 1, _world.Api.AcceptedPatches);
        }
        var atRest = _world.Api.AcceptedPatches;
        _world.Restart(seed: 4).Start();
        Assert.Equal(atRest, _world.Api.AcceptedPatches);
    }

    private string Counters(string pool)
    {
        var status = _world.Api.Find(KubeResource.IpAddressPools, ControllerWorld.System, pool)!["status"]!;
        return $"{status["assignedIPv4"]} {status["assignedIPv6"]} {status["availableIPv4"]} {status["availableIPv6"]}";
    }

    /// <summary>All, IPv4 and IPv6 of one of the gauges of pool a.</summary>
    private string Gauges(string name) => string.Join(
        ' ', new[] { "", "_ipv4", "_ipv6" }.Select(family => _world.Harness.Metrics[$"metallb_allocator{family}{name},pool=a"]));

    private int Services(string pool) => (int)_world.Harness.Metrics[$"metallb_allocator_services_allocated_total,pool={pool}"];
}
