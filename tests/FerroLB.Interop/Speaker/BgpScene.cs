using System;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Interop.Routers;

namespace FerroLB.Interop.Speaker;

/// <summary>
/// A cluster on a LAN with routers: an API server, a controller, and speakers on the hosts that are called node-N. Every host has an
/// address of both families, 10.98.0.N and fd98::N, the first one being N = 2. What users would write is applied as YAML.
/// </summary>
internal sealed class BgpScene : IDisposable
{
    private const string Home = "metallb-system";
    private int _count;

    public BgpScene(params string[] hosts)
    {
        Lan = new(hosts);
        for (var i = 0; i < hosts.Length; i++)
            Lan.Ip(hosts[i], string.Create(CultureInfo.InvariantCulture, $"-6 addr add fd98::{i + 2}/64 dev eth0 nodad"));
        Cluster = new(Lan, Shell.Ferrolb);
        Cluster.StartApiServer();
        Cluster.Prepare();
        foreach (var node in hosts.Where(host => host.StartsWith("node", StringComparison.Ordinal)))
            Cluster.AddNode(node);
        Cluster.StartController();
    }

    public TestLan Lan { get; }

    public TestCluster Cluster { get; }

    /// <summary>A BGPPeer.</summary>
    public static string Peer(string name, string spec) => Own("metallb.io/v1beta2", "BGPPeer", name, spec);

    /// <summary>A BGPAdvertisement.</summary>
    public static string Advertisement(string name, string spec = "{}") => Own("metallb.io/v1beta1", "BGPAdvertisement", name, spec);

    /// <summary>A pool of that name with these addresses, blank between them.</summary>
    public static string Pool(string name, string addresses) => Own(
        "metallb.io/v1beta1", "IPAddressPool", name,
        $"{{addresses: [{string.Join(", ", addresses.Split(' ').Select(address => $"'{address}'"))}]}}");

    /// <summary>A BFDProfile.</summary>
    public static string Profile(string name, string spec) => Own("metallb.io/v1beta1", "BFDProfile", name, spec);

    /// <summary>A Secret with a password.</summary>
    public static string Secret(string name, string password, string type = "kubernetes.io/basic-auth") => $$"""
        apiVersion: v1
        kind: Secret
        metadata: {name: {{name}}, namespace: {{Home}} }
        type: {{type}}
        stringData: {password: '{{password}}'}
        """;

    /// <summary>A Service with an endpoint on each of the nodes named, or on none that is known.</summary>
    public static string Service(string name, string pool = "", string spec = "ipFamilies: [IPv4]", params string[] nodes)
    {
        var endpoints = nodes.DefaultIfEmpty("").Select((node, index) => string.Create(
            CultureInfo.InvariantCulture,
            $"{{addresses: [10.97.0.{index + 1}], conditions: {{ready: true}}{(node.Length == 0 ? "" : $", nodeName: {node}")}}}"));
        var annotations = pool.Length == 0 ? "{}" : $"{{metallb.io/address-pool: {pool}}}";
        return $$"""
            apiVersion: v1
            kind: Service
            metadata: {name: {{name}}, namespace: default, annotations: {{annotations}} }
            spec: {type: LoadBalancer, ports: [{port: 80}], {{spec}} }
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: {{name}}-1, namespace: default, labels: {kubernetes.io/service-name: {{name}} } }
            addressType: IPv4
            ports: [{port: 80}]
            endpoints: [{{string.Join(", ", endpoints)}}]
            """;
    }

    /// <summary>Applies documents in one call of kubectl.</summary>
    public void Apply(params string[] documents)
    {
        var file = Path.Combine(Lan.Directory, string.Create(CultureInfo.InvariantCulture, $"applied-{++_count}.yaml"));
        File.WriteAllText(file, string.Join("\n---\n", documents));
        Cluster.Kubectl("apply", "-f", file);
    }

    /// <summary>Deletes an object of FerroLB's namespace.</summary>
    public void Delete(string kind, string name) => Cluster.Kubectl("delete", kind, name, "--namespace", Home);

    /// <summary>Starts the speaker of a node, whose metrics are at <see cref="Metric"/>.</summary>
    public Process StartSpeaker(string node = "node-1") => Cluster.StartSpeaker(node, "--metrics-plain-http");

    /// <summary>Ends a speaker as Kubernetes does, and waits until it has ended.</summary>
    public void Terminate(Process speaker)
    {
        Tool.Run("/bin/sh", "-c", $"kill -TERM {speaker.Id}");
        Lan.Until("the speaker has ended", () => speaker.HasExited);
    }

    /// <summary>Waits until Services have all their addresses, and returns those of the first in the order of its status.</summary>
    public string[] AddressesOf(string service, int count = 1)
    {
        string[] addresses = [];
        Lan.Until($"the Service {service} has its addresses", () =>
        {
            addresses = Cluster.Kubectl("get", "service", service, "-o", "jsonpath={.status.loadBalancer.ingress[*].ip}")
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return addresses.Length == count;
        });
        return addresses;
    }

    /// <summary>The host route of a Service's only address.</summary>
    public string RouteOf(string service) => HostRoute(AddressesOf(service)[0]);

    /// <summary>The host route of an address.</summary>
    public static string HostRoute(string address) => address + (address.Contains(':') ? "/128" : "/32");

    /// <summary>Starts FRR on a host with bgpd, and bfdd if the configuration speaks of BFD.</summary>
    public FrrRouter StartFrr(string host, string configuration) => new(
        Lan, host, configuration, configuration.Contains("bfd", StringComparison.Ordinal) ? ["bfdd", "bgpd"] : ["bgpd"]);

    /// <summary>What a JSONPath finds in the SpeakerState of a node.</summary>
    public string SpeakerState(string path, string node = "node-1") => Cluster.Kubectl(
        "get", "speakerstate", node, "--namespace", Home, "--ignore-not-found", "-o", $"jsonpath={{{path}}}");

    /// <summary>The value of a series of a speaker; "" when there is none.</summary>
    public string Metric(string series, string node = "node-1") => Lan.Try(node, "curl", "-s", "http://127.0.0.1:9120/metrics").Output
        .Split('\n').Where(line => line.StartsWith(series + " ", StringComparison.Ordinal)).Select(line => line.Split(' ')[^1])
        .FirstOrDefault() ?? "";

    /// <inheritdoc/>
    public void Dispose() => Lan.Dispose();

    /// <summary>An object of FerroLB's namespace.</summary>
    public static string Own(string version, string kind, string name, string spec) => $$"""
        apiVersion: {{version}}
        kind: {{kind}}
        metadata: {name: {{name}}, namespace: {{Home}} }
        spec: {{spec}}
        """;
}
