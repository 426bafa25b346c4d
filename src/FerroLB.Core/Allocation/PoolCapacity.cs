using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Allocation;

/// <summary>How many addresses a pool can assign.</summary>
internal static class PoolCapacity
{
    /// <summary>From this many host bits on, a block counts as inexhaustible (2^63 - 1).</summary>
    private const int CountedHostBits = 62;

    private const int BuggyPeriodBits = 8;

    /// <summary>The number of a pool's addresses of one family, without those that it avoids; saturates at 2^63 - 1.</summary>
    public static long Of(PoolConfig pool, AddressFamily family)
    {
        var sum = 0L;
        foreach (var block in pool.Blocks)
        {
            if (block.Family != family)
                continue;
            var count = Of(block, pool);
            sum = sum > long.MaxValue - count ? long.MaxValue : sum + count;
        }
        return sum;
    }

    private static long Of(IpPrefix block, PoolConfig pool)
    {
        if (block.HostBitCount >= CountedHostBits)
            return long.MaxValue;
        var count = 1L << block.HostBitCount;
        if (!pool.AvoidBuggyIPs || !block.First.IsIPv4)
            return count;
        if (block.HostBitCount >= BuggyPeriodBits)
            return count - 2 * (count >> BuggyPeriodBits);
        var avoidedCount = (pool.IsAvoided(block.First) ? 1 : 0) + (block.HostBitCount > 0 && pool.IsAvoided(block.Last) ? 1 : 0);
        return count - avoidedCount;
    }
}
