using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// Turns a BGPAdvertisement as written into a <see cref="BgpAdvertisementConfig"/>; what concerns pools and other advertisements is judged
/// in <see cref="BgpAdvertisementArena"/>.
/// </summary>
/// <param name="aliases">The communities that have a name, by name.</param>
internal sealed class BgpAdvertisementCompiler(IReadOnlyDictionary<string, CommunityValue> aliases)
{
    private const int MostPrepended = 10;
    private const int LengthV4 = 32;
    private const int LengthV6 = 128;

    /// <summary>Returns the advertisement, or null with at least one fault. Pools and peers that do not exist are no faults.</summary>
    public BgpAdvertisementConfig? Compile(BgpAdvertisement source, FaultList faults)
    {
        var spec = source.Spec ?? new();
        faults.AddDuplicates("spec.ipAddressPools", spec.IpAddressPools ?? []);
        faults.AddDuplicates("spec.peers", spec.Peers ?? []);
        CheckLength(spec.AggregationLength, 1, LengthV4, "spec.aggregationLength", faults);
        CheckLength(spec.AggregationLengthV6, 0, LengthV6, "spec.aggregationLengthV6", faults);
        CheckAggregationOfServices(spec, faults);
        if (spec.LocalPref is < 0 or > uint.MaxValue)
            faults.Add("spec.localPref", Text(spec.LocalPref), "is not between 0 and 4294967295", "Correct the number");
        var communities = CompileCommunities(spec.Communities ?? [], faults);
        var advertisement = new BgpAdvertisementConfig(source.Key.Name)
        {
            PoolNames = (spec.IpAddressPools ?? []).ToImmutableSortedSet(StringComparer.Ordinal),
            PoolSelectors = SelectorCompiler.CompileList(spec.IpAddressPoolSelectors, "spec.ipAddressPoolSelectors", faults),
            NodeSelectors = SelectorCompiler.CompileList(spec.NodeSelectors, "spec.nodeSelectors", faults),
            ServiceSelectors = SelectorCompiler.CompileList(spec.ServiceSelectors, "spec.serviceSelectors", faults),
            PeerNames = (spec.Peers ?? []).ToImmutableSortedSet(StringComparer.Ordinal),
            AggregationLengthV4 = spec.AggregationLength ?? LengthV4,
            AggregationLengthV6 = spec.AggregationLengthV6 ?? LengthV6,
            LocalPref = (uint)Math.Clamp(spec.LocalPref ?? 0, 0, uint.MaxValue),
            Communities = communities,
            Med = FerrolbAnnotations.Number(source, FerrolbAnnotations.Med, 0, uint.MaxValue, faults),
            AsPathPrepend = (int)(FerrolbAnnotations.Number(source, FerrolbAnnotations.AsPathPrepend, 0, MostPrepended, faults) ?? 0),
        };
        return faults.IsEmpty ? advertisement : null;
    }

    private ImmutableArray<CommunityValue> CompileCommunities(IReadOnlyList<string> written, FaultList faults)
    {
        faults.AddDuplicates("spec.communities", written);
        var values = new SortedSet<CommunityValue>();
        for (var i = 0; i < written.Count; i++)
        {
            var field = $"spec.communities[{i}]";
            if (aliases.TryGetValue(written[i], out var value) || CommunityValue.TryParse(written[i], out value, out var isAlmost))
                values.Add(value);
            else if (isAlmost)
                faults.Add(field, written[i], CommunityCompiler.ValueRule, CommunityCompiler.ValueRemedy);
            else
                faults.AddMissing(
                    field, written[i], "is neither a community nor an alias that a valid Community object defines",
                    "Define the alias in a Community object, or write the community itself");
        }
        return [.. values];
    }

    private static void CheckLength(int? length, int least, int most, string field, FaultList faults)
    {
        if (length is { } number && (number < least || number > most))
            faults.Add(field, Text(number), $"is not between {least} and {most}", $"Choose a prefix length up to {most}");
    }

    private static void CheckAggregationOfServices(BgpAdvertisementSpec spec, FaultList faults)
    {
        if (spec.ServiceSelectors is null or { Count: 0 })
            return;
        const string rule = "is set together with spec.serviceSelectors, which can only choose whole addresses";
        const string remedy = "Remove it, or use another BGPAdvertisement without serviceSelectors for the aggregate";
        if (spec.AggregationLength is { } v4 && v4 != LengthV4)
            faults.Add("spec.aggregationLength", Text(v4), rule, remedy);
        if (spec.AggregationLengthV6 is { } v6 && v6 != LengthV6)
            faults.Add("spec.aggregationLengthV6", Text(v6), rule, remedy);
    }

    private static string Text(long? number) => string.Create(CultureInfo.InvariantCulture, $"{number}");
}
