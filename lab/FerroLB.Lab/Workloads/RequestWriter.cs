using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Workloads;

/// <summary>
/// Writes wishes into Services: addresses, pools, sharing keys, under either prefix, well-formed and not. Addresses come from the low end
/// of the pools' ranges, where others are likely to be.
/// </summary>
internal sealed class RequestWriter(SeededRandom random)
{
    private const string Present = "metallb.io/";
    private const string Deprecated = "metallb.universe.tf/";

    private static readonly string[] Keys = ["loadBalancerIPs", "address-pool", "allow-shared-ip"];
    private static readonly string[] Nonsense = ["10.20.0.300", "10.20.0.1 10.20.0.2", "10.20.0.1,10.20.0.2", "nowhere", "10.20.0.1,"];

    /// <summary>An annotation, mostly under the present prefix; at times the other prefix says something else.</summary>
    public void Annotate(JsonObject service, string key, string value)
    {
        var annotations = LabObjects.Part((JsonObject)service["metadata"]!, "annotations");
        annotations[(random.Chance(0.75) ? Present : Deprecated) + key] = value;
        if (random.Chance(0.1))
            annotations[Deprecated + key] = "key-9";
    }

    /// <summary>Asks for addresses or a pool.</summary>
    public void Ask(JsonObject service)
    {
        var isDual = service["spec"]!["ipFamilyPolicy"]?.GetValue<string>() is "PreferDualStack" or "RequireDualStack";
        switch (random.Next(10))
        {
            case 0 or 1:
                LabObjects.Part(service, "spec")["loadBalancerIP"] = SomeV4();
                break;
            case 2 or 3 or 4 when isDual:
                var number = random.Next(PoolWorkload.Pools);
                var (four, six) = (SomeV4(number), SomeV6(random.Chance(0.7) ? number : random.Next(PoolWorkload.Pools)));
                Annotate(service, "loadBalancerIPs", random.Chance(0.5) ? $"{four}, {six}" : $"{six},{four}");
                break;
            case 2 or 3 or 4:
                Annotate(service, "loadBalancerIPs", random.Chance(0.85) ? SomeV4() : SomeV6(random.Next(PoolWorkload.Pools)));
                break;
            case 5:
                Annotate(service, "loadBalancerIPs", Nonsense[random.Next(Nonsense.Length)]);
                break;
            default:
                Annotate(service, "address-pool", PoolWorkload.SomePool(random));
                break;
        }
    }

    /// <summary>Chooses a sharing key, or none.</summary>
    public void Share(JsonObject service) => Annotate(service, "allow-shared-ip", random.Chance(0.1) ? "" : "key-" + random.Next(2));

    /// <summary>Takes all wishes back, or one of them.</summary>
    public void Withdraw(JsonObject service)
    {
        LabObjects.Part(service, "spec").Remove("loadBalancerIP");
        var annotations = LabObjects.Part((JsonObject)service["metadata"]!, "annotations");
        IEnumerable<string> keys = random.Chance(0.5) ? Keys : Keys.Skip(random.Next(Keys.Length)).Take(1);
        foreach (var key in keys.ToList())
        {
            annotations.Remove(Present + key);
            annotations.Remove(Deprecated + key);
        }
    }

    private string SomeV4() => SomeV4(random.Next(PoolWorkload.Pools));

    private string SomeV4(int pool) => $"10.20.{pool}.{random.Next(6)}";

    private string SomeV6(int pool) => $"fd00:20:{pool}::{random.Next(4):x}";
}
