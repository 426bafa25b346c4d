using System.Collections.Generic;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>
/// When two advertisements of one pool ask for different LOCAL_PREF in what may be one and the same route. They do not when their prefixes
/// differ in every family that the pool has, or when no peer gets both.
/// </summary>
public static class LocalPreferenceClash
{
    /// <summary>Whether two advertisements clash on a node that both cover.</summary>
    public static bool IsBetween(BgpAdvertisementConfig left, BgpAdvertisementConfig right, PoolConfig pool)
    {
        if (left.LocalPref == right.LocalPref)
            return false;
        if (!left.PeerNames.IsEmpty && !right.PeerNames.IsEmpty && !left.PeerNames.Overlaps(right.PeerNames))
            return false;
        return pool.Entries.Any(entry => left.AggregationLength(entry.Family) == right.AggregationLength(entry.Family));
    }

    /// <summary>
    /// The first clash among the advertisements that match a Service of the pool on one node, or null. Such a Service is not advertised by
    /// that node: which of the two was meant cannot be known.
    /// </summary>
    public static (BgpAdvertisementConfig First, BgpAdvertisementConfig Second)? Find(
        IReadOnlyList<BgpAdvertisementConfig> matching, PoolConfig pool)
    {
        for (var i = 1; i < matching.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (IsBetween(matching[j], matching[i], pool))
                    return (matching[j], matching[i]);
            }
        }
        return null;
    }
}
