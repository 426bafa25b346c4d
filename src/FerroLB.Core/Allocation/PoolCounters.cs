namespace FerroLB.Core.Allocation;

/// <summary>How full a pool is. Addresses are counted once, however many Services share them; capacities saturate at 2^63 - 1.</summary>
/// <param name="Pool">The pool's name.</param>
/// <param name="CapacityIPv4">IPv4 addresses that can be assigned.</param>
/// <param name="AssignedIPv4">IPv4 addresses in use.</param>
/// <param name="CapacityIPv6">IPv6 addresses that can be assigned.</param>
/// <param name="AssignedIPv6">IPv6 addresses in use.</param>
public sealed record PoolCounters(string Pool, long CapacityIPv4, long AssignedIPv4, long CapacityIPv6, long AssignedIPv6)
{
    /// <summary>IPv4 addresses free.</summary>
    public long AvailableIPv4 => CapacityIPv4 - AssignedIPv4;

    /// <summary>IPv6 addresses free.</summary>
    public long AvailableIPv6 => CapacityIPv6 - AssignedIPv6;
}
