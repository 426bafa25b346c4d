using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.Core;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>A Service as the checkers see it.</summary>
public sealed class ServiceView
{
    internal ServiceView(JsonElement service)
    {
        var metadata = service.Field("metadata");
        var spec = service.Field("spec");
        Key = new(metadata.Field("namespace").Text() ?? "", metadata.Field("name").Text() ?? "");
        Uid = metadata.Field("uid").Text() ?? "";
        Labels = metadata.Field("labels").Map();
        var annotations = metadata.Field("annotations").Map();
        IsOurs = spec.Field("type").Text() == "LoadBalancer" && spec.Field("loadBalancerClass") is null;
        ClusterFamilies = [.. ClusterIps(spec).Select(ip => ip.Family)];
        FamilyPolicy = spec.Field("ipFamilyPolicy").Text() ?? "SingleStack";
        IsLocal = spec.Field("externalTrafficPolicy").Text() == "Local";
        Selector = spec.Field("selector").Map();
        SharingKey = Annotation(annotations, "allow-shared-ip") ?? "";
        HasSharingAnnotation = Annotation(annotations, "allow-shared-ip") is not null;
        RequestedPool = Annotation(annotations, "address-pool") ?? "";
        RequestedAddresses = Annotation(annotations, "loadBalancerIPs") ?? "";
        RequestedAddress = spec.Field("loadBalancerIP").Text() ?? "";
        PoolNote = annotations.GetValueOrDefault("metallb.io/ip-allocated-from-pool") ?? "";
        Ports = [.. spec.Field("ports").Items().Select(port => $"{port.Field("protocol").Text()}/{port.Field("port").Number()}")];
        Addresses = Ingress(service);
        Fingerprint = string.Join('|', IsOurs, string.Join(',', ClusterFamilies), FamilyPolicy, BackendKey, SharingKey, RequestedPool,
            RequestedAddresses, RequestedAddress, string.Join(',', Ports), string.Join(',', Labels), string.Join(',', Selector));
    }

    /// <summary>Namespace and name.</summary>
    public ObjectKey Key { get; }

    /// <summary>The object's identity.</summary>
    public string Uid { get; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>Whether it is of type LoadBalancer and not for another implementation.</summary>
    public bool IsOurs { get; }

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

    /// <summary>The addresses asked for by annotation; "" for none.</summary>
    public string RequestedAddresses { get; }

    /// <summary>The address asked for by field; "" for none.</summary>
    public string RequestedAddress { get; }

    /// <summary>The pool that the controller noted; "" for none.</summary>
    public string PoolNote { get; }

    /// <summary>"TCP/80" and so on.</summary>
    public IReadOnlyList<string> Ports { get; }

    /// <summary>The addresses of status.loadBalancer.ingress, in order.</summary>
    public IReadOnlyList<IpAddress> Addresses { get; }

    /// <summary>Everything that may justify another address, as one text.</summary>
    public string Fingerprint { get; }

    /// <summary>Where the traffic goes, as far as sharing cares.</summary>
    public string BackendKey => IsLocal ? string.Join(',', Selector.Select(pair => $"{pair.Key}={pair.Value}")) : "";

    /// <summary>Whether two Services may have one address.</summary>
    public bool MayShareWith(ServiceView other) =>
        SharingKey.Length > 0 && SharingKey == other.SharingKey && BackendKey == other.BackendKey && !Ports.Intersect(other.Ports).Any();

    private static string? Annotation(SortedDictionary<string, string> annotations, string key) =>
        annotations.TryGetValue("metallb.io/" + key, out var value) ? value : annotations.GetValueOrDefault("metallb.universe.tf/" + key);

    private static IEnumerable<IpAddress> ClusterIps(JsonElement? spec)
    {
        var texts = spec.Field("clusterIPs").Texts();
        if (texts.Count == 0 && spec.Field("clusterIP").Text() is { } one)
            texts.Add(one);
        foreach (var text in texts)
        {
            if (IpAddress.TryParse(text, out var address))
                yield return address;
        }
    }

    private static List<IpAddress> Ingress(JsonElement service)
    {
        var addresses = new List<IpAddress>();
        foreach (var item in service.Field("status").Field("loadBalancer").Field("ingress").Items())
        {
            if (IpAddress.TryParse(item.Field("ip").Text() ?? "", out var address))
                addresses.Add(address);
        }
        return addresses;
    }
}
