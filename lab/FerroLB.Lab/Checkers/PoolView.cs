using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>An IPAddressPool as the checkers see it: plain ranges, found by trying one after the other.</summary>
public sealed class PoolView
{
    internal PoolView(JsonElement pool)
    {
        var metadata = pool.Field("metadata");
        var spec = pool.Field("spec");
        var allocation = spec.Field("serviceAllocation");
        Name = metadata.Field("name").Text() ?? "";
        Labels = metadata.Field("labels").Map();
        AutoAssign = spec.Field("autoAssign").Flag() ?? true;
        AvoidBuggyIPs = spec.Field("avoidBuggyIPs").Flag() ?? false;
        IsPinned = allocation is not null;
        Namespaces = allocation.Field("namespaces").Texts();
        NamespaceSelectors = SelectorView.ReadList(allocation.Field("namespaceSelectors"));
        ServiceSelectors = SelectorView.ReadList(allocation.Field("serviceSelectors"));
        var ranges = spec.Field("addresses").Texts().Select(ReadRange).ToList();
        IsWellFormed = ranges.Count > 0 && ranges.All(range => range is not null);
        Ranges = IsWellFormed ? [.. ranges.Select(range => range!.Value)] : [];
        Fingerprint = (spec?.GetRawText() ?? "") + string.Join(',', Labels);
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>Whether it may be chosen without being asked for.</summary>
    public bool AutoAssign { get; }

    /// <summary>Whether .0 and .255 are left out.</summary>
    public bool AvoidBuggyIPs { get; }

    /// <summary>Whether it has serviceAllocation.</summary>
    public bool IsPinned { get; }

    /// <summary>Namespaces by name.</summary>
    public IReadOnlyList<string> Namespaces { get; }

    /// <summary>Namespaces by label.</summary>
    public IReadOnlyList<SelectorView> NamespaceSelectors { get; }

    /// <summary>Services by label.</summary>
    public IReadOnlyList<SelectorView> ServiceSelectors { get; }

    /// <summary>Whether every entry can be read.</summary>
    public bool IsWellFormed { get; }

    /// <summary>First and last address of each entry.</summary>
    public IReadOnlyList<(IpAddress First, IpAddress Last)> Ranges { get; }

    /// <summary>Everything that may matter to a Service, as one text.</summary>
    public string Fingerprint { get; }

    /// <summary>Whether the pool has the address to give.</summary>
    public bool Contains(IpAddress address) =>
        Ranges.Any(range => range.First.Family == address.Family && range.First <= address && address <= range.Last) &&
        !(AvoidBuggyIPs && address.IsIPv4 && (byte)(address.Value & 0xFF) is 0 or 255);

    /// <summary>Whether the pools have an address in common.</summary>
    public bool Overlaps(PoolView other) => Ranges.Any(mine => other.Ranges.Any(theirs => Meet(mine, theirs)));

    /// <summary>Whether its own entries overlap.</summary>
    public bool OverlapsItself() => Ranges.Where((range, i) => Ranges.Skip(i + 1).Any(other => Meet(range, other))).Any();

    /// <summary>Every address of a family, lowest first within each entry.</summary>
    public IEnumerable<IpAddress> Addresses(AddressFamily family)
    {
        foreach (var (first, last) in Ranges)
        {
            if (first.Family != family)
                continue;
            for (var value = first.Value; value <= last.Value; value++)
            {
                var address = IpAddress.From(family, value);
                if (Contains(address))
                    yield return address;
            }
        }
    }

    private static bool Meet((IpAddress First, IpAddress Last) a, (IpAddress First, IpAddress Last) b) =>
        a.First.Family == b.First.Family && a.First <= b.Last && b.First <= a.Last;

    private static (IpAddress First, IpAddress Last)? ReadRange(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
            return IpPrefix.TryParse(text, out var block) ? (block.First, block.Last) : null;
        var isRange = IpAddress.TryParse(text.AsSpan(0, dash).Trim(), out var first) &
            IpAddress.TryParse(text.AsSpan(dash + 1).Trim(), out var last);
        return isRange && first.Family == last.Family && first <= last ? (first, last) : null;
    }
}
