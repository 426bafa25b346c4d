using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>Reads the metallb.io kinds.</summary>
internal static class MetallbReader
{
    public static IpAddressPool ReadIpAddressPool(JsonView view)
    {
        var spec = view.Object("spec");
        var status = view.Object("status");
        return new IpAddressPool
        {
            Metadata = CoreReader.ReadMeta(view),
            Spec = spec is null ? null : new IpAddressPoolSpec
            {
                Addresses = spec.Strings("addresses"),
                AutoAssign = spec.Boolean("autoAssign"),
                AvoidBuggyIPs = spec.Boolean("avoidBuggyIPs"),
                ServiceAllocation = spec.Object("serviceAllocation") is { } allocation ? ReadAllocation(allocation) : null,
            },
            Status = status is null || !status.Has("assignedIPv4") ? null : new IpAddressPoolStatus
            {
                AssignedIPv4 = status.Int64("assignedIPv4") ?? 0,
                AssignedIPv6 = status.Int64("assignedIPv6") ?? 0,
                AvailableIPv4 = status.Int64("availableIPv4") ?? 0,
                AvailableIPv6 = status.Int64("availableIPv6") ?? 0,
            },
        };
    }

    public static L2Advertisement ReadL2Advertisement(JsonView view)
    {
        var spec = view.Object("spec");
        return new L2Advertisement
        {
            Metadata = CoreReader.ReadMeta(view),
            Spec = spec is null ? null : new L2AdvertisementSpec
            {
                IpAddressPools = spec.Strings("ipAddressPools"),
                IpAddressPoolSelectors = spec.List("ipAddressPoolSelectors", ReadSelector),
                NodeSelectors = spec.List("nodeSelectors", ReadSelector),
                Interfaces = spec.Strings("interfaces"),
                ServiceSelectors = spec.List("serviceSelectors", ReadSelector),
                PreferredNodeSelectors = spec.List("preferredNodeSelectors", ReadPreference),
            },
        };
    }

    public static LabelSelector ReadSelector(JsonView view) => new()
    {
        MatchLabels = view.Map("matchLabels"),
        MatchExpressions = view.List("matchExpressions", ReadRequirement),
    };

    private static LabelSelectorRequirement ReadRequirement(JsonView view) =>
        new() { Key = view.String("key"), Operator = view.String("operator"), Values = view.Strings("values") };

    private static PreferredNodeSelector ReadPreference(JsonView view) => new()
    {
        Weight = view.Int32("weight") ?? 0,
        Preference = view.Object("preference") is { } preference ? ReadSelector(preference) : null,
    };

    private static ServiceAllocation ReadAllocation(JsonView view) => new()
    {
        Priority = view.Int32("priority"),
        Namespaces = view.Strings("namespaces"),
        NamespaceSelectors = view.List("namespaceSelectors", ReadSelector),
        ServiceSelectors = view.List("serviceSelectors", ReadSelector),
    };
}
