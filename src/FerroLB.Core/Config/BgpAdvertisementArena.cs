using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// Attaches advertisements to pools. An advertisement is not used for a pool where its aggregate would be larger than the pool's own
/// blocks, or where it clashes with one that is used there already; for other pools it is.
/// </summary>
/// <param name="pools">The pools in force.</param>
/// <param name="nodes">The nodes on which advertisements meet.</param>
/// <param name="excludedBefore">
/// Where advertisements in force were not used before: there they come after those that were, whatever their names.
/// </param>
internal sealed class BgpAdvertisementArena(ImmutableArray<PoolConfig> pools, NodeIndex nodes, ImmutableSortedSet<string> excludedBefore)
    : IArena<BgpAdvertisementConfig>
{
    private readonly List<(BgpAdvertisementConfig Advertisement, PoolConfig Pool)> _postponed = [];
    private readonly SortedDictionary<string, SortedDictionary<uint, List<BgpAdvertisementConfig>>> _attached =
        new(StringComparer.Ordinal);

    private bool _isChallenged;

    /// <inheritdoc/>
    public bool AdmitsLosers => true;

    /// <summary>Where advertisements are not used although they are meant for it, and why.</summary>
    public List<(BgpAdvertisementConfig Advertisement, PoolConfig Pool, Objection Objection)> Exclusions { get; } = [];

    /// <summary>The same as names.</summary>
    public ImmutableSortedSet<string> ExclusionNames => Exclusions
        .Select(item => ClusterParts.Exclusion(item.Advertisement, item.Pool)).ToImmutableSortedSet(StringComparer.Ordinal);

    /// <summary>Whether an advertisement is not used for a pool that it is meant for.</summary>
    public bool Excludes(BgpAdvertisementConfig advertisement, PoolConfig pool) =>
        Exclusions.Exists(item => ReferenceEquals(item.Advertisement, advertisement) && ReferenceEquals(item.Pool, pool));

    /// <inheritdoc/>
    public Objection? Judge(BgpAdvertisementConfig form) =>
        pools.Where(form.AppliesTo).Select(pool => Judge(form, pool)).FirstOrDefault(objection => objection is not null);

    /// <inheritdoc/>
    public void Enter(BgpAdvertisementConfig form)
    {
        foreach (var pool in pools.Where(form.AppliesTo))
        {
            if (!_isChallenged && excludedBefore.Contains(ClusterParts.Exclusion(form, pool)))
                _postponed.Add((form, pool));
            else
                Attach(form, pool);
        }
    }

    /// <inheritdoc/>
    public void BeginChallenges()
    {
        _isChallenged = true;
        foreach (var (form, pool) in _postponed)
            Attach(form, pool);
    }

    private void Attach(BgpAdvertisementConfig form, PoolConfig pool)
    {
        if (Judge(form, pool) is { } objection)
        {
            Exclusions.Add((form, pool, objection));
            return;
        }
        if (!_attached.TryGetValue(pool.Name, out var byPreference))
            _attached[pool.Name] = byPreference = [];
        if (!byPreference.TryGetValue(form.LocalPref, out var alike))
            byPreference[form.LocalPref] = alike = [];
        alike.Add(form);
    }

    private Objection? Judge(BgpAdvertisementConfig form, PoolConfig pool) =>
        JudgeAggregation(form, pool) ?? JudgePreference(form, pool);

    private static Objection? JudgeAggregation(BgpAdvertisementConfig form, PoolConfig pool)
    {
        foreach (var entry in pool.Entries)
        {
            var length = form.AggregationLength(entry.Family);
            var shortest = entry.Blocks.Min(block => block.Length);
            if (length < shortest)
                return new(
                    entry.Family == AddressFamily.IPv4 ? "spec.aggregationLength" : "spec.aggregationLengthV6",
                    Text(length),
                    $"is shorter than the prefix length {shortest} of \"{entry.Text}\" in IPAddressPool \"{pool.Name}\", so that " +
                    "addresses outside of the pool would be advertised",
                    $"Choose at least {shortest}, or leave the pool to another BGPAdvertisement");
        }
        return null;
    }

    private Objection? JudgePreference(BgpAdvertisementConfig form, PoolConfig pool)
    {
        // Which Services both would match is not known here; for them the question is asked again where routes are made.
        if (!form.ServiceSelectors.IsEmpty || !_attached.TryGetValue(pool.Name, out var byPreference))
            return null;
        var rival = byPreference.Where(alike => alike.Key != form.LocalPref).SelectMany(alike => alike.Value)
            .FirstOrDefault(other => other.ServiceSelectors.IsEmpty && LocalPreferenceClash.IsBetween(other, form, pool) &&
                nodes.FirstCommon(other.NodeSelectors, form.NodeSelectors) is not null);
        return rival is null ? null : new(
            "spec.localPref", Text(form.LocalPref),
            $"differs from {Text(rival.LocalPref)} in BGPAdvertisement \"{rival.Name}\", which advertises the same prefixes of " +
            $"IPAddressPool \"{pool.Name}\" from the same node to the same peers",
            "Use the same localPref, or separate the two by peers, nodeSelectors or aggregation lengths");
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
