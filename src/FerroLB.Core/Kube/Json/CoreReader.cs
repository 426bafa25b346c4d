using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>Reads the kinds of Kubernetes itself.</summary>
internal static class CoreReader
{
    /// <summary>Metadata with the annotations of FerroLB and MetalLB only: others can be as large as the object.</summary>
    public static ObjectMeta ReadMeta(JsonView view)
    {
        if (view.Object("metadata") is not { } meta)
            return new ObjectMeta();
        return new ObjectMeta
        {
            Name = meta.String("name"),
            Namespace = meta.String("namespace"),
            Uid = meta.UniqueString("uid"),
            ResourceVersion = meta.UniqueString("resourceVersion"),
            Generation = meta.Int64("generation") ?? 0,
            CreationTimestamp = meta.Time("creationTimestamp"),
            DeletionTimestamp = meta.Time("deletionTimestamp"),
            Labels = meta.Map("labels"),
            Annotations = meta.Map("annotations", IsOurs),
        };
    }

    public static Service ReadService(JsonView view)
    {
        var spec = view.Object("spec");
        var status = view.Object("status");
        return new Service
        {
            Metadata = ReadMeta(view),
            Spec = spec is null ? new ServiceSpec() : ReadServiceSpec(spec),
            Status = new ServiceStatus
            {
                Ingress = status?.Object("loadBalancer")?.List("ingress", ReadIngress) ?? [],
                Conditions = status?.List("conditions", ReadCondition) ?? [],
            },
        };
    }

    public static Node ReadNode(JsonView view)
    {
        var conditions = view.Object("status")?.List("conditions", ReadCondition) ?? [];
        string? ready = null;
        var networkUnavailable = false;
        foreach (var condition in conditions)
        {
            if (condition.Type == "Ready")
                ready = condition.Status;
            else if (condition.Type == "NetworkUnavailable")
                networkUnavailable = condition.Status == "True";
        }
        return new Node { Metadata = ReadMeta(view), Ready = ready, NetworkUnavailable = networkUnavailable };
    }

    public static Namespace ReadNamespace(JsonView view) => new() { Metadata = ReadMeta(view) };

    public static Deployment ReadDeployment(JsonView view) => new() { Metadata = ReadMeta(view) };

    public static Pod ReadPod(JsonView view) => new()
    {
        Metadata = ReadMeta(view),
        NodeName = view.Object("spec")?.String("nodeName"),
        PodIP = view.Object("status")?.String("podIP"),
        Phase = view.Object("status")?.String("phase"),
    };

    public static Secret ReadSecret(JsonView view) =>
        new() { Metadata = ReadMeta(view), Type = view.String("type"), Data = view.Map("data") };

    public static Secret ReadPeerSecret(JsonView view)
    {
        var password = view.Object("data")?.String("password");
        return new()
        {
            Metadata = ReadMeta(view),
            Type = view.String("type"),
            Data = password is null ? null : CompactDictionary.From([new("password", password)]),
        };
    }

    public static ConfigMap ReadConfigMap(JsonView view) => new() { Metadata = ReadMeta(view), Data = view.Map("data") };

    public static Lease ReadLease(JsonView view)
    {
        var spec = view.Object("spec");
        return new Lease
        {
            Metadata = ReadMeta(view),
            HolderIdentity = spec?.String("holderIdentity"),
            LeaseDurationSeconds = spec?.Int32("leaseDurationSeconds"),
            AcquireTime = spec?.Time("acquireTime"),
            RenewTime = spec?.Time("renewTime"),
            LeaseTransitions = spec?.Int32("leaseTransitions"),
        };
    }

    public static EndpointSlice ReadEndpointSlice(JsonView view)
    {
        var meta = view.Object("metadata");
        var ns = meta?.String("namespace");
        var service = meta?.Object("labels")?.String(EndpointSlice.ServiceNameLabel);
        var nodes = new SortedSet<string>(StringComparer.Ordinal);
        var (serving, servingAddress) = (false, false);
        foreach (var endpoint in view.List("endpoints", ReadEndpoint) ?? [])
        {
            if (!endpoint.CanServe)
                continue;
            serving = true;
            servingAddress |= endpoint.HasAddress;
            if (endpoint.NodeName is { Length: > 0 } node)
                nodes.Add(node);
        }
        return new EndpointSlice
        {
            // Nothing else is asked of a slice, and there are as many as Services.
            Metadata = new() { Name = meta?.UniqueString("name"), Namespace = ns, ResourceVersion = meta?.UniqueString("resourceVersion") },
            Service = service is null ? null : new ObjectKey(ns ?? "", service),
            HasServing = serving,
            HasServingAddress = servingAddress,
            ServingNodes = nodes.Count switch
            {
                0 => [],
                1 => view.ListOf(nodes.Min!),
                _ => nodes.ToArray(),
            },
        };
    }

    public static ObjectCondition ReadCondition(JsonView view) => new()
    {
        Type = view.String("type") ?? "",
        Status = view.String("status") ?? "",
        Reason = view.String("reason"),
        Message = view.UniqueString("message"),
        LastTransitionTime = view.Time("lastTransitionTime"),
        ObservedGeneration = view.Int64("observedGeneration"),
    };

    private static ServiceSpec ReadServiceSpec(JsonView spec) => new()
    {
        Type = spec.String("type"),
        ClusterIP = spec.String("clusterIP"),
        ClusterIPs = spec.Strings("clusterIPs"),
        IpFamilies = spec.Strings("ipFamilies"),
        IpFamilyPolicy = spec.String("ipFamilyPolicy"),
        LoadBalancerIP = spec.String("loadBalancerIP"),
        LoadBalancerClass = spec.String("loadBalancerClass"),
        ExternalTrafficPolicy = spec.String("externalTrafficPolicy"),
        Selector = spec.Map("selector"),
        Ports = spec.List("ports", port => new ServicePort(port.String("protocol") ?? "TCP", port.Int32("port") ?? 0)),
    };

    private static ServiceIngress ReadIngress(JsonView view) => new()
    {
        Ip = view.String("ip"),
        Hostname = view.String("hostname"),
        IpMode = view.String("ipMode"),
        Ports = view.List("ports", port => new ServiceIngressPort(port.Int32("port") ?? 0, port.String("protocol"), port.String("error"))),
    };

    private static (bool CanServe, bool HasAddress, string? NodeName) ReadEndpoint(JsonView view)
    {
        var conditions = view.Object("conditions");
        var canServe = EndpointSlice.CanServe(conditions?.Boolean("ready"), conditions?.Boolean("serving"));
        return (canServe, view.Strings("addresses") is { Count: > 0 }, view.String("nodeName"));
    }

    private static bool IsOurs(string annotation) =>
        annotation.StartsWith("metallb.io/", StringComparison.Ordinal) ||
        annotation.StartsWith("metallb.universe.tf/", StringComparison.Ordinal) ||
        annotation.StartsWith("ferrolb.io/", StringComparison.Ordinal);
}
