using System;
using System.Linq;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>
/// MetalLB's acceptance list about interfaces, on nodes with two of them and a real kernel, and what members state of their interfaces to
/// each other.
/// </summary>
public sealed class InterfaceTests : IDisposable
{
    private static readonly string[] Nodes = ["node-1", "node-2"];
    private static readonly string[] Devices = ["eth0", "eth1"];

    private readonly TestLan _lan = new("client", "node-1", "node-2");
    private readonly TestCluster _cluster;

    public InterfaceTests()
    {
        _cluster = new(_lan, Shell.Ferrolb);
        _lan.AddSecondLan();
    }

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void L2_20_L2_21_L2_22_the_named_interface_alone_answers_with_its_own_MAC_and_the_status_names_it()
    {
        Start("10.98.1.0/24");
        var address = Address("web");
        foreach (var device in Devices.Concat(Devices.Reverse()))
        {
            _cluster.Advertise(new { interfaces = new[] { device } });
            var other = Devices.Single(name => name != device);
            _lan.Until($"{device} alone answers", () => Answers(address, device).Length == 1 && Answers(address, other).Length == 0);
            var owner = Nodes.Single(node => _lan.MacOf(node, device) == Answers(address, device)[0]);
            _lan.Until("the status names node and interface", () => Status() == $"{owner} {device}");
        }
    }

    [Fact]
    public void L2_23_an_interface_that_no_node_has_answers_nowhere_and_the_event_says_so()
    {
        Start("10.98.1.0/24", startsSpeakers: false);
        _cluster.Advertise(new { interfaces = new[] { "eth7" } });
        StartSpeakers();
        var address = Address("web");
        _lan.Until("an event says so", () => _cluster.Kubectl("get", "events").Contains("announceFailed", StringComparison.Ordinal));
        Assert.All(Devices, device => Assert.Empty(_lan.ArpAnswers("client", address, 3, device)));
    }

    [Fact]
    public void L2_24_L2_25_interfaces_of_two_advertisements_both_answer_and_follow_the_node_selector()
    {
        Start("10.98.1.0/24");
        var address = Address("web");
        foreach (var node in Nodes)
            _cluster.Kubectl("label", "node", node, $"name={node}");
        _cluster.Advertise(new { interfaces = new[] { "eth0" } });
        _cluster.Advertise(new { interfaces = new[] { "eth1" } }, "second");
        _lan.Until("both answer", () => Devices.All(device => Answers(address, device).Length == 1));
        _cluster.Kubectl("delete", "l2advertisement", "-n", "metallb-system", "second");
        foreach (var node in Nodes.Concat(Nodes.Reverse()))
        {
            _cluster.Advertise(new
            {
                interfaces = new[] { "eth1" },
                nodeSelectors = new[] { new { matchLabels = new { name = node } } },
            });
            _lan.Until($"{node} alone answers", () => Answers(address, "eth1").SequenceEqual([_lan.MacOf(node, "eth1")]));
            // Where its successor is not heard, a former owner answers for a moment longer.
            _lan.Until("nobody answers on eth0 any more", () => Answers(address, "eth0").Length == 0);
        }
    }

    [Fact]
    public void Nodes_in_the_subnet_of_an_address_announce_it_and_one_that_leaves_the_subnet_gives_it_away()
    {
        foreach (var (node, i) in Nodes.Select((node, i) => (node, i)))
            _lan.Ip(node, $"addr del 10.99.0.{i + 3}/16 dev eth1");
        Start("10.99.1.0/24", startsSpeakers: false);
        for (var i = 0; i < Nodes.Length; i++)
            _cluster.AddSpeakerPod(Nodes[i], $"10.98.0.{i + 3}");
        StartSpeakers("--ml-labels", "component=speaker");
        var address = Address("web");
        _lan.Until("one node answers", () => Answers(address, "eth1").Length == 1);
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < Nodes.Length; i++)
            {
                _lan.Ip(Nodes[i], $"addr add 10.99.0.{i + 3}/16 dev eth1");
                _lan.Ip(Nodes[1 - i], $"addr flush dev eth1");
                _lan.Until($"{Nodes[i]} answers", () => Answers(address, "eth1").SequenceEqual([_lan.MacOf(Nodes[i], "eth1")]), 120);
            }
        }
    }

    private void Start(string addresses, bool startsSpeakers = true)
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        foreach (var node in Nodes)
            _cluster.AddNode(node);
        _cluster.AddPool(addresses);
        _cluster.StartController();
        _cluster.AddServices("web");
        if (startsSpeakers)
            StartSpeakers();
    }

    private void StartSpeakers(params string[] flags)
    {
        for (var i = 0; i < Nodes.Length; i++)
            _cluster.StartSpeaker(Nodes[i], flags.Length == 0 ? [] : [.. flags, "--ml-bindaddr", $"10.98.0.{i + 3}"]);
    }

    private string Address(string service)
    {
        _lan.Until($"{service} has an address", () => _cluster.AddressOf(service).Length > 0);
        return _cluster.AddressOf(service);
    }

    private string[] Answers(string address, string device) => _lan.ArpAnswers("client", address, 1, device);

    private string Status() => _cluster.Kubectl(
        "get", "servicel2statuses", "-A", "-o", "jsonpath={.items[*].status.node} {.items[*].status.interfaces[*].name}").Trim();
}
