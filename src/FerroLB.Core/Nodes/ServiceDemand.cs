using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Allocation;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// What a Service of type LoadBalancer asks for, read from its spec and annotations; the faults of the wish are kept as words, because what
/// the Service has already may be kept in spite of them.
/// </summary>
internal sealed record ServiceDemand
{
    /// <summary>The request for the allocator; without families when they cannot be told.</summary>
    public required AllocationRequest Request { get; init; }

    /// <summary>Whether the Service has any cluster IP at all.</summary>
    public bool HasClusterIPs { get; init; }

    /// <summary>Why the addresses asked for cannot be read; null when they can.</summary>
    public string? RequestFault { get; init; }

    /// <summary>Reads a Service.</summary>
    public static ServiceDemand Read(Service service, IReadOnlyDictionary<string, string>? namespaceLabels)
    {
        var spec = service.Spec;
        var clusterIPs = ClusterIPs(spec);
        var requested = ReadRequested(service, out var fault);
        return new ServiceDemand
        {
            HasClusterIPs = clusterIPs.Count > 0,
            RequestFault = fault,
            Request = new AllocationRequest(service.Key)
            {
                Labels = service.Metadata.Labels ?? CompactDictionary.Empty,
                NamespaceLabels = namespaceLabels ?? CompactDictionary.Empty,
                Families = Families(clusterIPs),
                Policy = spec.IpFamilyPolicy switch
                {
                    "PreferDualStack" => FamilyPolicy.PreferDualStack,
                    "RequireDualStack" => FamilyPolicy.RequireDualStack,
                    _ => FamilyPolicy.SingleStack,
                },
                RequestedAddresses = requested,
                PoolName = MetallbAnnotation.Read(service.Metadata, MetallbAnnotation.AddressPool) is { Length: > 0 } pool ? pool : null,
                SharingKey = MetallbAnnotation.Read(service.Metadata, MetallbAnnotation.AllowSharedIP) ?? "",
                BackendKey = AllocationRequest.BackendKeyOf(spec.Selector, spec.ExternalTrafficPolicy == "Local"),
                Ports = [.. (spec.Ports ?? []).Select(port => new AllocationPort(port.Protocol, port.Port))],
            },
        };
    }

    /// <summary>Whether a Service asks for particular addresses.</summary>
    public static bool AsksForAddresses(Service service) =>
        service.Spec.LoadBalancerIP is { Length: > 0 } ||
        MetallbAnnotation.Read(service.Metadata, MetallbAnnotation.LoadBalancerIPs) is { Length: > 0 };

    /// <summary>Whether a Service asks for a particular pool.</summary>
    public static bool AsksForPool(Service service) =>
        MetallbAnnotation.Read(service.Metadata, MetallbAnnotation.AddressPool) is { Length: > 0 };

    /// <summary>
    /// The addresses that the status names, in its order; host names are passed over. Empty with <paramref name="isBroken"/> when the
    /// entries are not one address, or two of different families.
    /// </summary>
    public static ImmutableArray<IpAddress> ReadStatus(Service service, out bool isBroken)
    {
        var addresses = ImmutableArray.CreateBuilder<IpAddress>();
        isBroken = false;
        foreach (var entry in service.Status.Ingress)
        {
            if (entry.Ip is not { Length: > 0 } text)
                continue;
            isBroken |= !IpAddress.TryParse(text, out var address);
            addresses.Add(address);
        }
        isBroken |= addresses.Count > 2 || (addresses.Count == 2 && addresses[0].Family == addresses[1].Family);
        return isBroken ? [] : addresses.ToImmutable();
    }

    private static List<string> ClusterIPs(ServiceSpec spec)
    {
        if (spec.ClusterIPs is { Count: > 0 } all)
            return [.. all];
        return spec.ClusterIP is { Length: > 0 } one ? [one] : [];
    }

    private static ImmutableArray<AddressFamily> Families(List<string> clusterIPs)
    {
        var families = ImmutableArray.CreateBuilder<AddressFamily>();
        foreach (var text in clusterIPs)
        {
            if (!IpAddress.TryParse(text, out var address) || families.Contains(address.Family))
                return [];
            families.Add(address.Family);
        }
        return families.ToImmutable();
    }

    private static ImmutableArray<IpAddress> ReadRequested(Service service, out string? fault)
    {
        var annotation = MetallbAnnotation.Read(service.Metadata, MetallbAnnotation.LoadBalancerIPs) ?? "";
        var field = service.Spec.LoadBalancerIP ?? "";
        fault = annotation.Length > 0 && field.Length > 0
            ? "the annotation loadBalancerIPs and the field spec.loadBalancerIP exclude each other"
            : null;
        var text = annotation.Length > 0 ? annotation : field;
        if (fault is not null || text.Length == 0)
            return [];
        var addresses = ImmutableArray.CreateBuilder<IpAddress>(2);
        // One part more than is allowed, so that an endless list costs no more than a short one.
        var parts = field.Length > 0 ? [field.Trim()] : text.Split(',', 3, StringSplitOptions.TrimEntries);
        foreach (var part in parts)
        {
            if (!IpAddress.TryParse(part, out var address))
                fault ??= $"{Excerpt.Quote(part)} is not an IP address";
            addresses.Add(address);
        }
        if (parts.Length > 2 || (fault is null && addresses.Count == 2 && addresses[0].Family == addresses[1].Family))
            fault = $"{Excerpt.Quote(text)} is neither one address nor two of different families";
        return fault is null ? addresses.ToImmutable() : [];
    }
}
