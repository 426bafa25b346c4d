using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Benchmarks;

/// <summary>
/// The scene of the speaker's BGP benchmarks: the API server, one node with its speaker (10.98.0.2), and routers, on one LAN. Services have
/// one ready endpoint each; their addresses, from 10.128.0.0 on, are written by this program in the controller's place.
/// </summary>
internal sealed class BgpScene : IDisposable
{
    /// <summary>The node.</summary>
    public const string Node = "node-1";

    /// <summary>The node's address.</summary>
    public const string NodeAddress = "10.98.0.2";

    /// <summary>The node's AS.</summary>
    public const uint NodeAsn = 65001;

    /// <summary>The label by which each thousand of Services can be told from the others.</summary>
    public const string GroupLabel = "group";

    private const string OwnNamespace = "metallb-system";
    private const string SlicesUrl = "apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    private const int InFlight = 32;

    /// <summary>Lays out the LAN, and starts the API server.</summary>
    /// <param name="hosts">Further hosts, from 10.98.0.3 on.</param>
    public BgpScene(params string[] hosts)
    {
        Lan = new([Node, .. hosts]);
        Cluster = new(Lan, ShippedForm.Executable());
        ApiServer = Cluster.StartApiServer();
        Cluster.Prepare();
        Cluster.AddNode(Node);
        Cluster.Apply(
            Configuration("v1beta1", "IPAddressPool", "pool", new { addresses = new[] { "10.128.0.0/15" } }),
            Configuration("v1beta1", "BGPAdvertisement", "all", new { }));
        Load = new(Cluster.Kubeconfig, Lan.NamespaceOf("lan"));
    }

    /// <summary>The LAN.</summary>
    public TestLan Lan { get; }

    /// <summary>The processes on it.</summary>
    public TestCluster Cluster { get; }

    /// <summary>The API server's process.</summary>
    public Process ApiServer { get; }

    /// <summary>A plain client of the API server.</summary>
    public KubeLoad Load { get; }

    /// <summary>Adds a peer, or replaces it.</summary>
    public void AddPeer(string name, object spec) => Cluster.Apply(Configuration("v1beta2", "BGPPeer", name, spec));

    /// <summary>Applies a configuration object.</summary>
    public void Apply(string kind, string name, object spec) => Cluster.Apply(Configuration("v1beta1", kind, name, spec));

    /// <summary>Starts the speaker.</summary>
    public Process StartSpeaker(params string[] flags) => Cluster.StartSpeaker(Node, flags);

    /// <summary>Creates Services and their endpoints; none has an address.</summary>
    public void CreateServices(int first, int count)
    {
        var names = Enumerable.Range(first, count).Select(ControllerScene.NameOf).ToList();
        Send(HttpMethod.Post, names.Select(name => (SlicesUrl, JsonSerializer.Serialize(Slice(name)))));
        Send(HttpMethod.Post, names.Select((name, i) => (ControllerScene.ServicesUrl, JsonSerializer.Serialize(Service(name, first + i)))));
    }

    /// <summary>Gives Services their addresses, so many each, in the order of their numbers.</summary>
    public void Assign(int first, int count, int each = 1) =>
        Send(HttpMethod.Patch, Enumerable.Range(first, count).Select(i => Assignment(i, each)));

    /// <summary>The request that gives a Service its addresses.</summary>
    public static (string Url, string Body) Assignment(int number, int each = 1)
    {
        var ips = Enumerable.Range(number * each, each).Select(i => $$"""{"ip":"{{AddressOf(i)}}"}""");
        var url = $"{ControllerScene.ServicesUrl}/{ControllerScene.NameOf(number)}/status";
        return (url, $$"""{"status":{"loadBalancer":{"ingress":[{{string.Join(',', ips)}}]} } }""");
    }

    /// <summary>The request that says whether the endpoint of a Service is ready.</summary>
    public static (string Url, string Body) Readiness(int number, bool isReady) => (
        $"{SlicesUrl}/{ControllerScene.NameOf(number)}",
        JsonSerializer.Serialize(new { endpoints = Endpoints(isReady) }));

    /// <summary>Sends requests with 32 in flight.</summary>
    public void Send(HttpMethod method, IEnumerable<(string Url, string Body)> requests) => Load.SendAll(
        method, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json", InFlight, requests);

    /// <summary>The group of a Service.</summary>
    public static string GroupOf(int number) => string.Create(CultureInfo.InvariantCulture, $"group-{number / 1000}");

    /// <inheritdoc/>
    public void Dispose()
    {
        Load?.Dispose();
        Lan.Dispose();
    }

    private static IpAddress AddressOf(int number) => IpAddress.V4(BgpSinkSession.FirstAddress + (uint)number);

    private static object Configuration(string version, string kind, string name, object spec) => new
    {
        apiVersion = $"metallb.io/{version}",
        kind,
        metadata = new { name, @namespace = OwnNamespace },
        spec,
    };

    private static object Service(string name, int number) => new
    {
        apiVersion = "v1",
        kind = "Service",
        metadata = new
        {
            name,
            labels = new SortedDictionary<string, string>(StringComparer.Ordinal)
            {
                ["app"] = "benchmark", [GroupLabel] = GroupOf(number),
            },
        },
        spec = new
        {
            type = "LoadBalancer",
            allocateLoadBalancerNodePorts = false,
            selector = new { app = name },
            ports = new[] { new { port = 80, targetPort = 8080 } },
        },
    };

    private static object Slice(string name) => new
    {
        apiVersion = "discovery.k8s.io/v1",
        kind = "EndpointSlice",
        metadata = new
        {
            name,
            @namespace = "default",
            labels = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["kubernetes.io/service-name"] = name },
        },
        addressType = "IPv4",
        ports = new[] { new { port = 8080 } },
        endpoints = Endpoints(true),
    };

    private static object[] Endpoints(bool isReady) =>
        [new { addresses = new[] { "10.97.0.1" }, nodeName = Node, conditions = new { ready = isReady, serving = isReady } }];
}
