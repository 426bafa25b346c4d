using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;

namespace FerroLB.Tests.Nodes;

/// <summary>A controller, an API and the words that its tests are written in.</summary>
internal sealed class ControllerWorld
{
    public const string System = "metallb-system";

    public ControllerWorld(string loadBalancerClass = "")
    {
        LoadBalancerClass = loadBalancerClass;
        Api.Put(KubeResource.Namespaces, """{"metadata":{"name":"shop","labels":{"tier":"front"}}}""");
        Restart();
    }

    public string LoadBalancerClass { get; }

    /// <summary>The Pod that the controller runs in from its next start on; "" for none.</summary>
    public string PodName { get; set; } = "";

    public ScriptedApi Api { get; } = new();

    public ControllerNode Node { get; private set; } = null!;

    public NodeHarness Harness { get; private set; } = null!;

    public ControllerWorld Restart(ulong seed = 1)
    {
        Api.Disconnect();
        Node = new ControllerNode(
            new ControllerOptions { Namespace = System, LoadBalancerClass = LoadBalancerClass, PodName = PodName }, seed);
        Harness = new NodeHarness(Node, Api);
        return this;
    }

    public ControllerWorld Start()
    {
        Harness.Start();
        return this;
    }

    public ControllerWorld Pool(string name, string addresses, string spec = "")
    {
        var quoted = string.Join(',', addresses.Split(' ').Select(text => $"\"{text}\""));
        Api.Put(
            KubeResource.IpAddressPools,
            $$"""{"metadata":{"name":"{{name}}","namespace":"{{System}}"},"spec":{"addresses":[{{quoted}}]{{spec}} } }""");
        return Settle();
    }

    public ControllerWorld RemovePool(string name)
    {
        Api.Delete(KubeResource.IpAddressPools, System, name);
        return Settle();
    }

    public ControllerWorld Service(string name, Action<JsonObject>? change = null, params string[] clusterIPs)
    {
        var ips = clusterIPs.Length > 0 ? clusterIPs : ["10.96.0.1"];
        var value = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = "shop",
                ["annotations"] = new JsonObject(),
                ["labels"] = new JsonObject(),
            },
            ["spec"] = new JsonObject
            {
                ["type"] = "LoadBalancer",
                ["clusterIPs"] = new JsonArray([.. ips.Select(ip => JsonValue.Create(ip))]),
                ["ports"] = new JsonArray(new JsonObject { ["port"] = 80, ["protocol"] = "TCP" }),
            },
        };
        // As on a server: what others wrote into the annotations stays.
        if (Find(name)?["metadata"]?["annotations"]?["metallb.io/ip-allocated-from-pool"] is { } pool)
            value["metadata"]!["annotations"]!["metallb.io/ip-allocated-from-pool"] = pool.DeepClone();
        change?.Invoke(value);
        Api.Put(KubeResource.Services, value.ToJsonString());
        return Settle();
    }

    public static Action<JsonObject> Annotated(string key, string value) => service => service["metadata"]!["annotations"]![key] = value;

    public static Action<JsonObject> Labelled(string app) => service => service["metadata"]!["labels"]!["app"] = app;

    public static Action<JsonObject> With(string field, JsonNode value) => service => service["spec"]![field] = value.DeepClone();

    public static Action<JsonObject> WithStatus(params string[] addresses) => service => service["status"] = new JsonObject
    {
        ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray([.. addresses.Select(ip => new JsonObject { ["ip"] = ip })]) },
    };

    public ControllerWorld Delete(string name)
    {
        Api.Delete(KubeResource.Services, "shop", name);
        return Settle();
    }

    /// <summary>The addresses in the Service's status, joined by a blank; "" when there are none.</summary>
    public string Addresses(string name) =>
        string.Join(
            ' ', Find(name)?["status"]?["loadBalancer"]?["ingress"]?.AsArray().Select(entry => entry!["ip"]?.ToString() ?? "?") ?? []);

    public string? PoolOf(string name) => Find(name)?["metadata"]?["annotations"]?["metallb.io/ip-allocated-from-pool"]?.ToString();

    /// <summary>The condition as "True Allocated", or "" when there is none.</summary>
    public string Condition(string name)
    {
        var condition = Find(name)?["status"]?["conditions"]?.AsArray()
            .FirstOrDefault(item => item!["type"]!.ToString() == "ferrolb.io/Allocated");
        return condition is null ? "" : $"{condition["status"]} {condition["reason"]}";
    }

    /// <summary>The reasons of the events about an object, in the order in which they came.</summary>
    public IReadOnlyList<string> Events(string name) =>
        [.. Api.Requests.Where(request => request.Verb == KubeVerb.Create && request.Resource == KubeResource.Events)
            .Select(request => JsonNode.Parse(request.Body.Span)!)
            .Where(value => value["involvedObject"]!["name"]!.ToString() == name).Select(value => value["reason"]!.ToString())];

    public JsonObject? Find(string name) => Api.Find(KubeResource.Services, "shop", name);

    private ControllerWorld Settle()
    {
        if (Harness is not null && Node.Snapshot.IsSynced)
            Harness.Settle();
        return this;
    }
}
