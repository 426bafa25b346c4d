using System.Linq;
using Xunit;

namespace FerroLB.Tests.Scenarios;

/// <summary>MetalLB's acceptance list for layer 2: service selectors, and interfaces as far as no kernel matters.</summary>
public sealed class Layer2ServiceTests
{
    private readonly Layer2Bench _bench = new(segments: 2);

    [Fact]
    public void L2_20_the_status_names_the_interface()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise("{interfaces: [eth1]}").Service("web");
        Assert.Single(Answers());
        _bench.Pass(1);
        var status = Assert.Single(_bench.StatusesOf("web"))["status"]!;
        Assert.Equal("eth1", Assert.Single(status["interfaces"]!.AsArray())!["name"]!.ToString());
    }

    [Fact]
    public void L2_22_the_answer_comes_from_the_interface_of_the_advertisement_alone()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise().Service("web");
        var owner = Answers()[0].Split(' ')[0];
        foreach (var name in new[] { "eth0", "eth1", "eth0" })
        {
            _bench.Advertise($"{{interfaces: [{name}]}}");
            _bench.Until(() => Answers() is [var only] && only == $"{owner} on {name}", $"{name} alone answers");
        }
    }

    [Fact]
    public void L2_23_an_interface_that_does_not_exist_announces_nothing_and_the_event_says_so()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise("{interfaces: [eth7]}").Service("web").ExpectNobody("web");
        Assert.Contains(_bench.EventsOf("web"), line => line.StartsWith("announceFailed: ") && line.Contains("eth7"));
        Assert.DoesNotContain(_bench.EventsOf("web"), line => line.StartsWith("nodeAssigned"));
    }

    [Fact]
    public void L2_24_two_advertisements_with_an_interface_each_announce_from_both()
    {
        _bench.Pool("pool", "192.168.1.200/29").Service("web");
        _bench.Advertise("{interfaces: [eth0]}", "a").Advertise("{interfaces: [eth1]}", "b");
        var owner = Answers()[0].Split(' ')[0];
        _bench.Until(() => Answers().SequenceEqual([$"{owner} on eth0", $"{owner} on eth1"]), "both answer");
    }

    [Fact]
    public void L2_25_interface_and_node_go_together()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise().Service("web");
        foreach (var node in _bench.Nodes)
        {
            _bench.Advertise($"{{interfaces: [eth1], nodeSelectors: [{{matchLabels: {{kubernetes.io/hostname: {node}}}}}]}}");
            _bench.Until(() => Answers() is [var only] && only == $"{node} on eth1", $"{node} answers");
        }
    }

    [Fact]
    public void L2_50_pool_and_Service_must_both_match()
    {
        _bench.Pool("a", "192.168.1.200/32").Pool("b", "192.168.1.208/32");
        _bench.Advertise("{ipAddressPools: [a], serviceSelectors: [{matchLabels: {expose: 'true'}}], interfaces: [eth0]}");
        _bench.Service("web", "", "expose: 'true'", "metallb.io/address-pool: a");
        Assert.Single(Answers());
        _bench.Service("web", "", "expose: 'false'").ExpectNobody("web");
        _bench.Service("web", "", "expose: 'true'");
        Assert.Single(Answers());
        _bench.Service("web", "", "expose: 'true'", "metallb.io/address-pool: b");
        _bench.Until(() => _bench.AddressesOf("web") is ["192.168.1.208"], "the Service has an address of the other pool");
        _bench.ExpectNobody("web");
    }

    [Fact]
    public void L2_51_of_two_advertisements_with_one_service_selector_one_node_announces()
    {
        _bench.Pool("pool", "192.168.1.200/29").Service("web", "", "expose: 'true'");
        foreach (var node in new[] { "node-1", "node-2" })
        {
            _bench.Advertise(
                $"{{nodeSelectors: [{{matchLabels: {{kubernetes.io/hostname: {node}}}}}], " +
                "serviceSelectors: [{matchLabels: {expose: 'true'}}], interfaces: [eth0]}", node);
        }
        _bench.Pass(3);
        var first = _bench.OrderFor(_bench.AddressOf("web")).First(node => node != "node-3");
        Assert.Equal([$"{first} on eth0"], Answers());
    }

    [Fact]
    public void L2_52_the_right_node_for_the_wrong_Service_and_a_ghost_for_the_right_one_announce_nothing()
    {
        _bench.Pool("pool", "192.168.1.200/29").Service("web", "", "expose: 'true'");
        _bench.Advertise(
            "{nodeSelectors: [{matchLabels: {kubernetes.io/hostname: node-1}}], serviceSelectors: [{matchLabels: {expose: other}}]}", "a");
        _bench.Advertise(
            "{nodeSelectors: [{matchLabels: {kubernetes.io/hostname: ghost}}], serviceSelectors: [{matchLabels: {expose: 'true'}}]}", "b");
        _bench.ExpectNobody("web");
    }

    [Fact]
    public void L2_53_selectors_of_one_advertisement_are_alternatives()
    {
        _bench.Pool("pool", "192.168.1.200/29").Advertise(
            "{serviceSelectors: [{matchLabels: {is: nginx}}, {matchLabels: {is: apache}}], interfaces: [eth0]}");
        _bench.Service("one", "", "is: nginx").Service("two", "", "is: apache").Service("three", "", "is: caddy");
        Assert.NotEmpty(_bench.OwnerOf("one"));
        Assert.NotEmpty(_bench.OwnerOf("two"));
        _bench.ExpectNobody("three");
    }

    private string[] Answers()
    {
        var answers = System.Array.Empty<string>();
        _bench.Until(() => (answers = _bench.AnswersFor(_bench.AddressOf("web"))).Length > 0, "somebody answers");
        return answers;
    }
}
