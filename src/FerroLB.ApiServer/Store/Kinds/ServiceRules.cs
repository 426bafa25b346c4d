using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>
/// Services: the defaults that depend on the type, cluster IPs of one or two families, node ports. Fields that belong to a type vanish
/// with it, as when a LoadBalancer becomes a ClusterIP. Checks are in <see cref="ServiceChecks"/>.
/// </summary>
internal sealed class ServiceRules(ServiceAllocations allocations) : IKindRules
{
    /// <inheritdoc/>
    public void Prepare(JsonObject value, StoredObject? old)
    {
        var spec = value.Ensure("spec");
        var oldSpec = old?.Json.Object("spec");
        DefaultStatus(value);
        DropZeros(spec);
        var type = spec.Text("type") ?? "ClusterIP";
        DropFieldsOfOtherTypes(spec, oldSpec, type);
        DefaultPorts(spec);
        if (spec.Text("sessionAffinity") == "ClientIP" && spec.Object("sessionAffinityConfig") is null)
            spec["sessionAffinityConfig"] = new JsonObject { ["clientIP"] = new JsonObject { ["timeoutSeconds"] = 10800 } };
        else if (spec.Text("sessionAffinity") == "None")
            spec.Remove("sessionAffinityConfig");
        if (type == "ExternalName")
            return;
        spec.TryAdd("internalTrafficPolicy", "Cluster");
        if (type is "NodePort" or "LoadBalancer" || spec.Array("externalIPs") is { Count: > 0 })
            spec.TryAdd("externalTrafficPolicy", "Cluster");
        if (type == "LoadBalancer")
            spec.TryAdd("allocateLoadBalancerNodePorts", true);
        if (oldSpec is not null)
            KeepAllocated(spec, oldSpec);
        ServiceFamilies.Prepare(spec, allocations);
        AllocateNodePorts(spec, type);
    }

    /// <inheritdoc/>
    public void Check(JsonObject value, StoredObject? old, List<FieldError> errors) =>
        ServiceChecks.Check(value, old?.Json, allocations, errors);

    /// <inheritdoc/>
    public void Changed(StoredObject? before, StoredObject? after) => allocations.Changed(before, after);

    private static void DefaultStatus(JsonObject value)
    {
        foreach (var ingress in value.Object("status", "loadBalancer").Array("ingress") ?? [])
        {
            if (ingress is JsonObject item && item.Text("ip") is { Length: > 0 })
                item.TryAdd("ipMode", "VIP");
        }
    }

    private static void DropZeros(JsonObject spec)
    {
        if (spec.Integer("healthCheckNodePort") == 0)
            spec.Remove("healthCheckNodePort");
        foreach (var port in spec.Array("ports") ?? [])
        {
            if (port.Integer("nodePort") == 0)
                ((JsonObject)port!).Remove("nodePort");
        }
    }

    private static void DefaultPorts(JsonObject spec)
    {
        foreach (var item in spec.Array("ports") ?? [])
        {
            if (item is not JsonObject port || port["port"] is not { } number)
                continue;
            if (port["targetPort"] is null || port.Integer("targetPort") == 0 || port.Text("targetPort") == "")
                port["targetPort"] = number.DeepClone();
        }
    }

    private static void DropFieldsOfOtherTypes(JsonObject spec, JsonObject? old, string type)
    {
        if (old is null || old.Text("type") is not { } oldType || oldType == type)
            return;
        if (type is "ClusterIP" or "ExternalName")
        {
            foreach (var item in spec.Array("ports") ?? [])
            {
                if (item is JsonObject port && IsUnchangedNodePort(port, old))
                    port.Remove("nodePort");
            }
            RemoveIfUnchanged(spec, old, "externalTrafficPolicy");
        }
        if (oldType == "LoadBalancer")
        {
            RemoveIfUnchanged(spec, old, "allocateLoadBalancerNodePorts");
            RemoveIfUnchanged(spec, old, "loadBalancerClass");
            RemoveIfUnchanged(spec, old, "healthCheckNodePort");
        }
        if (type != "ExternalName")
            return;
        foreach (var name in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"])
            RemoveIfUnchanged(spec, old, name);
    }

    private static bool IsUnchangedNodePort(JsonObject port, JsonObject old)
    {
        foreach (var item in old.Array("ports") ?? [])
        {
            if (port["nodePort"] is { } nodePort && JsonTree.Same(item.At("nodePort"), nodePort))
                return true;
        }
        return false;
    }

    private static void RemoveIfUnchanged(JsonObject spec, JsonObject old, string name)
    {
        if (JsonTree.Same(spec[name], old[name]))
            spec.Remove(name);
    }

    // A client that leaves the allocated fields out of its update (apply, replace) keeps what it had.
    private static void KeepAllocated(JsonObject spec, JsonObject old)
    {
        if (old.Text("type") == "ExternalName")
            return;
        var keepsAddress = spec.Text("clusterIP") is not { Length: > 0 } && spec.Array("clusterIPs") is null;
        if (keepsAddress && old.Text("clusterIP") is not null)
        {
            spec.Restore("clusterIP", old);
            spec.Restore("clusterIPs", old);
        }
        else if (spec.Text("clusterIP") == old.Text("clusterIP") && spec.Array("clusterIPs") is null)
            spec.Restore("clusterIPs", old);
        if (spec["ipFamilyPolicy"] is null)
            spec.Restore("ipFamilyPolicy", old);
        if (spec["ipFamilies"] is null)
            spec.Restore("ipFamilies", old);
        if (spec.Text("type") is not ("NodePort" or "LoadBalancer"))
            return;
        if (spec["healthCheckNodePort"] is null && spec.Text("externalTrafficPolicy") == "Local")
            spec.Restore("healthCheckNodePort", old);
        foreach (var item in spec.Array("ports") ?? [])
        {
            if (item is JsonObject port && port["nodePort"] is null && spec.Boolean("allocateLoadBalancerNodePorts") != false)
                KeepNodePort(port, spec, old);
        }
    }

    private static void KeepNodePort(JsonObject port, JsonObject spec, JsonObject old)
    {
        foreach (var candidate in old.Array("ports") ?? [])
        {
            if (JsonTree.Same(candidate.At("port"), port["port"]) && candidate.Text("protocol") == port.Text("protocol") &&
                candidate.Integer("nodePort") is { } nodePort && !ServiceAllocations.NodePorts(spec).Contains(nodePort))
            {
                port["nodePort"] = nodePort;
                return;
            }
        }
    }

    private void AllocateNodePorts(JsonObject spec, string type)
    {
        var wanted = type == "NodePort" || (type == "LoadBalancer" && spec.Boolean("allocateLoadBalancerNodePorts") != false);
        var local = type == "LoadBalancer" && spec.Text("externalTrafficPolicy") == "Local";
        if (!local && spec.ContainsKey("healthCheckNodePort") && spec.Text("externalTrafficPolicy") == "Cluster")
            spec.Remove("healthCheckNodePort");
        var taken = ServiceAllocations.NodePorts(spec);
        foreach (var item in spec.Array("ports") ?? [])
        {
            if (!wanted || item is not JsonObject port || port["nodePort"] is not null)
                continue;
            // One port number that serves two protocols has one node port.
            var nodePort = SharedNodePort(port, spec) ?? allocations.FreeNodePort(taken) ?? throw Exhausted();
            taken.Add(nodePort);
            port["nodePort"] = nodePort;
        }
        if (local && spec["healthCheckNodePort"] is null)
            spec["healthCheckNodePort"] = allocations.FreeNodePort(taken) ?? throw Exhausted();
    }

    private static long? SharedNodePort(JsonObject port, JsonObject spec)
    {
        foreach (var other in spec.Array("ports") ?? [])
        {
            if (!ReferenceEquals(other, port) && JsonTree.Same(other.At("port"), port["port"]) &&
                other.Text("protocol") != port.Text("protocol") &&
                other.Integer("nodePort") is { } nodePort)
                return nodePort;
        }
        return null;
    }

    private static ApiException Exhausted() => new(500, "InternalError", "failed to allocate a nodePort: range is full");
}
