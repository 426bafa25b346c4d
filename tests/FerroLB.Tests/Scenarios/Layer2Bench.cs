using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http;
using FerroLB.ApiServer.Store;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Lab.Workloads;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;
using FerroLB.Tests.Deploy;
using Xunit;

namespace FerroLB.Tests.Scenarios;

/// <summary>
/// A cluster for stories: YAML is applied to an API server with the real definitions, a controller and three speakers see it through
/// watches, and who owns an address is asked on the LAN. Time is the lab's, so a minute costs nothing.
/// </summary>
internal sealed class Layer2Bench
{
    public const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    private const string Own = "metallb-system";
    private const string Users = "shop";

    private static readonly SortedDictionary<string, KubeResource> Kinds = new(
        new[]
        {
            KubeResource.IpAddressPools, KubeResource.L2Advertisements, KubeResource.Services, KubeResource.EndpointSlices,
            KubeResource.Namespaces,
        }.ToDictionary(resource => resource.Kind),
        StringComparer.Ordinal);

    private static readonly MachineFactory Machines = new(
        start => new ControllerNode(new() { Namespace = Own, PodName = start.Name }, start.Seed),
        start => new SpeakerNode(new(start.Node, Own), start.Seed),
        start => LinkMachine.Of(new(new LinkNodeOptions(), start.Seed)));

    private static readonly Lazy<IReadOnlyList<ReadOnlyMemory<byte>>> Definitions = new(() =>
        [.. Directory.GetFiles(Path.Combine(YamlFiles.Root, "deploy/crds"), "*.yaml").Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes).Select(ToJson)]);

    private readonly VirtualWorld _world;
    private readonly KubeUser _user;
    private readonly List<(string Port, byte[] Frame)> _datagrams = [];

    public Layer2Bench(int nodes = 3, int segments = 1, ulong seed = 1)
    {
        _world = new(seed);
        Cluster = new(_world, Machines, new(nodes, segments));
        _user = new(Cluster.Api, "user");
        foreach (var definition in Definitions.Value)
            Assert.True(_user.Create(KubeResource.CustomResourceDefinitions, JsonNode.Parse(definition.Span)!.AsObject()));
        foreach (var name in new[] { Own, Users })
            Apply($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}");
        Cluster.Start();
        Cluster.Segments[0].Mirror = (port, frame) => _datagrams.Add((port.Name, frame));
        // By then the kubelets have said that their nodes are ready.
        Pass(2);
    }

    /// <summary>What the story is played with.</summary>
    public LabCluster Cluster { get; }

    /// <summary>The names of the nodes.</summary>
    public IReadOnlyList<string> Nodes => [.. Cluster.Nodes.Select(node => node.Name)];

    /// <summary>Applies one document, which may leave out its namespace.</summary>
    public Layer2Bench Apply(string yaml)
    {
        var body = JsonNode.Parse(ToJson(Encoding.UTF8.GetBytes(yaml)).Span)!.AsObject();
        var resource = Kinds[body["kind"]!.ToString()];
        var metadata = body["metadata"]!.AsObject();
        if (resource.Namespaced)
            metadata["namespace"] ??= resource.Group == "metallb.io" ? Own : Users;
        var (ns, name) = (metadata["namespace"]?.ToString(), metadata["name"]!.ToString());
        var isKnown = _user.List(resource).Contains((ns, name));
        Assert.True(isKnown ? _user.Edit(resource, ns, name, old => Replace(old, body)) : _user.Create(resource, body), yaml);
        return this;
    }

    /// <summary>Adds a pool of addresses.</summary>
    public Layer2Bench Pool(string name, params string[] addresses) =>
        Apply($"{{apiVersion: metallb.io/v1beta1, kind: IPAddressPool, metadata: {{name: {name}}}, " +
            $"spec: {{addresses: [{string.Join(", ", addresses)}]}}}}");

    /// <summary>Adds an L2Advertisement, or replaces its spec, in YAML's flow style: "{interfaces: [eth0]}".</summary>
    public Layer2Bench Advertise(string spec = "{}", string name = "l2") =>
        Apply($"{{apiVersion: metallb.io/v1beta1, kind: L2Advertisement, metadata: {{name: {name}}}, spec: {spec}}}");

    /// <summary>
    /// Adds a Service of type LoadBalancer, or replaces it, with a ready endpoint on each of these nodes, or on all of them.
    /// </summary>
    public Layer2Bench Service(string name, string spec = "", string labels = "", string annotations = "", params string[] endpoints)
    {
        Apply($"{{apiVersion: v1, kind: Service, metadata: {{name: {name}, labels: {{{labels}}}, annotations: {{{annotations}}}}}, " +
            $"spec: {{type: LoadBalancer, selector: {{app: {name}}}, {(spec.Contains("ports:") ? "" : "ports: [{port: 80}], ")}{spec}}}}}");
        return Endpoints(name, endpoints.Length == 0 ? [.. Nodes] : endpoints);
    }

    /// <summary>Puts a Service's endpoints on nodes; one with an exclamation mark is not ready.</summary>
    public Layer2Bench Endpoints(string service, params string[] nodes)
    {
        var items = nodes.Select((node, i) => $"{{addresses: [10.244.0.{i + 1}], nodeName: {node.TrimStart('!')}, " +
            $"conditions: {{ready: {(node[0] == '!' ? "false" : "true")}}}}}");
        return Apply($"{{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {{name: {service}-1, " +
            $"labels: {{kubernetes.io/service-name: {service}}}}}, addressType: IPv4, endpoints: [{string.Join(", ", items)}]}}");
    }

    /// <summary>Deletes an object of a kind.</summary>
    public Layer2Bench Delete(string kind, string name)
    {
        Assert.True(_user.Delete(Kinds[kind], Kinds[kind].Group == "metallb.io" ? Own : Users, name));
        return this;
    }

    /// <summary>Gives a node a label, or takes it away for null.</summary>
    public Layer2Bench Label(string node, string key, string? value)
    {
        Assert.True(_user.Edit(KubeResource.Nodes, null, node, body =>
        {
            var labels = body["metadata"]!["labels"]!.AsObject();
            labels.Remove(key);
            if (value is not null)
                labels[key] = value;
        }));
        return this;
    }

    /// <summary>Sets a node's condition NetworkUnavailable.</summary>
    public Layer2Bench CutNetwork(string node, bool isUnavailable)
    {
        Assert.True(_user.Edit(
            KubeResource.Nodes, null, node,
            body => body["status"]!["conditions"]!.AsArray().Single(item => item!["type"]!.ToString() == "NetworkUnavailable")!["status"] =
                isUnavailable ? "True" : "False",
            "status"));
        return this;
    }

    /// <summary>Lets seconds pass.</summary>
    public Layer2Bench Pass(double seconds)
    {
        _world.RunUntil(_world.Now + TimeSpan.FromSeconds(seconds));
        Assert.Null(_world.Violation);
        return this;
    }

    /// <summary>The addresses that a Service has, in order.</summary>
    public string[] AddressesOf(string service) =>
        [.. (Get(KubeResource.Services, Users, service)?["status"]?["loadBalancer"]?["ingress"]?.AsArray() ?? [])
            .Select(item => item!["ip"]!.ToString())];

    /// <summary>The value of an annotation of a Service, or null.</summary>
    public string? AnnotationOf(string service, string key) =>
        Get(KubeResource.Services, Users, service)?["metadata"]?["annotations"]?[key]?.ToString();

    /// <summary>The one address that a Service gets within ten seconds.</summary>
    public string AddressOf(string service)
    {
        Until(() => AddressesOf(service).Length > 0, $"{service} has an address");
        return Assert.Single(AddressesOf(service));
    }

    /// <summary>Who answers ARP for an address, as "node-1 on eth0", sorted.</summary>
    public string[] AnswersFor(string address)
    {
        var ip = IpAddress.Parse(address);
        foreach (var prober in Cluster.Probers)
            prober.Ask([ip]);
        Pass(0.1);
        return
        [
            .. Cluster.Probers.SelectMany((prober, i) => prober.Answers[ip].Select(mac =>
                $"{Cluster.Nodes.Single(node => node.Owns(mac)).Name} on eth{i}")).Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>Who holds an address of whatever family, as its link loop says.</summary>
    public string[] HoldersOf(string address) =>
        [.. Cluster.Nodes.Where(node => node.Announced().Contains(IpAddress.Parse(address))).Select(node => node.Name)];

    /// <summary>Waits until exactly this node answers for a Service's address, for thirty seconds at most.</summary>
    public Layer2Bench Expect(string service, string node)
    {
        Until(() => AddressesOf(service) is [var ip] && AnswersFor(ip) is [var only] && only == $"{node} on eth0", $"{node} answers");
        return this;
    }

    /// <summary>Nobody answers for a Service's address, once changes had three seconds to arrive, and for ten seconds more.</summary>
    public Layer2Bench ExpectNobody(string service)
    {
        Pass(3);
        for (var i = 0; i < 10; i++)
        {
            Assert.Empty(AnswersFor(AddressOf(service)));
            Pass(1);
        }
        return this;
    }

    /// <summary>The one node that answers for a Service's address, when it has one.</summary>
    public string OwnerOf(string service)
    {
        var address = AddressOf(service);
        Until(() => AnswersFor(address).Length > 0, $"somebody answers for {address}");
        return Assert.Single(AnswersFor(address)).Split(' ')[0];
    }

    /// <summary>The nodes in the order in which they would own an address.</summary>
    public string[] OrderFor(string address) =>
        [.. Nodes.OrderBy(node => Convert.ToHexString(StableHash.Sha256($"{node}#{address}")), StringComparer.Ordinal)];

    /// <summary>Reason and message of the events about a Service, by name of the event.</summary>
    public string[] EventsOf(string service) =>
        [.. Objects(KubeResource.Events).Where(item => item["involvedObject"]!["name"]!.ToString() == service)
            .Select(item => $"{item["reason"]}: {item["message"]}")];

    /// <summary>The ServiceL2Status objects about a Service.</summary>
    public JsonNode[] StatusesOf(string service) =>
        [.. Objects(KubeResource.ServiceL2Statuses).Where(item => item["status"]?["serviceName"]?.ToString() == service)];

    /// <summary>A host on the first segment uses an address for some seconds; the ports at which its datagrams were aimed.</summary>
    public string[] Use(string address)
    {
        var client = new ClientHost(
            _world, Cluster.Segments[0], "client", new MacAddress(0x02_EE_00_00_00_00), IpAddress.Parse("192.168.1.100"),
            () => [IpAddress.Parse(address)], TimeSpan.FromSeconds(1));
        _datagrams.Clear();
        Pass(5);
        Assert.True(client.SentDatagrams > 0);
        var aims = _datagrams.Where(sent => sent.Port == "client" && sent.Frame[12] == 0x88 && sent.Frame[13] == 0xB5)
            .Select(sent => MacAddress.Read(sent.Frame)).Distinct();
        return [.. aims.Select(mac => Cluster.Nodes.Single(node => node.Owns(mac)).Name)];
    }

    public void Until(Func<bool> condition, string what)
    {
        for (var i = 0; i < 60; i++)
        {
            if (condition())
                return;
            Pass(0.5);
        }
        Assert.Fail($"not within 30 s: {what}");
    }

    private static ReadOnlyMemory<byte> ToJson(byte[] yaml)
    {
        Assert.True(YamlBody.TryConvert(yaml, out var json, out var error), error);
        return json;
    }

    private static void Replace(JsonObject old, JsonObject body)
    {
        foreach (var (name, value) in body.Where(field => field.Key is not ("metadata" or "apiVersion" or "kind")))
        {
            // A Service keeps what the server filled in, as with kubectl.
            if (old["kind"]!.ToString() != "Service" || old[name] is not JsonObject part)
                old[name] = value?.DeepClone();
            else
                value!.AsObject().ToList().ForEach(field => part[field.Key] = field.Value?.DeepClone());
        }
        foreach (var name in new[] { "labels", "annotations" })
        {
            if (body["metadata"]![name] is { } map)
                old["metadata"]![name] = map.DeepClone();
        }
    }

    private IEnumerable<JsonNode> Objects(KubeResource resource) =>
        _user.List(resource).Select(key => Get(resource, key.Namespace, key.Name)!);

    private JsonObject? Get(KubeResource resource, string? ns, string name)
    {
        var request = new ApiRequest
        {
            Verb = ApiVerb.Get,
            Group = resource.Group,
            Version = resource.Version,
            Resource = resource.Plural,
            Namespace = ns,
            Name = name,
        };
        var response = Cluster.Api.Do(request, "user");
        return response.StatusCode == 200 ? JsonNode.Parse(response.Body.Span)!.AsObject() : null;
    }
}
