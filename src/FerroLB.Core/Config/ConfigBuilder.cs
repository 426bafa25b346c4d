using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// Builds the configuration in force from the objects that exist.
///
/// The life of an object: it is compiled on its own, which parses every field and checks it against the rules (the ...Compiler types and
/// <see cref="SelectorCompiler"/>). One that breaks a rule is rejected with the field, the value, the rule and a remedy; if it was valid
/// before, its last valid form stays in force, otherwise it is left out. It never disturbs the other objects. Kinds that others refer to
/// are compiled first, and references are resolved at once: an alias to its community, a profile and a Secret to what stands in them. Then
/// objects of one kind that may exclude each other are compared (<see cref="PoolOverlap"/> for pools, <see cref="Contest"/> for the
/// others), and finally everything that is left is joined to one <see cref="ClusterConfig"/>, in which the advertisements are attached to
/// their pools.
///
/// Where an object is sound but something about it cannot be carried out, only that is left out: an advertisement is not used for one pool,
/// a BFD session goes without echo. So nothing that works is taken down by what comes later.
///
/// A build is a function of the objects and of the previous result, and nothing else: it reads no clock and keeps no state. What did not
/// change keeps its instance, up to the whole configuration, so that those who follow can skip their work by comparing references.
/// Advertisements may name pools and peers that do not exist.
///
/// A new kind gets a list in <see cref="ConfigSources"/>, a compiler, a config type and a place in <see cref="ClusterParts"/>; the
/// keeping of last valid forms is the same for all (<see cref="Compile"/>).
/// </summary>
public static class ConfigBuilder
{
    /// <summary>
    /// Builds from the objects of now and the previous result (<see cref="ConfigResult.Empty"/> at first). Never throws for any object.
    /// </summary>
    public static ConfigResult Build(ConfigSources sources, ConfigResult previous)
    {
        var before = previous.Config.Parts;
        var rejections = ImmutableArray.CreateBuilder<ConfigRejection>();
        var pools = Pools(sources, before, rejections);
        var l2 = Compile(
            "L2Advertisement", sources.L2Advertisements, L2AdvertisementCompiler.Compile, before.L2Advertisements, item => item.Name);
        rejections.AddRange(l2.SelectMany(item => item.ToRejections()));
        var parts = BgpParts.Build(sources, pools, before, rejections) with { Pools = pools, L2Advertisements = InForce(l2) };
        rejections.AddRange(UnsupportedExtras.Find(sources.BgpExtras));
        rejections.AddRange(sources.Unreadable.Select(item => Unreadable(item, parts)));
        var joined = parts.Reusing(before);
        var config = ReferenceEquals(joined, before) ? previous.Config : new ClusterConfig(joined);
        return new(config, rejections.ToImmutable());
    }

    /// <summary>Compiles the objects of a kind, sorted by name, each beside its former form.</summary>
    internal static List<Contender<TConfig>> Compile<TSource, TConfig>(
        string kind,
        IReadOnlyList<TSource> sources,
        Func<TSource, FaultList, TConfig?> compile,
        IEnumerable<TConfig> before,
        Func<TConfig, string> nameOf)
        where TSource : KubeObject
        where TConfig : class
    {
        var earlier = before.ToDictionary(nameOf);
        var contenders = new List<Contender<TConfig>>(sources.Count);
        var names = new HashSet<string>();
        foreach (var source in sources.OrderBy(source => source.Key.Name, StringComparer.Ordinal).ThenBy(source => source.Key))
        {
            var faults = new FaultList(kind, source.Key);
            var written = compile(source, faults);
            var previous = earlier.GetValueOrDefault(source.Key.Name);
            if (!names.Add(source.Key.Name))
            {
                faults.Add("metadata.name", source.Key.Name, $"belongs to another {kind} already", "Rename or delete one of the two");
                written = previous = null;
            }
            contenders.Add(new(written is not null && written.Equals(previous) ? previous : written, previous, faults)
            {
                CreatedAt = source.Metadata.CreationTimestamp,
            });
        }
        return contenders;
    }

    /// <summary>The forms in force.</summary>
    internal static ImmutableArray<T> InForce<T>(IEnumerable<Contender<T>> contenders)
        where T : class =>
        [.. contenders.Select(contender => contender.Form).OfType<T>()];

    private static ImmutableArray<PoolConfig> Pools(
        ConfigSources sources, ClusterParts before, ImmutableArray<ConfigRejection>.Builder rejections)
    {
        var pools = Compile("IPAddressPool", sources.Pools, PoolCompiler.Compile, before.Pools, pool => pool.Name);
        var byAge = pools.OrderBy(pool => pool.CreatedAt ?? DateTimeOffset.MaxValue);
        var inForce = PoolOverlap.Resolve([.. byAge.Select(pool => new PoolOverlap.Candidate(pool.Written, pool.Previous, pool.Faults))]);
        rejections.AddRange(pools.SelectMany(pool => pool.Faults.ToRejections(pool.Previous is not null)));
        return inForce;
    }

    private static ConfigRejection Unreadable(UnreadableObject item, ClusterParts parts)
    {
        var name = item.Object.Name;
        var isInForce = item.Kind switch
        {
            "IPAddressPool" => parts.Pools.Any(pool => pool.Name == name),
            "L2Advertisement" => parts.L2Advertisements.Any(advertisement => advertisement.Name == name),
            "BGPAdvertisement" => parts.BgpAdvertisements.Any(advertisement => advertisement.Name == name),
            "BGPPeer" => parts.BgpPeers.Any(peer => peer.Name == name),
            "BFDProfile" => parts.BfdProfiles.Any(profile => profile.Name == name),
            "Community" => parts.Communities.Any(community => community.Name == name),
            _ => false,
        };
        return new(item.Kind, item.Object, item.Field, "", item.Problem, "Correct the field", isInForce);
    }
}
