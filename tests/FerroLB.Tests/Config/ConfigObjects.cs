using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Text;
using FerroLB.Core.Config;
using FerroLB.Core.Kube;
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

    public static BgpAdvertisement BgpAd(string name, BgpAdvertisementSpec? spec = null, params string[] annotations) =>
        new() { Metadata = Meta(name, annotations), Spec = spec };

    /// <summary>A valid peer, changed.</summary>
    public static BgpPeer Peer(string name, Func<BgpPeerSpec, BgpPeerSpec>? change = null, params string[] annotations)
    {
        var spec = new BgpPeerSpec { MyAsn = 64500, PeerAsn = 64501, PeerAddress = "192.0.2.1" };
        return new() { Metadata = Meta(name, annotations), Spec = change is null ? spec : change(spec) };
    }

    /// <summary>A valid peer at an address of its own, changed.</summary>
    public static BgpPeer PeerAt(string name, string address, Func<BgpPeerSpec, BgpPeerSpec>? change = null) =>
        Peer(name, spec => (change ?? (same => same))(spec with { PeerAddress = address }));

    public static BfdProfile Profile(string name, Func<BfdProfile, BfdProfile>? change = null)
    {
        var profile = new BfdProfile { Metadata = Meta(name) };
        return change is null ? profile : change(profile);
    }

    /// <summary>A Community object of aliases written as "name=value".</summary>
    public static Community Aliases(string name, params string[] pairs) => new()
    {
        Metadata = Meta(name),
        Aliases = [.. pairs.Select(pair => pair.Split('=')).Select(parts => new CommunityAlias(parts[0], parts[1]))],
    };

    public static Node NodeOf(string name, params string[] labels) =>
        new() { Metadata = new() { Name = name, Labels = Labels([.. labels, $"kubernetes.io/hostname={name}"]) } };

    public static Secret BasicAuth(string name, string? password, string type = "kubernetes.io/basic-auth") => new()
    {
        Metadata = Meta(name),
        Type = type,
        Data = password is null
            ? null
            : CompactDictionary.From([new("password", Convert.ToBase64String(Encoding.UTF8.GetBytes(password)))]),
    };

    public static LabelSelector Labelled(params string[] pairs) => new() { MatchLabels = Labels(pairs) };

    public static LabelSelector Where(string? key, string? question, params string[] values) =>
        new() { MatchExpressions = [new() { Key = key, Operator = question, Values = values }] };

    public static ImmutableSortedDictionary<string, string> Labels(params string[] pairs) =>
        pairs.Select(pair => pair.Split('=')).ToImmutableSortedDictionary(parts => parts[0], parts => parts[1]);

    public static ConfigResult Build(params KubeObject[] objects) => Rebuild(ConfigResult.Empty, objects);

    public static ConfigResult Rebuild(ConfigResult previous, params KubeObject[] objects) =>
        ConfigBuilder.Build(Sources(objects), previous);

    /// <summary>The objects as sources. Secrets are known when there is one.</summary>
    public static ConfigSources Sources(params KubeObject[] objects) => new()
    {
        Pools = [.. objects.OfType<IpAddressPool>()],
        L2Advertisements = [.. objects.OfType<L2Advertisement>()],
        BgpAdvertisements = [.. objects.OfType<BgpAdvertisement>()],
        BgpPeers = [.. objects.OfType<BgpPeer>()],
        BfdProfiles = [.. objects.OfType<BfdProfile>()],
        Communities = [.. objects.OfType<Community>()],
        Nodes = [.. objects.OfType<Node>()],
        Secrets = objects.OfType<Secret>().Any() ? [.. objects.OfType<Secret>()] : null,
        BgpExtras = objects.OfType<ConfigMap>().SingleOrDefault(),
    };

    private static ObjectMeta Meta(string name, params string[] annotations) => new()
    {
        Name = name,
        Namespace = "lb",
        Annotations = annotations.Length == 0 ? null : Labels(annotations),
    };
}
