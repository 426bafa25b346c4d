using System.Collections.Generic;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;

namespace FerroLB.Lab.Workloads;

/// <summary>Kubernetes objects as JSON, written by the lab's own hand.</summary>
internal static class LabObjects
{
    /// <summary>The namespace that the product runs in and reads its configuration from.</summary>
    public const string SystemNamespace = "metallb-system";

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    public static JsonArray Strings(IEnumerable<string> values)
    {
        var array = new JsonArray();
        foreach (var value in values)
            array.Add(JsonValue.Create(value));
        return array;
    }

    public static JsonObject Object(string apiVersion, string kind, string? ns, string name, JsonObject? labels = null)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (ns is not null)
            metadata["namespace"] = ns;
        if (labels is not null)
            metadata["labels"] = labels;
        return new() { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }

    public static byte[] Node(string name, string zone)
    {
        var node = Object("v1", "Node", null, name, new() { ["kubernetes.io/hostname"] = name, ["zone"] = zone });
        node["status"] = new JsonObject { ["conditions"] = Conditions("True") };
        return Bytes(node);
    }

    public static byte[] NodeReady(bool ready) =>
        Bytes(new JsonObject { ["status"] = new JsonObject { ["conditions"] = Conditions(ready ? "True" : "Unknown") } });

    /// <summary>A selector for the speakers' Pods.</summary>
    public const string SpeakerLabels = "app=metallb,component=speaker";

    public static string SpeakerPodName(string node) => "speaker-" + node;

    public static byte[] SpeakerPod(string node)
    {
        var labels = new JsonObject { ["app"] = "metallb", ["component"] = "speaker" };
        var pod = Object("v1", "Pod", SystemNamespace, SpeakerPodName(node), labels);
        pod["spec"] = new JsonObject { ["nodeName"] = node, ["containers"] = new JsonArray(new JsonObject { ["name"] = "speaker" }) };
        return Bytes(pod);
    }

    public static byte[] PodRunning(string address) =>
        Bytes(new JsonObject { ["status"] = new JsonObject { ["phase"] = "Running", ["podIP"] = address } });

    public static JsonObject Namespace(string name, string team) => Object("v1", "Namespace", null, name, new() { ["team"] = team });

    /// <summary>
    /// A definition that lets every field through: what schemas refuse is tested elsewhere, here the nodes see everything.
    /// </summary>
    public static JsonObject Definition(KubeResource resource)
    {
        var version = new JsonObject
        {
            ["name"] = resource.Version,
            ["served"] = true,
            ["storage"] = true,
            ["schema"] = new JsonObject
            {
                ["openAPIV3Schema"] = new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true },
            },
            ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
        };
        var definition = Object("apiextensions.k8s.io/v1", "CustomResourceDefinition", null, $"{resource.Plural}.{resource.Group}");
        definition["spec"] = new JsonObject
        {
            ["group"] = resource.Group,
            ["scope"] = "Namespaced",
            ["names"] = new JsonObject
            {
                ["kind"] = resource.Kind,
                ["listKind"] = resource.Kind + "List",
                ["plural"] = resource.Plural,
                ["singular"] = resource.Plural[..^1],
            },
            ["versions"] = new JsonArray(version),
        };
        return definition;
    }

    public static JsonObject Pool(string name, string tier, IEnumerable<string> addresses)
    {
        var pool = Object("metallb.io/v1beta1", "IPAddressPool", SystemNamespace, name, new() { ["tier"] = tier });
        pool["spec"] = new JsonObject { ["addresses"] = Strings(addresses) };
        return pool;
    }

    public static JsonObject Advertisement(string name)
    {
        var advertisement = Object("metallb.io/v1beta1", "L2Advertisement", SystemNamespace, name);
        advertisement["spec"] = new JsonObject();
        return advertisement;
    }

    public static JsonObject MatchLabels(string key, string value) =>
        new() { ["matchLabels"] = new JsonObject { [key] = value } };

    public static JsonObject MatchExpression(string key, string question, params string[] values)
    {
        var expression = new JsonObject { ["key"] = key, ["operator"] = question };
        if (values.Length > 0)
            expression["values"] = Strings(values);
        return new() { ["matchExpressions"] = new JsonArray(expression) };
    }

    public static JsonObject Service(string ns, string name, string app, IEnumerable<(string Protocol, int Port)> ports)
    {
        var service = Object("v1", "Service", ns, name, new() { ["app"] = app });
        var list = new JsonArray();
        foreach (var (protocol, port) in ports)
        {
            list.Add(new JsonObject
            {
                ["name"] = $"{protocol.ToLowerInvariant()}-{port}",
                ["protocol"] = protocol,
                ["port"] = port,
            });
        }
        service["spec"] = new JsonObject
        {
            ["type"] = "LoadBalancer",
            ["selector"] = new JsonObject { ["app"] = app },
            ["ports"] = list,
        };
        return service;
    }

    /// <summary>The slice that the endpoint-slice controller makes for a Service: one endpoint per node named, ready or not.</summary>
    public static JsonObject Slice(string ns, string service, IEnumerable<(string Node, bool Ready)> endpoints)
    {
        var slice = Object(
            "discovery.k8s.io/v1", "EndpointSlice", ns, service + "-1", new() { ["kubernetes.io/service-name"] = service });
        slice["addressType"] = "IPv4";
        slice["ports"] = new JsonArray();
        slice["endpoints"] = Endpoints(endpoints);
        return slice;
    }

    public static JsonArray Endpoints(IEnumerable<(string Node, bool Ready)> endpoints)
    {
        var list = new JsonArray();
        var number = 0;
        foreach (var (node, ready) in endpoints)
        {
            list.Add(new JsonObject
            {
                ["addresses"] = Strings([$"10.244.0.{++number}"]),
                ["conditions"] = new JsonObject { ["ready"] = ready, ["serving"] = ready },
                ["nodeName"] = node,
            });
        }
        return list;
    }

    /// <summary>A part of an object, made when it is missing.</summary>
    public static JsonObject Part(JsonObject parent, string name)
    {
        if (parent[name] is JsonObject part)
            return part;
        part = new JsonObject();
        parent[name] = part;
        return part;
    }

    private static JsonArray Conditions(string ready) => new(
        new JsonObject { ["type"] = "NetworkUnavailable", ["status"] = "False" },
        new JsonObject { ["type"] = "Ready", ["status"] = ready });
}
