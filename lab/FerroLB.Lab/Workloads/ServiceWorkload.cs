using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core;
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

    private static readonly string[] FamilyLists = ["ipFamilies", "clusterIPs"];

    private static readonly (string, int)[][] PortSets =
        [[("TCP", 80)], [("TCP", 443)], [("TCP", 80), ("TCP", 443)], [("UDP", 53)], [("TCP", 53), ("UDP", 53)]];

    private readonly SortedDictionary<string, SortedDictionary<string, bool>> _endpoints = new(StringComparer.Ordinal);
    private readonly List<(string Namespace, string Name, string App)> _services = [];
    private readonly RequestWriter _requests = new(random.Fork("requests"));
    private readonly StatusMeddler _meddler = new(user, random.Fork("status"));
    private int _created;

    public void ActOnce()
    {
        var draw = random.Next(20);
        if (_services.Count == 0 || (draw < 7 && _services.Count < options.MostServices))
            Create();
        else if (draw < 13)
            EditOne();
        else if (draw < 15)
            ChangeEndpoints(Pick(Apps));
        else if (draw < 16)
            _meddler.Meddle(Some());
        else
            DeleteOne();
    }

    public void Create() => Create(Pick(Namespaces), $"svc-{_created++}");

    private void Create(string ns, string name)
    {
        var app = Pick(Apps);
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
            _requests.Ask(service);
        if (random.Chance(options.SharingShare))
            _requests.Share(service);
        if (random.Chance(0.1))
            ((JsonObject)service["metadata"]!)["finalizers"] = LabObjects.Strings(["example.com/slow"]);
        if (!user.Create(KubeResource.Services, service))
            return;
        if (!_services.Exists(known => (known.Namespace, known.Name) == (ns, name)))
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

    private void EditOne()
    {
        var key = Some();
        user.Edit(KubeResource.Services, key.Namespace, key.Name, service =>
        {
            var spec = LabObjects.Part(service, "spec");
            switch (random.Next(12))
            {
                case 0 or 1:
                    ChangeType(spec);
                    break;
                case 2 or 3:
                    _requests.Ask(service);
                    break;
                case 4:
                    _requests.Withdraw(service);
                    break;
                case 5 or 6:
                    _requests.Share(service);
                    break;
                case 7 when spec["type"]?.GetValue<string>() == "LoadBalancer":
                    spec["externalTrafficPolicy"] = random.Chance(0.5) ? "Local" : "Cluster";
                    break;
                case 8:
                    var (protocol, port) = PortSets[random.Next(PortSets.Length)][0];
                    spec["ports"] = new JsonArray(new JsonObject { ["name"] = "main", ["protocol"] = protocol, ["port"] = port });
                    break;
                case 9:
                    ChangeFamilies(spec);
                    break;
                case 10:
                    spec["selector"] = new JsonObject { ["app"] = Pick(Apps) };
                    break;
                default:
                    LabObjects.Part((JsonObject)service["metadata"]!, "labels")["app"] = Pick(Apps);
                    break;
            }
        });
    }

    // The first family stays; the server adds or takes the second.
    private void ChangeFamilies(JsonObject spec)
    {
        var policy = random.Next(3) switch { 0 => "SingleStack", 1 => "PreferDualStack", _ => "RequireDualStack" };
        spec["ipFamilyPolicy"] = policy;
        foreach (var field in policy == "SingleStack" ? FamilyLists : [])
        {
            if (spec[field] is JsonArray { Count: 2 } list)
                list.RemoveAt(1);
        }
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

    // At times the finalizer of a controller keeps a Service for a while, and at times somebody makes one of the same name at once.
    private void DeleteOne()
    {
        var index = random.Next(_services.Count);
        var (ns, name, _) = _services[index];
        if (!user.Delete(KubeResource.Services, ns, name))
            return;
        if (random.Chance(0.5))
            user.Edit(KubeResource.Services, ns, name, service => ((JsonObject)service["metadata"]!).Remove("finalizers"));
        endpointController.Delete(KubeResource.EndpointSlices, ns, name + "-1");
        if (user.Edit(KubeResource.Services, ns, name, _ => { }))
            return;
        _services.RemoveAt(index);
        if (random.Chance(0.3))
            Create(ns, name);
    }

    private ObjectKey Some()
    {
        var (ns, name, _) = _services[random.Next(_services.Count)];
        return new(ns, name);
    }

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
