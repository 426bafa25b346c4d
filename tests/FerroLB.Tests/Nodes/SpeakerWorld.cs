using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Ethernet;

namespace FerroLB.Tests.Nodes;

/// <summary>A speaker on "iris1" of a cluster with "iris1" and "iris2", an API, and the words that its tests are written in.</summary>
internal sealed class SpeakerWorld
{
    // Of the two nodes iris2 sorts first for 10.20.30.1, and iris1 for 10.20.30.2.
    public const string Hers = "10.20.30.1";
    public const string Ours = "10.20.30.2";
    private const string Home = "metallb-system";

    public SpeakerWorld(
        string nodeName = "iris1", string loadBalancerClass = "", bool ignoresExcludeLabel = false, MembershipOptions? membership = null,
        string podName = "", bool sendsHeartbeats = false)
    {
        var options = new SpeakerOptions(nodeName, Home)
        {
            LoadBalancerClass = loadBalancerClass,
            IgnoreExcludeLabel = ignoresExcludeLabel,
            Membership = membership,
            PodName = podName,
            SendsHeartbeats = sendsHeartbeats,
        };
        Node = new(options, 1);
        Harness = new(Node, Api);
        ClusterNode("iris1").ClusterNode("iris2").Pool("pool", "10.20.30.0/24").Advertisement("all", "{}");
    }

    public ScriptedApi Api { get; } = new();

    public SpeakerNode Node { get; }

    public NodeHarness Harness { get; }

    public SpeakerWorld Start(params string[] interfaces)
    {
        Harness.Start();
        return Links(interfaces.Length == 0 ? ["eth0"] : interfaces);
    }

    public SpeakerWorld Links(params string[] interfaces)
    {
        LinkState[] links = [.. interfaces.Select((name, index) => new LinkState(index + 1, name, new(0x020000000001)) { IsUp = true })];
        Harness.Tell(new NodeInput.LinkReported(new LinkReport.LinksChanged(links)));
        return this;
    }

    public SpeakerWorld ClusterNode(string name, string labels = "", string ready = "True", bool networkUnavailable = false)
    {
        Api.Put(KubeResource.Nodes, $$"""
            {"metadata":{"name":"{{name}}","labels":{"kubernetes.io/hostname":"{{name}}"{{labels}} } },
             "status":{"conditions":[{"type":"Ready","status":"{{ready}}"},
                                     {"type":"NetworkUnavailable","status":"{{networkUnavailable}}"}]} }
            """);
        return Settle();
    }

    public SpeakerWorld Pool(string name, string addresses)
    {
        Api.Put(
            KubeResource.IpAddressPools,
            $$"""{"metadata":{"name":"{{name}}","namespace":"{{Home}}"},"spec":{"addresses":["{{addresses}}"]} }""");
        return Settle();
    }

    public SpeakerWorld Advertisement(string name, string spec)
    {
        Api.Put(
            KubeResource.L2Advertisements, $$"""{"metadata":{"name":"{{name}}","namespace":"{{Home}}"},"spec":{{spec}} }""");
        return Settle();
    }

    public SpeakerWorld Delete(KubeResource resource, string name)
    {
        Api.Delete(resource, resource.Namespaced ? resource == KubeResource.Services ? "shop" : Home : "", name);
        return Settle();
    }

    /// <summary>A Service of type LoadBalancer with addresses, and with one endpoint on each of the nodes named.</summary>
    public SpeakerWorld Service(string name, string addresses, string spec = "", string metadata = "", params string[] endpoints)
    {
        var ingress = string.Join(',', addresses.Split(' ').Where(ip => ip.Length > 0).Select(ip => $$"""{"ip":"{{ip}}"}"""));
        Api.Put(KubeResource.Services, $$"""
            {"metadata":{"name":"{{name}}","namespace":"shop"{{metadata}} },
             "spec":{"type":"LoadBalancer"{{spec}} },
             "status":{"loadBalancer":{"ingress":[{{ingress}}]} } }
            """);
        return Endpoints(name, endpoints.Length == 0 ? ["iris1", "iris2"] : endpoints);
    }

    public SpeakerWorld Endpoints(string service, params string[] nodes)
    {
        var items = string.Join(',', nodes.Select(node => node.StartsWith('!')
            ? $$"""{"addresses":["10.0.0.1"],"nodeName":"{{node[1..]}}","conditions":{"ready":false} }"""
            : $$"""{"addresses":["10.0.0.1"],"nodeName":"{{node}}","conditions":{"ready":true} }"""));
        Api.Put(KubeResource.EndpointSlices, $$"""
            {"metadata":{"name":"{{service}}-1","namespace":"shop","labels":{"kubernetes.io/service-name":"{{service}}"} },
             "addressType":"IPv4","endpoints":[{{items}}]}
            """);
        return Settle();
    }

    /// <summary>What the link loop was told to announce for a Service last: "10.20.30.2", "10.20.30.2 on eth0", or "".</summary>
    public string Announced(string service)
    {
        var last = Harness.Commands.LastOrDefault(command =>
            (command is LinkCommand.AnnounceService { Service.Name: var name } && name == service) ||
            (command is LinkCommand.RetractService { Service.Name: var gone } && gone == service));
        if (last is not LinkCommand.AnnounceService announce)
            return "";
        return string.Join(' ', announce.Wishes.Select(wish =>
            wish.Interfaces is null ? $"{wish.Address}" : $"{wish.Address} on {string.Join(',', wish.Interfaces)}"));
    }

    /// <summary>Whether a Service says that it is announced, and why: "True Announced: message", or "" when it says nothing.</summary>
    public string Said(string service) => Condition(service) is { } condition
        ? $"{condition["status"]} {condition["reason"]}: {condition["message"]}"
        : "";

    /// <summary>The condition of a Service about its announcement, or null.</summary>
    public JsonNode? Condition(string service) =>
        Api.Find(KubeResource.Services, "shop", service)?["status"]?["conditions"]?.AsArray()
            .SingleOrDefault(item => item!["type"]!.ToString() == "ferrolb.io/Announced");

    /// <summary>How many writes to Services were sent.</summary>
    public int ServiceWrites =>
        Api.Requests.Count(request => request.Verb == KubeVerb.Patch && request.Resource == KubeResource.Services);

    /// <summary>A name for a Service of which, when nobody announces it, a node has to say so.</summary>
    public static string DutyOf(string node) =>
        Enumerable.Range(0, 100).Select(i => $"duty-{i}").First(name => new SpeakerDuty(["iris1", "iris2"]).Has(node, new("shop", name)));

    public SpeakerWorld Pass(double seconds)
    {
        Harness.Pass(TimeSpan.FromSeconds(seconds));
        return this;
    }

    /// <summary>Reason and message of the events about a Service, in the order in which they came.</summary>
    public IReadOnlyList<string> Events(string service) =>
        [.. Api.Requests.Where(request => request.Verb == KubeVerb.Create && request.Resource == KubeResource.Events)
            .Select(request => JsonNode.Parse(request.Body.Span)!)
            .Where(value => value["involvedObject"]!["name"]!.ToString() == service)
            .Select(value => $"{value["reason"]}: {value["message"]}")];

    public SpeakerWorld Settle()
    {
        if (Harness is not null && Node.Snapshot.IsSynced)
            Harness.Settle();
        return this;
    }
}
