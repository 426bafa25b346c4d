using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// Builds the configuration in force from the objects that exist.
///
/// The life of an object: it is compiled on its own, which parses every field and checks it against the rules (<see
/// cref="PoolCompiler"/>, <see cref="L2AdvertisementCompiler"/>, <see cref="SelectorCompiler"/>). One that breaks a rule is rejected with
/// the field, the value, the rule and a remedy; if it was valid before, its last valid form stays in force, otherwise it is left out. It
/// never disturbs the other objects. Then the pools are compared with each other (<see cref="PoolOverlap"/>), and finally everything that
/// is left is joined to one <see cref="ClusterConfig"/>, in which the advertisements are attached to their pools.
///
/// A build is a function of the objects and of the previous result, and nothing else: it reads no clock and keeps no state. What did not
/// change keeps its instance, up to the whole configuration, so that those who follow can skip their work by comparing references.
/// References from one object to another are never a reason for rejection, because the other object may come later: an advertisement
/// names pools that may not exist.
///
/// A new kind gets a list in <see cref="ConfigSources"/>, a compiler, a config type and a place in <see cref="ClusterConfig"/>; the
/// keeping of last valid forms is the same for all (<see cref="Compile"/>).
/// </summary>
public static class ConfigBuilder
{
    private const string PoolKind = "IPAddressPool";
    private const string L2AdvertisementKind = "L2Advertisement";

    /// <summary>
    /// Builds from the objects of now and the previous result (<see cref="ConfigResult.Empty"/> at first). Never throws for any object.
    /// </summary>
    public static ConfigResult Build(ConfigSources sources, ConfigResult previous)
    {
        var before = previous.Config;
        var pools = Compile(PoolKind, sources.Pools, PoolCompiler.Compile, before.FindPool);
        var earlierAdvertisements = before.L2Advertisements.ToDictionary(advertisement => advertisement.Name);
        var advertisements = Compile(
            L2AdvertisementKind, sources.L2Advertisements, L2AdvertisementCompiler.Compile, earlierAdvertisements.GetValueOrDefault);

        var candidates = pools.Select(pool => new PoolOverlap.Candidate(pool.Written, pool.Previous, pool.Faults)).ToList();
        var poolsInForce = PoolOverlap.Resolve(candidates);
        var advertisementsInForce = advertisements.Select(item => item.Written ?? item.Previous)
            .OfType<L2AdvertisementConfig>().ToImmutableArray();
        var rejections = pools.SelectMany(pool => pool.Faults.ToRejections(pool.Previous is not null))
            .Concat(advertisements.SelectMany(item => item.Faults.ToRejections(item.Previous is not null)))
            .ToImmutableArray();
        return new(Join(before, poolsInForce, advertisementsInForce), rejections);
    }

    private static ClusterConfig Join(
        ClusterConfig before, ImmutableArray<PoolConfig> pools, ImmutableArray<L2AdvertisementConfig> advertisements)
    {
        var same = SameInstances(before.Pools, pools) && SameInstances(before.L2Advertisements, advertisements);
        return same ? before : new(pools, advertisements);
    }

    private static bool SameInstances<T>(ImmutableArray<T> left, ImmutableArray<T> right)
        where T : class =>
        left.Length == right.Length && left.Zip(right).All(pair => ReferenceEquals(pair.First, pair.Second));

    private static List<Compiled<TConfig>> Compile<TSource, TConfig>(
        string kind, IReadOnlyList<TSource> sources, Func<TSource, FaultList, TConfig?> compile, Func<string, TConfig?> findPrevious)
        where TSource : KubeObject
        where TConfig : class
    {
        var compiled = new List<Compiled<TConfig>>(sources.Count);
        var names = new HashSet<string>();
        var sorted = sources.OrderBy(source => source.Key.Name, StringComparer.Ordinal).ThenBy(source => source.Key);
        foreach (var source in sorted)
        {
            var faults = new FaultList(kind, source.Key);
            var written = compile(source, faults);
            var previous = findPrevious(source.Key.Name);
            if (!names.Add(source.Key.Name))
            {
                faults.Add("metadata.name", source.Key.Name, $"belongs to another {kind} already", "Rename or delete one of the two");
                written = previous = null;
            }
            compiled.Add(new(written is not null && written.Equals(previous) ? previous : written, previous, faults));
        }
        return compiled;
    }

    private sealed record Compiled<TConfig>(TConfig? Written, TConfig? Previous, FaultList Faults)
        where TConfig : class;
}
