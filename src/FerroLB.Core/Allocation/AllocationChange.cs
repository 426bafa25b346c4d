namespace FerroLB.Core.Allocation;

/// <summary>What new pools did to a Service's addresses.</summary>
/// <param name="Before">What it held.</param>
/// <param name="After">
/// What it still holds, perhaps in pools of other names: the addresses that are in some pool; null when none is and all were released.
/// </param>
public sealed record AllocationChange(AllocatedAddresses Before, AllocatedAddresses? After);
