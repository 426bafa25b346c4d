using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Tests.Config;

/// <summary>Short ways to write configuration objects.</summary>
internal static class ConfigObjects
{
    public static IpAddressPool Pool(string name, params string[] addresses) => Pool(name, new IpAddressPoolSpec { Addresses = addresses });

    public static IpAddressPool Pool(string name, IpAddressPoolSpec spec, IReadOnlyDictionary<string, string>? labels = null) =>
        new() { Metadata = new() { Name = name, Namespace = "lb", Labels = labels }, Spec = spec };

    public static L2Advertisement Advertisement(string name, L2AdvertisementSpec? spec = null) =>
        new() { Metadata = new() { Name = name, Namespace = "lb" }, Spec = spec };

    public static LabelSelector Labelled(params string[] pairs) => new() { MatchLabels = Labels(pairs) };

    public static LabelSelector Where(string? key, string? question, params string[] values) =>
        new() { MatchExpressions = [new() { Key = key, Operator = question, Values = values }] };

    public static ImmutableSortedDictionary<string, string> Labels(params string[] pairs) =>
        pairs.Select(pair => pair.Split('=')).ToImmutableSortedDictionary(parts => parts[0], parts => parts[1]);

    public static ConfigResult Build(params KubeObject[] objects) => Rebuild(ConfigResult.Empty, objects);

    public static ConfigResult Rebuild(ConfigResult previous, params KubeObject[] objects) => ConfigBuilder.Build(
        new() { Pools = [.. objects.OfType<IpAddressPool>()], L2Advertisements = [.. objects.OfType<L2Advertisement>()] }, previous);
}
