using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.Core;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>A Service as the checkers see it.</summary>
public sealed class ServiceView
{
    private const string PoolAnnotation = "metallb.io/ip-allocated-from-pool";
    private const string OpenAnnotation = "ferrolb.io/open";
    private const string OwnCondition = "ferrolb.io/Allocated";

    internal ServiceView(JsonElement service, string ourClass)
    {
        var metadata = service.Field("metadata");
        var spec = service.Field("spec");
        Key = new(metadata.Field("namespace").Text() ?? "", metadata.Field("name").Text() ?? "");
        Uid = metadata.Field("uid").Text() ?? "";
        Labels = metadata.Field("labels").Map();
        var annotations = metadata.Field("annotations").Map();
        IsLoadBalancer = spec.Field("type").Text() == "LoadBalancer";
        IsOurClass = (spec.Field("loadBalancerClass").Text() ?? "") == ourClass;
        var clusterIps = ClusterIps(spec);
        ClusterFamilies = [.. clusterIps.Select(AddressText.Read).OfType<IpAddress>().Select(ip => ip.Family)];
        FamilyPolicy = spec.Field("ipFamilyPolicy").Text() ?? "SingleStack";
        IsLocal = spec.Field("externalTrafficPolicy").Text() == "Local";
        Selector = spec.Field("selector").Map();
        SharingKey = Annotation(annotations, "allow-shared-ip") ?? "";
        HasSharingAnnotation = Annotation(annotations, "allow-shared-ip") is not null;
        RequestedPool = Annotation(annotations, "address-pool") ?? "";
        var (annotated, field) = (Annotation(annotations, "loadBalancerIPs") ?? "", spec.Field("loadBalancerIP").Text() ?? "");
        AsksForAddresses = annotated.Length + field.Length > 0;
        Requested = annotated.Length > 0 && field.Length > 0 ? null : ReadRequest(annotated + field);
        PoolNote = annotations.GetValueOrDefault(PoolAnnotation) ?? "";
        Ports = [.. spec.Field("ports").Items().Select(port => $"{port.Field("protocol").Text()}/{port.Field("port").Number()}")];
        Ingress = [.. service.Field("status").Field("loadBalancer").Field("ingress").Items().Select(IngressView.Read)];
        Addresses = [.. Ingress.Select(item => item.Address).OfType<IpAddress>()];
        Fingerprint = string.Join('|', IsOurs, string.Join(',', clusterIps), FamilyPolicy, BackendKey, SharingKey, RequestedPool,
            annotated, field, string.Join(',', Ports), string.Join(',', Labels), string.Join(',', Selector));
        var conditions = service.Field("status").Field("conditions").Items().ToList();
        IsSaidToBeAllocated = conditions.Where(item => item.Field("type").Text() == OwnCondition)
            .Select(item => item.Field("status").Text() == "True").Cast<bool?>().FirstOrDefault();
        Foreign = string.Join(
            '|', spec?.GetRawText(), string.Join(',', Labels),
            string.Join(',', annotations.Where(pair => pair.Key is not (PoolAnnotation or OpenAnnotation))),
            string.Join(',', conditions.Where(item => item.Field("type").Text() != OwnCondition).Select(Sorted)));
    }

    /// <summary>Namespace and name.</summary>
    public ObjectKey Key { get; }

    /// <summary>The object's identity.</summary>
    public string Uid { get; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>Whether it is of type LoadBalancer and of the controllers' class.</summary>
    public bool IsOurs => IsLoadBalancer && IsOurClass;

    /// <summary>Whether its type is LoadBalancer.</summary>
    public bool IsLoadBalancer { get; }

    /// <summary>Whether its class, or that it has none, is what the controllers serve.</summary>
    public bool IsOurClass { get; }

    /// <summary>The families of its cluster IPs, in order.</summary>
    public IReadOnlyList<AddressFamily> ClusterFamilies { get; }

    /// <summary>spec.ipFamilyPolicy.</summary>
    public string FamilyPolicy { get; }

    /// <summary>Whether externalTrafficPolicy is Local.</summary>
    public bool IsLocal { get; }

    /// <summary>The pods' selector.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; }

    /// <summary>The sharing key; "" for none.</summary>
    public string SharingKey { get; }

    /// <summary>Whether the annotation is there at all, even if empty.</summary>
    public bool HasSharingAnnotation { get; }

    /// <summary>The pool asked for; "" for none.</summary>
    public string RequestedPool { get; }

    /// <summary>Whether addresses are asked for, in whatever words.</summary>
    public bool AsksForAddresses { get; }

    /// <summary>The addresses asked for, by annotation or field; empty for none, null when the wish cannot be understood.</summary>
    public IReadOnlyList<IpAddress>? Requested { get; }

    /// <summary>The pool that the controller noted; "" for none.</summary>
    public string PoolNote { get; }

    /// <summary>"TCP/80" and so on.</summary>
    public IReadOnlyList<string> Ports { get; }

    /// <summary>status.loadBalancer.ingress, in order.</summary>
    public IReadOnlyList<IngressView> Ingress { get; }

    /// <summary>The addresses of status.loadBalancer.ingress, in order.</summary>
    public IReadOnlyList<IpAddress> Addresses { get; }

    /// <summary>What our condition says; null when it is missing.</summary>
    public bool? IsSaidToBeAllocated { get; }

    /// <summary>Everything that may justify another address, as one text.</summary>
    public string Fingerprint { get; }

    /// <summary>What is none of the controller's business and must survive its writes, as one text.</summary>
    public string Foreign { get; }

    /// <summary>Where the traffic goes, as far as sharing cares.</summary>
    public string BackendKey => IsLocal ? string.Join(',', Selector.Select(pair => $"{pair.Key}={pair.Value}")) : "";

    /// <summary>Whether the status names exactly these addresses, in any order.</summary>
    public bool HasExactly(IEnumerable<IpAddress> addresses) => Addresses.Order().SequenceEqual(addresses.Order());

    /// <summary>Whether two Services may have one address.</summary>
    public bool MayShareWith(ServiceView other) =>
        SharingKey.Length > 0 && SharingKey == other.SharingKey && BackendKey == other.BackendKey && !Ports.Intersect(other.Ports).Any();

    // The order of the fields means nothing.
    private static string Sorted(JsonElement condition) =>
        string.Join(',', condition.EnumerateObject().Select(field => $"{field.Name}={field.Value}").Order(StringComparer.Ordinal));

    private static string? Annotation(SortedDictionary<string, string> annotations, string key) =>
        annotations.TryGetValue("metallb.io/" + key, out var value) ? value : annotations.GetValueOrDefault("metallb.universe.tf/" + key);

    private static List<string> ClusterIps(JsonElement? spec)
    {
        var texts = spec.Field("clusterIPs").Texts();
        if (texts.Count == 0 && spec.Field("clusterIP").Text() is { Length: > 0 } one)
            texts.Add(one);
        return texts;
    }

    // One address, or two of different families.
    private static List<IpAddress>? ReadRequest(string text)
    {
        var wanted = new List<IpAddress>();
        foreach (var part in text.Length == 0 ? [] : text.Split(','))
        {
            if (AddressText.Read(part.Trim()) is not { } address || wanted.Any(other => other.Family == address.Family))
                return null;
            wanted.Add(address);
        }
        return wanted;
    }
}
