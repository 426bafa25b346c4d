namespace FerroLB.Core.Allocation;

/// <summary>What new pools did to a Service's addresses.</summary>
/// <param name="Before">What it held.</param>
/// <param name="After">
/// The same addresses in pools of other names; null when an address is in no pool any more and all were released.
/// </param>
public sealed record AllocationChange(AllocatedAddresses Before, AllocatedAddresses? After);
