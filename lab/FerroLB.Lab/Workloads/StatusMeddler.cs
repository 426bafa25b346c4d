using System.Text.Json.Nodes;
using FerroLB.Core;
using FerroLB.Core.Kube;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Workloads;

/// <summary>Somebody who edits statuses and the controller's own annotations by hand, as nobody should.</summary>
internal sealed class StatusMeddler(KubeUser user, SeededRandom random)
{
    /// <summary>Does one thing to a Service.</summary>
    public void Meddle(ObjectKey service)
    {
        if (random.Chance(0.15))
        {
            user.Edit(KubeResource.Services, service.Namespace, service.Name, body =>
                ((JsonObject)body["metadata"]!).Remove("annotations"));
            return;
        }
        user.Edit(KubeResource.Services, service.Namespace, service.Name, Edit, "status");
    }

    private void Edit(JsonObject service)
    {
        var status = LabObjects.Part(service, "status");
        var balancer = LabObjects.Part(status, "loadBalancer");
        var ingress = balancer["ingress"] as JsonArray ?? [];
        switch (random.Next(8))
        {
            case 0:
                balancer.Remove("ingress");
                break;
            case 1:
                balancer["ingress"] = new JsonArray(Entry(SomeAddress()));
                break;
            case 2:
                balancer["ingress"] = new JsonArray(Entry(SomeAddress()), Entry(SomeAddress()), Entry($"fd00:20:0::{random.Next(4)}"));
                break;
            case 3:
                ingress.Add(new JsonObject { ["hostname"] = "other.example.com" });
                balancer["ingress"] = ingress.DeepClone();
                break;
            case 4:
                foreach (var item in ingress)
                    item!["ipMode"] = item["ip"] is null ? null : "Proxy";
                break;
            case 5:
                foreach (var item in ingress)
                    item!["ports"] = new JsonArray(new JsonObject { ["port"] = 80, ["protocol"] = "TCP" });
                break;
            case 6:
                status.Remove("conditions");
                break;
            default:
                var conditions = status["conditions"]?.DeepClone() as JsonArray ?? [];
                conditions.Add(new JsonObject
                {
                    ["type"] = $"example.com/c{random.Next(1000)}",
                    ["status"] = "True",
                    ["reason"] = "Other",
                    ["message"] = "",
                    ["lastTransitionTime"] = "2030-01-01T00:00:00Z",
                });
                status["conditions"] = conditions;
                break;
        }
    }

    private string SomeAddress() => $"10.20.{random.Next(PoolWorkload.Pools)}.{random.Next(6)}";

    private static JsonObject Entry(string ip) => new() { ["ip"] = ip };
}
