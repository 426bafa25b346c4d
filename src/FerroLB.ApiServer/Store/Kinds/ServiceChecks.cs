using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Selection;
using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>What a Service must not be, in Kubernetes' words.</summary>
internal static class ServiceChecks
{
    private static readonly string[] Types = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    private static readonly string[] Policies = ["Cluster", "Local"];

    /// <summary>Adds everything that is wrong with a Service after defaulting.</summary>
    public static void Check(JsonObject value, JsonObject? old, ServiceAllocations allocations, List<FieldError> errors)
    {
        var spec = value.Object("spec") ?? [];
        var type = spec.Text("type") ?? "";
        CheckPorts(spec, type, allocations, old, errors);
        OneOf(spec, "type", Types, errors);
        OneOf(spec, "sessionAffinity", ["ClientIP", "None"], errors);
        OneOf(spec, "internalTrafficPolicy", Policies, errors);
        OneOf(spec, "externalTrafficPolicy", Policies, errors);
        OneOf(spec, "ipFamilyPolicy", ["SingleStack", "PreferDualStack", "RequireDualStack"], errors);
        CheckSelector(spec, errors);
        CheckExternal(spec, type, errors);
        if (type == "ExternalName")
            CheckExternalName(spec, errors);
        else
            CheckAddresses(spec, old?.Object("spec"), type, allocations, errors);
        if (old?.Object("spec") is { } oldSpec)
            CheckChanges(spec, oldSpec, type, errors);
        // As on Kubernetes, who changes the type may leave the status behind for its controller to clear.
        if (!JsonNode.DeepEquals(value["status"], old?["status"]))
            CheckIngress(value, type, errors);
    }

    private static void OneOf(JsonObject spec, string name, string[] supported, List<FieldError> errors)
    {
        if (spec[name] is { } value && Array.IndexOf(supported, value.AsText()) < 0)
            errors.Add(FieldError.NotSupported("spec." + name, value, supported));
    }

    private static void CheckPorts(JsonObject spec, string type, ServiceAllocations allocations, JsonObject? old, List<FieldError> errors)
    {
        var ports = spec.Array("ports") ?? [];
        if (ports.Count == 0 && type != "ExternalName" && spec.Text("clusterIP") != "None")
            errors.Add(FieldError.Required("spec.ports"));
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var pairs = new SortedSet<string>(StringComparer.Ordinal);
        var nodePorts = new SortedSet<string>(StringComparer.Ordinal);
        var oldPorts = ServiceAllocations.NodePorts(old.Object("spec"));
        for (var i = 0; i < ports.Count; i++)
        {
            var path = $"spec.ports[{i}]";
            var port = ports[i] as JsonObject ?? [];
            CheckPort(port, path, ports.Count > 1, names, errors);
            if (!pairs.Add($"{port.Text("protocol")}/{port.Integer("port")}"))
                errors.Add(FieldError.Duplicate(path, new JsonObject { ["protocol"] = port.Text("protocol"),
                    ["port"] = port.Integer("port") }));
            if (port.Integer("nodePort") is { } nodePort)
                CheckNodePort(nodePort, port, path, type, nodePorts, oldPorts, allocations, errors);
        }
    }

    private static void CheckPort(JsonObject port, string path, bool mustHaveName, SortedSet<string> names, List<FieldError> errors)
    {
        var name = port.Text("name") ?? "";
        if (name.Length == 0 && mustHaveName)
            errors.Add(FieldError.Required(path + ".name"));
        else if (name.Length > 0 && ObjectNames.LabelError(name) is { } error)
            errors.Add(FieldError.Invalid(path + ".name", name, error));
        else if (name.Length > 0 && !names.Add(name))
            errors.Add(FieldError.Duplicate(path + ".name", name));
        if (port.Integer("port") is not (>= 1 and <= 65535))
            errors.Add(FieldError.Invalid(path + ".port", port.Integer("port") ?? 0, "must be between 1 and 65535, inclusive"));
        if (port.Text("protocol") is not ("TCP" or "UDP" or "SCTP"))
            errors.Add(FieldError.NotSupported(path + ".protocol", port["protocol"], ["SCTP", "TCP", "UDP"]));
        if (port.Integer("targetPort") is { } target and not (>= 1 and <= 65535))
            errors.Add(FieldError.Invalid(path + ".targetPort", target, "must be between 1 and 65535, inclusive"));
        if (port.Text("targetPort") is { } text && (text.Length > 15 || ObjectNames.LabelError(text) is not null))
            errors.Add(FieldError.Invalid(path + ".targetPort", text, text.Length > 15
                ? "must be no more than 15 characters"
                : "must contain only alphanumeric characters (a-z, 0-9), and hyphens (-)"));
    }

    private static void CheckNodePort(
        long nodePort, JsonObject port, string path, string type, SortedSet<string> seen, SortedSet<long> old,
            ServiceAllocations allocations,
        List<FieldError> errors)
    {
        if (type is "ClusterIP" or "ExternalName")
            errors.Add(FieldError.Forbidden(path + ".nodePort", $"may not be used when `type` is '{type}'"));
        else if (nodePort < allocations.Options.NodePortFirst || nodePort > allocations.Options.NodePortLast)
            errors.Add(FieldError.Invalid(path + ".nodePort", nodePort,
                $"provided port is not in the valid range. The range of valid ports is " +
                    $"{allocations.Options.NodePortFirst}-{allocations.Options.NodePortLast}"));
        else if (!old.Contains(nodePort) && allocations.IsTaken(nodePort))
            errors.Add(FieldError.Invalid(path + ".nodePort", nodePort, "provided port is already allocated"));
        else if (!seen.Add($"{port.Text("protocol")}/{nodePort}"))
            errors.Add(FieldError.Duplicate(path + ".nodePort", nodePort));
    }

    private static void CheckSelector(JsonObject spec, List<FieldError> errors)
    {
        foreach (var (key, value) in spec.Object("selector") ?? [])
        {
            if (ObjectNames.LabelKeyError(key) is { } keyError)
                errors.Add(FieldError.Invalid("spec.selector", key, keyError));
            if (ObjectNames.LabelValueError(value.AsText() ?? "") is { } valueError)
                errors.Add(FieldError.Invalid("spec.selector", value, valueError));
        }
    }

    private static void CheckExternal(JsonObject spec, string type, List<FieldError> errors)
    {
        var externalIps = spec.Array("externalIPs").Texts();
        for (var i = 0; i < externalIps.Count; i++)
        {
            if (!IpAddress.TryParse(externalIps[i], out _))
                errors.Add(FieldError.Invalid($"spec.externalIPs[{i}]", externalIps[i],
                    "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
        }
        var external = type is "LoadBalancer" or "NodePort" || externalIps.Count > 0;
        if (!external && spec.Text("externalTrafficPolicy") is { } policy)
            errors.Add(FieldError.Invalid("spec.externalTrafficPolicy", policy, "may only be set for externally-accessible services"));
        if (type != "LoadBalancer" && spec.ContainsKey("allocateLoadBalancerNodePorts"))
            errors.Add(FieldError.Forbidden("spec.allocateLoadBalancerNodePorts", "may only be used when `type` is 'LoadBalancer'"));
        if (type != "LoadBalancer" && spec.ContainsKey("loadBalancerClass"))
            errors.Add(FieldError.Forbidden("spec.loadBalancerClass", "may only be used when `type` is 'LoadBalancer'"));
        if (spec.Text("loadBalancerClass") is { } lbClass && ObjectNames.LabelKeyError(lbClass) is { } error)
            errors.Add(FieldError.Invalid("spec.loadBalancerClass", lbClass, error));
        if (spec.ContainsKey("healthCheckNodePort") && (type != "LoadBalancer" || spec.Text("externalTrafficPolicy") != "Local"))
            errors.Add(FieldError.Invalid("spec.healthCheckNodePort", spec["healthCheckNodePort"],
                "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
        foreach (var range in spec.Array("loadBalancerSourceRanges").Texts())
        {
            if (!IpPrefix.TryParse(range.Trim(), out _))
                errors.Add(FieldError.Invalid("spec.loadBalancerSourceRanges[0]", range,
                    "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"));
        }
    }

    private static void CheckExternalName(JsonObject spec, List<FieldError> errors)
    {
        var name = spec.Text("externalName") ?? "";
        if (name.Length == 0)
            errors.Add(FieldError.Required("spec.externalName"));
        else if (ObjectNames.SubdomainError(name.TrimEnd('.')) is { } error)
            errors.Add(FieldError.Invalid("spec.externalName", name, error));
        foreach (var field in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec.ContainsKey(field))
                errors.Add(FieldError.Forbidden("spec." + field, "may not be set for ExternalName services"));
        }
    }

    private static void CheckAddresses(JsonObject spec, JsonObject? old, string type, ServiceAllocations allocations,
        List<FieldError> errors)
    {
        var families = spec.Array("ipFamilies").Texts();
        foreach (var family in families)
        {
            if (family is not ("IPv4" or "IPv6"))
                errors.Add(FieldError.NotSupported("spec.ipFamilies[0]", family, ["IPv4", "IPv6"]));
        }
        if (spec.Text("ipFamilyPolicy") == "RequireDualStack" && !allocations.IsDualStack)
            errors.Add(FieldError.Invalid("spec.ipFamilyPolicy", "RequireDualStack",
                "this cluster is not configured for dual-stack services"));
        var addresses = spec.Array("clusterIPs").Texts();
        if (addresses.Contains("None"))
        {
            if (type is "NodePort" or "LoadBalancer")
                errors.Add(FieldError.Invalid("spec.clusterIPs[0]", "None", $"may not be set to 'None' for {type} services"));
            return;
        }
        if (spec.Text("clusterIP") is { } primary && addresses.Count > 0 && addresses[0] != primary)
            errors.Add(FieldError.Invalid("spec.clusterIPs", JsonTree.ToArray(addresses), "first value must match `clusterIP`"));
        var own = old.Array("clusterIPs").Texts();
        for (var i = 0; i < addresses.Count; i++)
            CheckAddress(addresses[i], i, families, own, allocations, errors);
    }

    private static void CheckAddress(
        string text, int index, List<string> families, List<string> own, ServiceAllocations allocations, List<FieldError> errors)
    {
        var path = $"spec.clusterIPs[{index}]";
        if (!IpAddress.TryParse(text, out var address))
            errors.Add(FieldError.Invalid(path, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
        else if (index >= families.Count || families[index] != ServiceFamilies.FamilyOf(text))
            errors.Add(FieldError.Invalid(path, text,
                $"expected an {(index < families.Count ? families[index] : "IP")} value as indicated by `ipFamilies[{index}]`"));
        else if (!own.Contains(text) && allocations.Range(address.Family) is { } range)
        {
            if (!range.Contains(address))
                errors.Add(FieldError.Invalid("spec.clusterIPs", JsonTree.ToArray([text]),
                    $"failed to allocate IP {text}: the provided IP ({text}) is not in the valid range. The range of valid IPs is " +
                        $"{range}"));
            else if (allocations.IsTaken(address))
                errors.Add(FieldError.Invalid("spec.clusterIPs", JsonTree.ToArray([text]),
                    $"failed to allocate IP {text}: provided IP is already allocated"));
        }
    }

    private static void CheckChanges(JsonObject spec, JsonObject old, string type, List<FieldError> errors)
    {
        var oldType = old.Text("type");
        if (type == "ExternalName" || oldType == "ExternalName")
            return;
        if (old.Text("clusterIP") is { Length: > 0 } before && spec.Text("clusterIP") != before)
            errors.Add(FieldError.Invalid("spec.clusterIPs[0]", spec.Array("clusterIPs") ?? [],
                "may not change once set"));
        if (old.Array("ipFamilies").Texts() is [var family, ..] && spec.Array("ipFamilies").Texts() is [var now, ..] && family != now)
            errors.Add(FieldError.Invalid("spec.ipFamilies[0]", now, "may not change once set"));
        if (type == "LoadBalancer" && oldType == "LoadBalancer" && spec.Text("loadBalancerClass") != old.Text("loadBalancerClass"))
            errors.Add(FieldError.Invalid("spec.loadBalancerClass", spec["loadBalancerClass"], "may not change once set"));
        if (old.Integer("healthCheckNodePort") is { } port && spec.Integer("healthCheckNodePort") is { } newPort && port != newPort)
            errors.Add(FieldError.Invalid("spec.healthCheckNodePort", newPort, "field is immutable"));
    }

    private static void CheckIngress(JsonObject value, string type, List<FieldError> errors)
    {
        var list = value.Object("status", "loadBalancer").Array("ingress") ?? [];
        if (type != "LoadBalancer" && list.Count > 0)
            errors.Add(FieldError.Forbidden("status.loadBalancer.ingress", "may only be used when `spec.type` is 'LoadBalancer'"));
        for (var i = 0; i < list.Count; i++)
        {
            var path = $"status.loadBalancer.ingress[{i}]";
            if (list[i].Text("ip") is { Length: > 0 } ip && !IpAddress.TryParse(ip, out _))
                errors.Add(FieldError.Invalid(path + ".ip", ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"));
            if (list[i].Text("ipMode") is { } mode and not ("VIP" or "Proxy"))
                errors.Add(FieldError.NotSupported(path + ".ipMode", mode, ["Proxy", "VIP"]));
            if (list[i].Text("ipMode") is not null && string.IsNullOrEmpty(list[i].Text("ip")))
                errors.Add(FieldError.Forbidden(path + ".ipMode", "may not be specified when `ip` is not set"));
        }
    }
}
