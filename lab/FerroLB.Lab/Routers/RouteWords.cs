using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>
/// Canonical words for what is said of a route, the same for what a router heard as for what a model expects, so that any difference can be
/// read.
/// </summary>
public static class RouteWords
{
    /// <summary>"via 172.16.1.1 path 64500 pref 100 med 5 communities 64500:7 large:1:2:3".</summary>
    /// <param name="nextHops">The next hop; two for a global one with its link-local twin.</param>
    /// <param name="path">The AS path.</param>
    /// <param name="localPref">LOCAL_PREF; null for none.</param>
    /// <param name="med">MULTI_EXIT_DISC; null for none.</param>
    /// <param name="communities">Communities as users write them.</param>
    public static string Of(
        IEnumerable<IpAddress> nextHops, IEnumerable<uint> path, uint? localPref, uint? med, IEnumerable<string> communities)
    {
        var words = new StringBuilder($"via {string.Join('+', nextHops)} path {string.Join(' ', path)}");
        if (localPref is { } preference)
            words.Append($" pref {preference}");
        if (med is { } discriminator)
            words.Append($" med {discriminator}");
        var sorted = communities.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (sorted.Count > 0)
            words.Append($" communities {string.Join(' ', sorted)}");
        return words.ToString();
    }
}
