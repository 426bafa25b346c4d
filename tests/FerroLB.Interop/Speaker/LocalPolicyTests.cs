using System;
using System.Linq;
using System.Collections.Generic;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>Traffic policy Local, from the YAML to the pod that answers.</summary>
public sealed class LocalPolicyTests : IDisposable
{
    private static readonly string[] Nodes = ["node-1", "node-2"];

    private readonly TestLan _lan = new("client", "node-1", "node-2");
    private readonly TestCluster _cluster;

    public LocalPolicyTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void L2_03_every_reply_comes_from_a_pod_on_the_node_whose_MAC_answers()
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        foreach (var node in Nodes)
            _cluster.AddNode(node);
        _cluster.AddPool("10.98.1.0/24");
        _cluster.StartController();
        AddService("node-1", "node-2", "node-1", "node-2", "node-1");
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
        var address = _cluster.AddressOf("web");
        foreach (var node in Nodes)
        {
            RunPods(node, address);
            _cluster.StartSpeaker(node);
        }
        ExpectRepliesFromOwner(address, Nodes);
        AddService("node-2", "node-2");
        ExpectRepliesFromOwner(address, "node-2");
        AddService("node-1");
        ExpectRepliesFromOwner(address, "node-1");
    }

    private void ExpectRepliesFromOwner(string address, params string[] possible)
    {
        string[] answers = [];
        _lan.Until("one of these nodes answers", () =>
            (answers = _lan.ArpAnswers("client", address, 1)) is [var mac] && possible.Any(node => _lan.MacOf(node) == mac));
        var owner = Nodes.Single(node => _lan.MacOf(node) == answers[0]);
        _lan.Until("the pods of that node answer", () => Ask(address) == owner);
        Assert.All(Enumerable.Range(0, 20), _ => Assert.Equal(owner, Ask(address)));
    }

    private string Ask(string address) => _lan.Try("client", "curl", "-s", "-m", "2", $"http://{address}/").Output.Trim();

    // What kube-proxy does with policy Local: traffic for the address goes to the pods of this node.
    private void RunPods(string node, string address)
    {
        var pod = $"import http.server as h\nclass P(h.BaseHTTPRequestHandler):\n def do_GET(s):\n  s.send_response(200)\n" +
            $"  s.end_headers()\n  s.wfile.write(b'{node}')\nh.ThreadingHTTPServer(('', 8080), P).serve_forever()";
        _lan.Start(node, $"pods-{node}", "python3", "-c", pod);
        var rules = $"add table ip proxy; add chain ip proxy in {{ type nat hook prerouting priority -100; }}; " +
            $"add rule ip proxy in ip daddr {address} tcp dport 80 redirect to :8080";
        Assert.Equal((0, ""), _lan.Try(node, "nft", rules));
    }

    private void AddService(params string[] pods)
    {
        _cluster.Apply(
            new
            {
                apiVersion = "v1",
                kind = "Service",
                metadata = new { name = "web", @namespace = "default" },
                spec = new { type = "LoadBalancer", externalTrafficPolicy = "Local", ports = new[] { new { port = 80 } } },
            },
            new
            {
                apiVersion = "discovery.k8s.io/v1",
                kind = "EndpointSlice",
                metadata = new
                {
                    name = "web-1",
                    @namespace = "default",
                    labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "web" },
                },
                addressType = "IPv4",
                ports = new[] { new { port = 80 } },
                endpoints = pods.Select((node, i) => new
                {
                    addresses = new[] { $"10.97.0.{i + 1}" },
                    nodeName = node,
                    conditions = new { ready = true, serving = true },
                }),
            });
    }
}
