using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Workloads;

/// <summary>Creates, edits and deletes Services, and plays the endpoint-slice controller for them.</summary>
internal sealed class ServiceWorkload(KubeUser user, KubeUser endpointController, SeededRandom random, WorkloadOptions options)
{
    public static readonly string[] Apps = ["web", "db", "dns", "mail"];

    private static readonly string[] Namespaces = ["default", "team-a", "team-b"];
    private static readonly string[] LoadBalancerFields =
        ["externalTrafficPolicy", "loadBalancerClass", "loadBalancerIP", "allocateLoadBalancerNodePorts", "healthCheckNodePort"];

    private static readonly string[] Prefixes = ["metallb.io/", "metallb.universe.tf/"];

    private static readonly (string, int)[][] PortSets =
        [[("TCP", 80)], [("TCP", 443)], [("TCP", 80), ("TCP", 443)], [("UDP", 53)], [("TCP", 53), ("UDP", 53)]];

    private readonly SortedDictionary<string, SortedDictionary<string, bool>> _endpoints = new(StringComparer.Ordinal);
    private readonly List<(string Namespace, string Name, string App)> _services = [];
    private int _created;

    public void ActOnce()
    {
        var draw = random.Next(10);
        if (_services.Count == 0 || (draw < 5 && _services.Count < options.MostServices))
            Create();
        else if (draw < 7)
            EditOne();
        else if (draw < 9)
            ChangeEndpoints(Pick(Apps));
        else
            DeleteOne();
    }

    public void Create()
    {
        var (ns, name, app) = (Pick(Namespaces), $"svc-{_created++}", Pick(Apps));
        var service = LabObjects.Service(ns, name, app, PortSets[random.Next(PortSets.Length)]);
        var spec = LabObjects.Part(service, "spec");
        ChooseFamilies(spec);
        if (random.Chance(options.LocalShare))
            spec["externalTrafficPolicy"] = "Local";
        if (options.OurClass.Length > 0 && random.Chance(0.9))
            spec["loadBalancerClass"] = options.OurClass;
        else if (random.Chance(0.04))
            spec["loadBalancerClass"] = "example.com/other";
        if (random.Chance(options.RequestShare))
            ChooseRequest(service, service["spec"]!["ipFamilies"] is JsonArray);
        if (random.Chance(options.SharingShare))
            Annotate(service, "allow-shared-ip", "key-" + random.Next(2));
        if (!user.Create(KubeResource.Services, service))
            return;
        _services.Add((ns, name, app));
        endpointController.Create(KubeResource.EndpointSlices, LabObjects.Slice(ns, name, EndpointsOf(app)));
    }

    public void ChangeEndpoints(string app)
    {
        var endpoints = Endpoints(app);
        var node = $"node-{random.Next(3) + 1}";
        if (random.Chance(0.5))
            endpoints[node] = random.Chance(0.7);
        else if (!endpoints.Remove(node))
            endpoints[node] = true;
        foreach (var (ns, name, _) in _services.Where(service => service.App == app))
        {
            endpointController.Edit(
                KubeResource.EndpointSlices, ns, name + "-1", slice => slice["endpoints"] = LabObjects.Endpoints(EndpointsOf(app)));
        }
    }

    private void ChooseFamilies(JsonObject spec)
    {
        if (random.Chance(options.DualShare))
        {
            spec["ipFamilyPolicy"] = random.Chance(0.6) ? "PreferDualStack" : "RequireDualStack";
            if (random.Chance(0.3))
                spec["ipFamilies"] = LabObjects.Strings(["IPv6", "IPv4"]);
        }
        else if (random.Chance(0.08))
        {
            spec["ipFamilyPolicy"] = "SingleStack";
            spec["ipFamilies"] = LabObjects.Strings(["IPv6"]);
        }
    }

    private void ChooseRequest(JsonObject service, bool sixFirst)
    {
        switch (random.Next(4))
        {
            case 0:
                LabObjects.Part(service, "spec")["loadBalancerIP"] = PoolWorkload.SomeAddress(random);
                break;
            case 1 when sixFirst:
                Annotate(service, "loadBalancerIPs", $"{PoolWorkload.SomeAddress(random)}, fd00:20::{random.Next(16):x}");
                break;
            case 1 or 2:
                Annotate(service, "loadBalancerIPs", PoolWorkload.SomeAddress(random));
                break;
            default:
                Annotate(service, "address-pool", PoolWorkload.SomePool(random));
                break;
        }
    }

    private void EditOne()
    {
        var (ns, name, _) = _services[random.Next(_services.Count)];
        user.Edit(KubeResource.Services, ns, name, service =>
        {
            var spec = LabObjects.Part(service, "spec");
            switch (random.Next(8))
            {
                case 0:
                    ChangeType(spec);
                    break;
                case 1 or 2:
                    ChooseRequest(service, sixFirst: false);
                    break;
                case 3:
                    RemoveRequests(service);
                    break;
                case 4:
                    Annotate(service, "allow-shared-ip", random.Chance(0.3) ? "" : "key-" + random.Next(2));
                    break;
                case 5 when spec["type"]?.GetValue<string>() == "LoadBalancer":
                    spec["externalTrafficPolicy"] = random.Chance(0.5) ? "Local" : "Cluster";
                    break;
                case 6:
                    var (protocol, port) = PortSets[random.Next(PortSets.Length)][0];
                    spec["ports"] = new JsonArray(new JsonObject { ["name"] = "main", ["protocol"] = protocol, ["port"] = port });
                    break;
                default:
                    LabObjects.Part((JsonObject)service["metadata"]!, "labels")["app"] = Pick(Apps);
                    break;
            }
        });
    }

    private void ChangeType(JsonObject spec)
    {
        if (spec["type"]?.GetValue<string>() != "LoadBalancer")
        {
            spec["type"] = "LoadBalancer";
            return;
        }
        spec["type"] = "ClusterIP";
        foreach (var field in LoadBalancerFields)
            spec.Remove(field);
        foreach (var port in spec["ports"] as JsonArray ?? [])
            (port as JsonObject)?.Remove("nodePort");
    }

    private static void RemoveRequests(JsonObject service)
    {
        LabObjects.Part(service, "spec").Remove("loadBalancerIP");
        var annotations = LabObjects.Part((JsonObject)service["metadata"]!, "annotations");
        foreach (var prefix in Prefixes)
        {
            annotations.Remove(prefix + "loadBalancerIPs");
            annotations.Remove(prefix + "address-pool");
        }
    }

    private void DeleteOne()
    {
        var index = random.Next(_services.Count);
        var (ns, name, _) = _services[index];
        if (!user.Delete(KubeResource.Services, ns, name))
            return;
        _services.RemoveAt(index);
        endpointController.Delete(KubeResource.EndpointSlices, ns, name + "-1");
    }

    private void Annotate(JsonObject service, string key, string value) =>
        LabObjects.Part((JsonObject)service["metadata"]!, "annotations")[Prefixes[random.Chance(0.8) ? 0 : 1] + key] = value;

    private SortedDictionary<string, bool> Endpoints(string app)
    {
        if (!_endpoints.TryGetValue(app, out var endpoints))
        {
            _endpoints[app] = endpoints = new(StringComparer.Ordinal);
            for (var i = 1; i <= 3; i++)
            {
                if (random.Chance(0.7))
                    endpoints[$"node-{i}"] = random.Chance(0.9);
            }
        }
        return endpoints;
    }

    private IEnumerable<(string, bool)> EndpointsOf(string app) => Endpoints(app).Select(pair => (pair.Key, pair.Value));

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}
