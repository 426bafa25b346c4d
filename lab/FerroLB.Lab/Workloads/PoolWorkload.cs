using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Workloads;

/// <summary>
/// Creates, edits and deletes pools and advertisements. Each pool has a range of its own (10.20.n.0/24 and fd00:20:n::/64), so that only
/// deliberate mistakes overlap.
/// </summary>
internal sealed class PoolWorkload(KubeUser user, SeededRandom random, WorkloadOptions options)
{
    /// <summary>So many pools there are at most, each with addresses of its own.</summary>
    public const int Pools = 4;

    private const int Advertisements = 3;

    private readonly SortedSet<int> _wrongPools = [];
    private readonly SortedSet<int> _wrongAdvertisements = [];

    public static string SomePool(SeededRandom random) => "pool-" + random.Next(Pools);

    public void CreateFirst()
    {
        for (var i = 0; i < 2; i++)
            CreatePool(i);
        CreateAdvertisement(0);
    }

    /// <summary>Mends every mistake, so that the configuration says the same to who saw it grow and to who reads it afresh.</summary>
    public void Mend(bool withPools)
    {
        foreach (var number in withPools ? _wrongPools : [])
        {
            user.Edit(KubeResource.IpAddressPools, LabObjects.SystemNamespace, $"pool-{number}", pool =>
            {
                var spec = LabObjects.Part(pool, "spec");
                spec["addresses"] = LabObjects.Strings(Addresses(number));
                spec.Remove("serviceAllocation");
            });
        }
        foreach (var number in _wrongAdvertisements)
        {
            user.Edit(KubeResource.L2Advertisements, LabObjects.SystemNamespace, $"adv-{number}", advertisement =>
                LabObjects.Part(advertisement, "spec").Clear());
        }
        for (var number = 0; withPools && number < Pools; number++)
        {
            // Two that claim the same addresses: one of them goes.
            if (user.Edit(KubeResource.IpAddressPools, LabObjects.SystemNamespace, $"pool-{number}", _ => { }))
                user.Delete(KubeResource.IpAddressPools, LabObjects.SystemNamespace, $"pool-{number}-new");
        }
        if (withPools)
            _wrongPools.Clear();
        _wrongAdvertisements.Clear();
    }

    public void ActOnce()
    {
        if (random.Chance(0.5))
            ActOnPool(random.Next(Pools));
        else
            ActOnAdvertisement(random.Next(Advertisements));
    }

    private void ActOnPool(int number)
    {
        if (random.Chance(0.1))
        {
            Rename(number);
            return;
        }
        if (random.Chance(0.1) && user.Delete(KubeResource.IpAddressPools, LabObjects.SystemNamespace, $"pool-{number}"))
            return;
        if (user.Edit(KubeResource.IpAddressPools, LabObjects.SystemNamespace, $"pool-{number}", pool => EditPool(pool, number)))
            return;
        CreatePool(number);
    }

    private void CreatePool(int number)
    {
        var pool = LabObjects.Pool($"pool-{number}", random.Chance(0.5) ? "gold" : "silver", Addresses(number));
        if (random.Chance(0.2))
            Pin(LabObjects.Part(pool, "spec"));
        user.Create(KubeResource.IpAddressPools, pool);
    }

    private void EditPool(JsonObject pool, int number)
    {
        var spec = LabObjects.Part(pool, "spec");
        if (random.Chance(options.InvalidShare))
        {
            _wrongPools.Add(number);
            if (random.Chance(0.2))
                spec["serviceAllocation"] = WrongPinning();
            else
                spec["addresses"] = LabObjects.Strings([WrongAddresses(number)]);
            return;
        }
        switch (random.Next(6))
        {
            case 0:
                spec["autoAssign"] = random.Chance(0.6);
                break;
            case 1:
                spec["avoidBuggyIPs"] = random.Chance(0.5);
                break;
            case 2:
                Pin(spec);
                break;
            case 3:
                spec.Remove("serviceAllocation");
                break;
            case 4:
                LabObjects.Part((JsonObject)pool["metadata"]!, "labels")["tier"] = random.Chance(0.5) ? "gold" : "silver";
                break;
            default:
                spec["addresses"] = LabObjects.Strings(Addresses(number));
                break;
        }
    }

    private List<string> Addresses(int number)
    {
        var first = random.Next(4);
        var text = new List<string>
        {
            random.Next(3) switch
            {
                0 => $"10.20.{number}.{first}-10.20.{number}.{first + 1 + random.Next(4)}",
                1 => $"10.20.{number}.{first}/{29 + random.Next(3)}",
                _ => $"10.20.{number}.{first}/32",
            },
        };
        if (random.Chance(0.2))
            text.Add($"10.20.{number}.254 - 10.20.{number}.255");
        if (random.Chance(0.5))
            text.Insert(random.Next(text.Count + 1), random.Chance(0.8)
                ? $"fd00:20:{number}::/12{random.Next(3) + 6}"
                : $"FD00:20:{number}:0::1-fd00:20:{number}::2");
        return text;
    }

    // Two selectors that are the same, an operator that does not exist, a namespace twice.
    private JsonObject WrongPinning() => random.Next(3) switch
    {
        0 => new()
        {
            ["serviceSelectors"] = new JsonArray(LabObjects.MatchLabels("app", "web"), LabObjects.MatchLabels("app", "web")),
        },
        1 => new() { ["namespaceSelectors"] = new JsonArray(LabObjects.MatchExpression("team", "Is", "a")) },
        _ => new() { ["namespaces"] = LabObjects.Strings(["team-a", "team-a"]) },
    };

    // The addresses of a pool go to one of another name; the old one goes before or after, or is kept and then in the way.
    private void Rename(int number)
    {
        var (from, to) = ($"pool-{number}", $"pool-{number}-new");
        if (random.Chance(0.5))
            (from, to) = (to, from);
        var addresses = Addresses(number);
        var isFirst = random.Chance(0.5);
        if (isFirst)
            user.Delete(KubeResource.IpAddressPools, LabObjects.SystemNamespace, from);
        if (!user.Edit(KubeResource.IpAddressPools, LabObjects.SystemNamespace, to, pool =>
            LabObjects.Part(pool, "spec")["addresses"] = LabObjects.Strings(addresses)))
            user.Create(KubeResource.IpAddressPools, LabObjects.Pool(to, "gold", addresses));
        if (!isFirst)
            user.Delete(KubeResource.IpAddressPools, LabObjects.SystemNamespace, from);
    }

    private string WrongAddresses(int number) => random.Next(5) switch
    {
        0 => $"10.20.{number}.0/33",
        1 => $"10.20.{number}.9-10.20.{number}.3",
        2 => $"10.20.{number}.1",
        3 => $"10.20.{number}.1-fd00:20:{number}::1",
        _ => $"10.20.{(number + 1) % Pools}.0/24",
    };

    private void Pin(JsonObject spec)
    {
        var allocation = new JsonObject();
        if (random.Chance(0.6))
            allocation["priority"] = random.Next(3) * 10;
        switch (random.Next(6))
        {
            case 0:
                allocation["namespaces"] = LabObjects.Strings(["team-a"]);
                break;
            case 1:
                allocation["namespaceSelectors"] = new JsonArray(LabObjects.MatchLabels("team", random.Chance(0.8) ? "b" : "nobody"));
                break;
            case 2:
                allocation["serviceSelectors"] = new JsonArray(LabObjects.MatchLabels("app", Pick(ServiceWorkload.Apps)));
                break;
            case 3:
                allocation["namespaces"] = LabObjects.Strings(["default"]);
                allocation["namespaceSelectors"] = new JsonArray(LabObjects.MatchExpression("team", "In", "a", "b"));
                allocation["serviceSelectors"] = new JsonArray(LabObjects.MatchExpression("app", "NotIn", "web", "db"));
                break;
            case 4:
                allocation["namespaceSelectors"] = new JsonArray(random.Chance(0.5)
                    ? LabObjects.MatchExpression("team", "Exists") : LabObjects.MatchExpression("team", "DoesNotExist"));
                break;
        }
        spec["serviceAllocation"] = allocation;
    }

    private void ActOnAdvertisement(int number)
    {
        if (random.Chance(0.15) && user.Delete(KubeResource.L2Advertisements, LabObjects.SystemNamespace, $"adv-{number}"))
            return;
        if (user.Edit(KubeResource.L2Advertisements, LabObjects.SystemNamespace, $"adv-{number}", body => Fill(body, number)))
            return;
        CreateAdvertisement(number);
    }

    private void CreateAdvertisement(int number)
    {
        var advertisement = LabObjects.Advertisement($"adv-{number}");
        if (number > 0)
            Fill(advertisement, number);
        user.Create(KubeResource.L2Advertisements, advertisement);
    }

    private void Fill(JsonObject advertisement, int number)
    {
        var spec = LabObjects.Part(advertisement, "spec");
        spec.Clear();
        if (random.Chance(options.InvalidShare))
        {
            _wrongAdvertisements.Add(number);
            spec["ipAddressPools"] = LabObjects.Strings(["pool-0", "pool-0"]);
            return;
        }
        if (random.Chance(0.3))
            spec["ipAddressPools"] = LabObjects.Strings(Enumerable.Range(0, 1 + random.Next(2)).Select(i => $"pool-{i}"));
        if (random.Chance(0.2))
            spec["ipAddressPoolSelectors"] = new JsonArray(LabObjects.MatchLabels("tier", "gold"));
        if (random.Chance(0.3))
            spec["nodeSelectors"] = new JsonArray(random.Chance(0.5)
                ? LabObjects.MatchLabels("zone", "a")
                : LabObjects.MatchLabels("kubernetes.io/hostname", $"node-{random.Next(3) + 1}"));
        if (random.Chance(0.15))
            spec["serviceSelectors"] = new JsonArray(LabObjects.MatchLabels("app", Pick(ServiceWorkload.Apps)));
        if (random.Chance(0.2))
            spec["interfaces"] = LabObjects.Strings([random.Chance(0.8) ? "eth0" : "eth7"]);
        if (random.Chance(0.3))
            spec["preferredNodeSelectors"] = new JsonArray(new JsonObject
            {
                ["weight"] = 1 + random.Next(100),
                ["preference"] = LabObjects.MatchLabels("kubernetes.io/hostname", $"node-{random.Next(3) + 1}"),
            });
    }

    private string Pick(string[] choices) => choices[random.Next(choices.Length)];
}
