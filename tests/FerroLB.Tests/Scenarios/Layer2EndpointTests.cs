using System.Linq;
using Xunit;

namespace FerroLB.Tests.Scenarios;

/// <summary>What endpoints do to the owner of an address.</summary>
public sealed class Layer2EndpointTests
{
    private readonly Layer2Bench _bench = new(nodes: 2);

    public Layer2EndpointTests() => _bench.Pool("pool", "192.168.1.200/29").Advertise();

    // In the order in which the nodes would own the address, "a" before "b"; an exclamation mark stands before what is not ready.
    [Theory]
    [InlineData("a", "a")]
    [InlineData("b", "b")]
    [InlineData("a b", "a")]
    [InlineData("!a b", "b")]
    [InlineData("a !b", "a")]
    [InlineData("!a !b", "")]
    [InlineData("!b !b", "")]
    [InlineData("b b", "b")]
    [InlineData("b b a", "a")]
    [InlineData("b !b", "b")]
    [InlineData("!a a b", "a")]
    [InlineData("!a b b", "b")]
    [InlineData("!a !b b", "b")]
    [InlineData("!a !a !b", "")]
    public void With_policy_Local_the_nodes_that_can_serve_are_candidates(string endpoints, string expected)
    {
        _bench.Service("web", "externalTrafficPolicy: Local");
        var order = _bench.OrderFor(_bench.AddressOf("web"));
        _bench.Expect("web", order[0]);
        string Named(string text) => text.Replace("a", order[0]).Replace("b", order[1]);
        _bench.Endpoints("web", [.. endpoints.Split(' ').Select(Named)]);
        if (expected.Length == 0)
            _bench.ExpectNobody("web");
        else
            _bench.Expect("web", Named(expected));
    }

    [Fact]
    public void Two_Services_with_endpoints_on_one_node_each_are_announced_there()
    {
        foreach (var node in _bench.Nodes)
            _bench.Service(node, "externalTrafficPolicy: Local", "", "", node).Expect(node, node);
        _bench.Endpoints("node-1", "!node-1", "node-2").Expect("node-1", "node-2").Expect("node-2", "node-2");
        _bench.Endpoints("node-2", "node-1", "!node-2").Expect("node-1", "node-2").Expect("node-2", "node-1");
    }

    [Theory]
    [InlineData("ready: false, serving: true", true)]
    [InlineData("ready: false, serving: true, terminating: true", true)]
    [InlineData("ready: true, serving: false", true)]
    [InlineData("serving: false", true)]
    [InlineData("ready: false, serving: false", false)]
    public void An_endpoint_that_serves_counts_whatever_else_it_is(string conditions, bool counts)
    {
        _bench.Service("web");
        _bench.Expect("web", _bench.OrderFor(_bench.AddressOf("web"))[0]);
        Slice("web-1", $"{{addresses: [10.244.0.1], conditions: {{{conditions}}}}}");
        if (counts)
            _bench.Pass(3).Expect("web", _bench.OrderFor(_bench.AddressOf("web"))[0]);
        else
            _bench.ExpectNobody("web");
    }

    [Fact]
    public void Endpoints_of_several_slices_add_up()
    {
        _bench.Service("web", "externalTrafficPolicy: Local");
        var order = _bench.OrderFor(_bench.AddressOf("web"));
        _bench.Endpoints("web", order[1]).Expect("web", order[1]);
        Slice("web-2", $"{{addresses: [10.244.0.9], nodeName: {order[0]}, conditions: {{ready: true}}}}");
        _bench.Expect("web", order[0]).Delete("EndpointSlice", "web-2").Expect("web", order[1]);
    }

    private void Slice(string name, string endpoint) => _bench.Apply(
        $"{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {{name: {name}, " +
        $"labels: {{kubernetes.io/service-name: web}}}}, addressType: IPv4, endpoints: [{endpoint}]}}");
}
