using System;
using System.Linq;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>What the metrics say of a Service from its birth to its end.</summary>
public sealed class Layer2MetricsTests : IDisposable
{
    private static readonly string[] Nodes = ["node-1", "node-2"];
    private static readonly string[] Counters = ["requests_received", "responses_sent", "gratuitous_sent"];

    private readonly TestLan _lan = new("client", "node-1", "node-2");
    private readonly TestCluster _cluster;

    public Layer2MetricsTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void L2_09_the_announcing_speaker_alone_counts_and_the_controller_counts_the_pool(bool isIpv6)
    {
        Start(isIpv6 ? "fd00:98::100/124" : "10.98.1.0/28");
        Assert.Equal("0", Metric("lan", "metallb_allocator_addresses_in_use_total{pool=\"pool\"}"));
        if (isIpv6)
            _cluster.AddIpv6Service("web");
        else
            _cluster.AddServices("web");
        var (address, owner) = Answered(isIpv6);
        var other = Nodes.Single(node => node != owner);
        var labels = $"{{service=\"default/web\",protocol=\"layer2\",node=\"{owner}\",ip=\"{address}\"}}";
        Until("1", "lan", "metallb_allocator_addresses_in_use_total{pool=\"pool\"}");
        Assert.Equal("16", Metric("lan", "metallb_allocator_addresses_total{pool=\"pool\"}"));
        Until("1", owner, "metallb_speaker_announced" + labels);
        foreach (var counter in Counters)
            _lan.Until($"{counter} counts", () => Metric(owner, $"metallb_layer2_{counter}{{ip=\"{address}\"}}") is not ("" or "0"));
        Assert.DoesNotContain(address, Metrics(other), StringComparison.Ordinal);
        _cluster.Kubectl("delete", "service", "web");
        Until("0", "lan", "metallb_allocator_addresses_in_use_total{pool=\"pool\"}");
        _lan.Until("nothing is left of it", () => !Metrics(owner).Contains(address, StringComparison.Ordinal));
    }

    private void Start(string addresses)
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        for (var i = 0; i < Nodes.Length; i++)
        {
            _cluster.AddNode(Nodes[i]);
            _cluster.StartSpeaker(Nodes[i], "--metrics-plain-http");
        }
        _lan.Ip("client", "addr add fd00:98::2/64 dev eth0 nodad");
        _cluster.AddPool(addresses);
        _cluster.StartController("--metrics-plain-http");
        _lan.Until("the pool is counted", () => Metrics("lan").Contains("{pool=\"pool\"}", StringComparison.Ordinal));
    }

    private (string Address, string Owner) Answered(bool isIpv6)
    {
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
        var address = _cluster.AddressOf("web");
        var mac = "";
        _lan.Until("a node answers", () => (mac = isIpv6
            ? _lan.NeighborOf("client", address)
            : _lan.ArpAnswers("client", address, 1).FirstOrDefault() ?? "").Length > 0);
        return (address, Nodes.Single(node => _lan.MacOf(node) == mac));
    }

    private void Until(string value, string host, string series) =>
        _lan.Until($"{series} on {host} is {value}", () => Metric(host, series) == value);

    private string Metric(string host, string series) => Metrics(host).Split('\n')
        .Where(line => line.StartsWith(series + " ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1]).FirstOrDefault() ?? "";

    private string Metrics(string host) => _lan.Try(host, "curl", "-s", "http://127.0.0.1:9120/metrics").Output;
}
