using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Lab.Routers;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Workloads;

/// <summary>
/// Operators of a cluster with routers: they create, edit and delete BGPPeers, BGPAdvertisements and a Community. Mistakes are mended
/// before the cluster is to be at rest. Aggregates are made of one pool that is never changed, for what happens to an edit that a pool
/// forbids depends on what was there before; those that ask for other local preferences have other lengths, so that none contradict.
/// </summary>
internal sealed class RouteWorkload(
    KubeUser user, SeededRandom random, IReadOnlyList<RouterPlan> routers, uint ourAsn, WorkloadOptions options)
{
    private const int Advertisements = 4;
    private const string AliasName = "gold";

    private const string WidePool = "pool-10";
    private const int Variants = 3;

    private readonly SortedSet<string> _wrongPeers = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _wrongAdvertisements = new(StringComparer.Ordinal);

    public void CreateFirst()
    {
        WriteCommunity();
        user.Create(KubeResource.IpAddressPools, LabObjects.Pool(WidePool, "silver", ["10.20.10.0/28", "fd00:20:10::/124"]));
        foreach (var router in routers)
            WritePeer(router);
        WriteAdvertisement("bgp-0", isPlain: true);
        WriteAdvertisement("bgp-1", isPlain: false);
    }

    /// <summary>Does one thing; peers of routers that are to be left alone stay as they are.</summary>
    public void ActOnce(IReadOnlyCollection<string> spared)
    {
        var draw = random.Next(10);
        if (draw == 0)
            WriteCommunity();
        else if (draw < 3)
            ActOnPeer(routers[random.Next(routers.Count)], spared);
        else
            ActOnAdvertisement($"bgp-{random.Next(Advertisements)}");
    }

    /// <summary>Mends every mistake.</summary>
    public void Mend()
    {
        foreach (var router in routers.Where(router => _wrongPeers.Contains(router.Name)))
            WritePeer(router);
        foreach (var name in _wrongAdvertisements)
            user.Edit(KubeResource.BgpAdvertisements, LabObjects.SystemNamespace, name, body => Fill(body, isPlain: true));
        _wrongPeers.Clear();
        _wrongAdvertisements.Clear();
    }

    private void ActOnPeer(RouterPlan router, IReadOnlyCollection<string> spared)
    {
        if (spared.Contains(router.Name))
            return;
        if (random.Chance(0.15) && user.Delete(KubeResource.BgpPeers, LabObjects.SystemNamespace, router.Name))
            return;
        if (random.Chance(options.InvalidShare) && user.Edit(KubeResource.BgpPeers, LabObjects.SystemNamespace, router.Name, Spoil))
            _wrongPeers.Add(router.Name);
        else
            WritePeer(router);
    }

    private static void Spoil(JsonObject peer) => LabObjects.Part(peer, "spec")["holdTime"] = "1s";

    private void WritePeer(RouterPlan router)
    {
        var spec = PeerSpec(router);
        if (user.Edit(KubeResource.BgpPeers, LabObjects.SystemNamespace, router.Name, body => body["spec"] = spec.DeepClone()))
            return;
        var peer = LabObjects.Object(KubeResource.BgpPeers.ApiVersion, "BGPPeer", LabObjects.SystemNamespace, router.Name);
        peer["spec"] = spec;
        user.Create(KubeResource.BgpPeers, peer);
    }

    private JsonObject PeerSpec(RouterPlan router)
    {
        var spec = new JsonObject
        {
            ["myASN"] = ourAsn,
            ["peerASN"] = router.Asn,
            ["peerAddress"] = router.Address.ToString(),
            ["peerPort"] = router.Port,
            ["holdTime"] = $"{options.HoldSeconds[random.Next(options.HoldSeconds.Count)]}s",
            ["enableGracefulRestart"] = random.Chance(0.3),
            ["dualStackAddressFamily"] = random.Chance(0.5),
        };
        if (random.Chance(0.3))
            spec["connectTime"] = $"{1 + random.Next(10)}s";
        if (random.Chance(0.2))
            spec["nodeSelectors"] = new JsonArray(LabObjects.MatchLabels("zone", random.Chance(0.5) ? "a" : "b"));
        if (router.Asn != ourAsn && random.Chance(0.15))
            spec["localASN"] = 64_700;
        return spec;
    }

    private void ActOnAdvertisement(string name)
    {
        if (random.Chance(0.15) && user.Delete(KubeResource.BgpAdvertisements, LabObjects.SystemNamespace, name))
            return;
        if (random.Chance(options.InvalidShare) && user.Edit(KubeResource.BgpAdvertisements, LabObjects.SystemNamespace, name, body =>
            LabObjects.Part(body, "spec")["aggregationLength"] = 33))
        {
            _wrongAdvertisements.Add(name);
            return;
        }
        WriteAdvertisement(name, isPlain: false);
    }

    private void WriteAdvertisement(string name, bool isPlain)
    {
        if (user.Edit(KubeResource.BgpAdvertisements, LabObjects.SystemNamespace, name, body => Fill(body, isPlain)))
            return;
        var created = LabObjects.Object(
            KubeResource.BgpAdvertisements.ApiVersion, "BGPAdvertisement", LabObjects.SystemNamespace, name);
        Fill(created, isPlain);
        user.Create(KubeResource.BgpAdvertisements, created);
    }

    private void Fill(JsonObject advertisement, bool isPlain)
    {
        var spec = new JsonObject();
        advertisement["spec"] = spec;
        var annotations = LabObjects.Part((JsonObject)advertisement["metadata"]!, "annotations");
        annotations.Clear();
        if (isPlain)
            return;
        if (random.Chance(0.4))
            Aggregate(spec, random.Next(Variants));
        else
            ChooseWholeAddresses(spec);
        if (random.Chance(0.2))
            spec["nodeSelectors"] = new JsonArray(LabObjects.MatchLabels("zone", random.Chance(0.5) ? "a" : "b"));
        if (random.Chance(0.3))
            spec["peers"] = LabObjects.Strings(routers.Where(_ => random.Chance(0.5)).Select(router => router.Name).Append("nobody"));
        if (random.Chance(0.5))
            spec["communities"] = LabObjects.Strings(
                random.Chance(0.5) ? [AliasName, "64500:2"] : ["64500:1", $"large:64500:{random.Next(3)}:7"]);
        if (random.Chance(0.2))
            annotations["ferrolb.io/med"] = random.Next(100).ToString(CultureInfo.InvariantCulture);
        if (random.Chance(0.2))
            annotations["ferrolb.io/as-path-prepend"] = random.Next(4).ToString(CultureInfo.InvariantCulture);
    }

    private void ChooseWholeAddresses(JsonObject spec)
    {
        if (random.Chance(0.2))
            spec["serviceSelectors"] = new JsonArray(LabObjects.MatchLabels("app", ServiceWorkload.Apps[random.Next(4)]));
        if (random.Chance(0.3))
            spec["ipAddressPools"] = LabObjects.Strings([PoolWorkload.SomePool(random)]);
        if (random.Chance(0.2))
            spec["ipAddressPoolSelectors"] = new JsonArray(LabObjects.MatchLabels("tier", "gold"));
    }

    private static void Aggregate(JsonObject spec, int variant)
    {
        spec["ipAddressPools"] = LabObjects.Strings([WidePool]);
        (spec["aggregationLength"], spec["aggregationLengthV6"]) = (28 + variant, 124 + variant);
        spec["localPref"] = 100 * variant + 50;
    }

    private void WriteCommunity()
    {
        var spec = new JsonObject
        {
            ["communities"] = new JsonArray(new JsonObject
            {
                ["name"] = AliasName,
                ["value"] = $"64500:{10 + random.Next(3)}",
            }),
        };
        if (user.Edit(KubeResource.Communities, LabObjects.SystemNamespace, "names", body => body["spec"] = spec.DeepClone()))
            return;
        var community = LabObjects.Object(KubeResource.Communities.ApiVersion, "Community", LabObjects.SystemNamespace, "names");
        community["spec"] = spec;
        user.Create(KubeResource.Communities, community);
    }
}
