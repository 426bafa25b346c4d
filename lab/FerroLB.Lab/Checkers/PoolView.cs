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
        Priority = allocation.Field("priority").Number();
        Namespaces = allocation.Field("namespaces").Texts();
        NamespaceSelectors = SelectorView.ReadList(allocation.Field("namespaceSelectors"));
        ServiceSelectors = SelectorView.ReadList(allocation.Field("serviceSelectors"));
        var ranges = spec.Field("addresses").Texts().Select(AddressText.ReadRange).ToList();
        Ranges = ranges.Count > 0 && ranges.All(range => range is not null) ? [.. ranges.Select(range => range!.Value)] : [];
        IsValid = Ranges.Count > 0 && !OverlapsItself() &&
            Namespaces.Distinct(StringComparer.Ordinal).Count() == Namespaces.Count &&
            SelectorView.AreValid(NamespaceSelectors) && SelectorView.AreValid(ServiceSelectors);
        Fingerprint = (spec?.GetRawText() ?? "") + string.Join(',', Labels);
        var status = pool.Field("status");
        Counters = (
            status.Field("assignedIPv4").Number(), status.Field("assignedIPv6").Number(), status.Field("availableIPv4").Number(),
            status.Field("availableIPv6").Number());
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

    /// <summary>serviceAllocation.priority; 0 comes last.</summary>
    public int Priority { get; }

    /// <summary>Namespaces by name.</summary>
    public IReadOnlyList<string> Namespaces { get; }

    /// <summary>Namespaces by label.</summary>
    public IReadOnlyList<SelectorView> NamespaceSelectors { get; }

    /// <summary>Services by label.</summary>
    public IReadOnlyList<SelectorView> ServiceSelectors { get; }

    /// <summary>First and last address of each entry, in the order of the entries; empty when some entry cannot be read.</summary>
    public IReadOnlyList<(IpAddress First, IpAddress Last)> Ranges { get; }

    /// <summary>Whether nothing speaks against it but other pools.</summary>
    public bool IsValid { get; }

    /// <summary>Everything that the allocation depends on, as one text.</summary>
    public string Fingerprint { get; }

    /// <summary>The counters in its status: in use and free, by family.</summary>
    public (int UsedV4, int UsedV6, int FreeV4, int FreeV6) Counters { get; }

    /// <summary>Whether the address may be used from this pool.</summary>
    public bool Contains(IpAddress address) =>
        !(AvoidBuggyIPs && address.IsIPv4 && (address.Value & 255) is var octet && (octet == 0 || octet == 255)) &&
        Ranges.Any(range => range.First.Family == address.Family && range.First <= address && address <= range.Last);

    /// <summary>Whether the pools have an address in common.</summary>
    public bool Overlaps(PoolView other) => Ranges.Any(mine => other.Ranges.Any(theirs => Meet(mine, theirs)));

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

    /// <summary>Whether Services with these labels in a namespace with those may use it.</summary>
    public bool IsOpenTo(ServiceView service, IReadOnlyDictionary<string, string> namespaceLabels)
    {
        if (!IsPinned)
            return true;
        var isAnyNamespace = Namespaces.Count == 0 && NamespaceSelectors.Count == 0;
        var isInNamespace = isAnyNamespace || Namespaces.Contains(service.Key.Namespace, StringComparer.Ordinal) ||
            NamespaceSelectors.Any(selector => selector.Matches(namespaceLabels));
        return isInNamespace && (ServiceSelectors.Count == 0 || ServiceSelectors.Any(selector => selector.Matches(service.Labels)));
    }

    private bool OverlapsItself() => Ranges.Where((range, i) => Ranges.Skip(i + 1).Any(other => Meet(range, other))).Any();

    private static bool Meet((IpAddress First, IpAddress Last) a, (IpAddress First, IpAddress Last) b) =>
        a.First.Family == b.First.Family && a.First <= b.Last && b.First <= a.Last;
}
