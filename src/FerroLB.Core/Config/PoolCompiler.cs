using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// Turns an IPAddressPool as written into a <see cref="PoolConfig"/>; what concerns other pools is judged in <see cref="PoolOverlap"/>.
/// </summary>
internal static class PoolCompiler
{
    private const string EntryRemedy =
        "Write a CIDR such as 192.0.2.0/24, 192.0.2.7/32 or 2001:db8::/120, or a range such as 192.0.2.10-192.0.2.20";

    /// <summary>Returns the pool, or null with at least one fault.</summary>
    public static PoolConfig? Compile(IpAddressPool source, FaultList faults)
    {
        var spec = source.Spec ?? new();
        if (string.IsNullOrEmpty(source.Metadata.Name))
            faults.Add("metadata.name", "", "is empty", "Give the pool a name");
        var entries = CompileEntries(spec.Addresses ?? [], faults);
        var pinning = CompilePinning(spec.ServiceAllocation, faults);
        if (!faults.IsEmpty)
            return null;
        return new(source.Metadata.Name!, entries)
        {
            Labels = (source.Metadata.Labels ?? ImmutableSortedDictionary<string, string>.Empty)
                .ToImmutableSortedDictionary(StringComparer.Ordinal),
            AutoAssign = spec.AutoAssign ?? true,
            AvoidBuggyIPs = spec.AvoidBuggyIPs ?? false,
            Pinning = pinning,
        };
    }

    private static ImmutableArray<PoolEntry> CompileEntries(IReadOnlyList<string> addresses, FaultList faults)
    {
        if (addresses.Count == 0)
            faults.Add("spec.addresses", "", "is empty", EntryRemedy);
        var entries = ImmutableArray.CreateBuilder<PoolEntry>(addresses.Count);
        for (var i = 0; i < addresses.Count; i++)
        {
            if (PoolEntry.TryParse(addresses[i], out var entry, out var problem))
                entries.Add(entry!);
            else
                faults.Add($"spec.addresses[{i}]", addresses[i], problem, EntryRemedy);
        }
        if (faults.IsEmpty)
            CheckOverlapWithin(entries, faults);
        return entries.ToImmutable();
    }

    private static void CheckOverlapWithin(ImmutableArray<PoolEntry>.Builder entries, FaultList faults)
    {
        var blocks = new List<(IpPrefix Block, int Entry)>();
        for (var i = 0; i < entries.Count; i++)
            blocks.AddRange(entries[i].Blocks.Select(block => (block, i)));
        blocks.Sort();
        for (var i = 1; i < blocks.Count; i++)
        {
            // In this order a block that overlaps any earlier one also overlaps its neighbour, or an earlier pair was reported.
            if (!blocks[i - 1].Block.Overlaps(blocks[i].Block))
                continue;
            var (earlier, later) = blocks[i - 1].Entry < blocks[i].Entry ? (blocks[i - 1], blocks[i]) : (blocks[i], blocks[i - 1]);
            faults.Add(
                $"spec.addresses[{later.Entry}]", entries[later.Entry].Text,
                $"overlaps spec.addresses[{earlier.Entry}] of the same pool (block {later.Block} with {earlier.Block})",
                "Remove the addresses from one of the two entries");
        }
    }

    private static PoolPinning? CompilePinning(ServiceAllocation? written, FaultList faults)
    {
        if (written is null)
            return null;
        var namespaces = written.Namespaces ?? [];
        faults.AddDuplicates("spec.serviceAllocation.namespaces", namespaces);
        return new(
            written.Priority ?? 0,
            namespaces.ToImmutableSortedSet(StringComparer.Ordinal),
            SelectorCompiler.CompileList(written.NamespaceSelectors, "spec.serviceAllocation.namespaceSelectors", faults),
            SelectorCompiler.CompileList(written.ServiceSelectors, "spec.serviceAllocation.serviceSelectors", faults));
    }
}
