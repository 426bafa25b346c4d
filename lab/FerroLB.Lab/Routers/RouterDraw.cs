using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>Draws what routers are like, so that a few of each kind are among many.</summary>
internal static class RouterDraw
{
    /// <summary>An AS of the cluster that fits into two octets, or one that does not.</summary>
    public static uint Asn(SeededRandom random) => random.Chance(0.5) ? 64_500 : 4_200_000_001;

    /// <summary>So many routers beside a cluster of an AS.</summary>
    public static List<RouterPlan> Routers(SeededRandom random, int count, uint ourAsn) =>
        [.. Enumerable.Range(1, count).Select(number => Router(random.Fork($"router/{number}"), number, ourAsn))];

    private static RouterPlan Router(SeededRandom random, int number, uint ourAsn)
    {
        var isInternal = random.Chance(0.3);
        var asn = isInternal ? ourAsn : random.Chance(0.3) ? 4_200_000_100u + (uint)number : 64_800u + (uint)number;
        return new(number, asn)
        {
            IsOverIPv6 = random.Chance(0.3),
            Port = random.Chance(0.8) ? 179 : 1179,
            HoldSeconds = (ushort)(random.Chance(0.1) ? 3 : 90 + random.Next(100)),
            FourOctetAs = asn > ushort.MaxValue || random.Chance(0.7),
            IsModern = random.Chance(0.7),
            KeepsRoutes = random.Chance(0.4),
            PrefersNew = random.Chance(0.5),
            WindowBytes = random.Next(3) switch { 0 => 512, 1 => 4_096, _ => 65_536 },
        };
    }
}
