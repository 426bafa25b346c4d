using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>Turns an L2Advertisement as written into an <see cref="L2AdvertisementConfig"/>.</summary>
internal static class L2AdvertisementCompiler
{
    private const int WeightLimit = 100;

    /// <summary>
    /// Returns the advertisement, or null with at least one fault. Pools that do not exist and repeated interfaces are no faults.
    /// </summary>
    public static L2AdvertisementConfig? Compile(L2Advertisement source, FaultList faults)
    {
        var spec = source.Spec ?? new();
        if (string.IsNullOrEmpty(source.Metadata.Name))
            faults.Add("metadata.name", "", "is empty", "Give the advertisement a name");
        faults.AddDuplicates("spec.ipAddressPools", spec.IpAddressPools ?? []);
        var advertisement = new L2AdvertisementConfig(source.Metadata.Name ?? "")
        {
            PoolNames = (spec.IpAddressPools ?? []).ToImmutableSortedSet(StringComparer.Ordinal),
            PoolSelectors = SelectorCompiler.CompileList(spec.IpAddressPoolSelectors, "spec.ipAddressPoolSelectors", faults),
            NodeSelectors = SelectorCompiler.CompileList(spec.NodeSelectors, "spec.nodeSelectors", faults),
            Interfaces = (spec.Interfaces ?? []).ToImmutableSortedSet(StringComparer.Ordinal),
            ServiceSelectors = SelectorCompiler.CompileList(spec.ServiceSelectors, "spec.serviceSelectors", faults),
            Preferences = CompilePreferences(spec.PreferredNodeSelectors ?? [], faults),
            AllowsAnySubnet = FerrolbAnnotations.Flag(source, FerrolbAnnotations.AnySubnet, faults),
        };
        return faults.IsEmpty ? advertisement : null;
    }

    private static ImmutableArray<NodePreference> CompilePreferences(IReadOnlyList<PreferredNodeSelector> written, FaultList faults)
    {
        var preferences = ImmutableArray.CreateBuilder<NodePreference>(written.Count);
        for (var i = 0; i < written.Count; i++)
        {
            var field = $"spec.preferredNodeSelectors[{i}]";
            if (written[i].Weight is < 1 or > WeightLimit)
                faults.Add($"{field}.weight", $"{written[i].Weight}", "is not between 1 and 100", "Choose a weight from 1 to 100");
            preferences.Add(new(written[i].Weight, SelectorCompiler.Compile(written[i].Preference, $"{field}.preference", faults)));
        }
        return preferences.ToImmutable();
    }
}
