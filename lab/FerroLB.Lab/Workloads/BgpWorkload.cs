using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Workloads;

/// <summary>
/// Creates, edits and deletes BGPPeers, BGPAdvertisements, BFDProfiles and Communities, many of them wrong. Whatever they say, no address
/// may depend on them.
/// </summary>
internal sealed class BgpWorkload(KubeUser user, SeededRandom random)
{
    private static readonly KubeResource[] Kinds =
        [KubeResource.BgpPeers, KubeResource.BgpAdvertisements, KubeResource.BfdProfiles, KubeResource.Communities];

    public void ActOnce()
    {
        var kind = Kinds[random.Next(Kinds.Length)];
        var name = $"{kind.Plural}-{random.Next(3)}";
        if (random.Chance(0.2) && user.Delete(kind, LabObjects.SystemNamespace, name))
            return;
        if (user.Edit(kind, LabObjects.SystemNamespace, name, body => body["spec"] = Spec(kind)))
            return;
        var created = LabObjects.Object(kind.ApiVersion, kind.Kind, LabObjects.SystemNamespace, name);
        created["spec"] = Spec(kind);
        user.Create(kind, created);
    }

    private JsonObject Spec(KubeResource kind)
    {
        if (kind == KubeResource.BgpPeers)
        {
            return new()
            {
                ["myASN"] = random.Chance(0.2) ? 0 : 64500 + random.Next(2),
                ["peerASN"] = 64500 + random.Next(2),
                ["peerAddress"] = random.Chance(0.2) ? "nowhere" : $"192.168.1.{random.Next(3) + 1}",
                ["holdTime"] = random.Chance(0.2) ? "1s" : "90s",
                ["bfdProfile"] = random.Chance(0.3) ? $"bfdprofiles-{random.Next(3)}" : "",
            };
        }
        if (kind == KubeResource.BgpAdvertisements)
        {
            return new()
            {
                ["aggregationLength"] = random.Chance(0.5) ? 32 : 20 + random.Next(20),
                ["localPref"] = random.Next(3) * 100,
                ["communities"] = LabObjects.Strings(
                    [random.Chance(0.5) ? "64500:1" : "alias", random.Chance(0.8) ? "64500:2" : "64500:1"]),
                ["ipAddressPools"] = LabObjects.Strings([PoolWorkload.SomePool(random)]),
            };
        }
        return kind == KubeResource.BfdProfiles
            ? new() { ["receiveInterval"] = random.Chance(0.3) ? 1 : 300, ["echoMode"] = random.Chance(0.3) }
            : new()
            {
                ["communities"] = new JsonArray(new JsonObject
                {
                    ["name"] = "alias",
                    ["value"] = random.Chance(0.4) ? "64500:x" : "64500:7",
                }),
            };
    }
}
