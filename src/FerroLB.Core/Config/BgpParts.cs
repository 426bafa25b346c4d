using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// The part of a build that is about BGP and BFD, in the order of references: profiles, communities, peers, advertisements, and last what
/// concerns several kinds.
/// </summary>
internal static class BgpParts
{
    /// <summary>Builds the parts beside pools in force; rejections are added, by kind and object.</summary>
    public static ClusterParts Build(
        ConfigSources sources,
        ImmutableArray<PoolConfig> pools,
        ClusterParts before,
        ImmutableArray<ConfigRejection>.Builder rejections)
    {
        var nodes = new NodeIndex(sources.Nodes);
        var profiles = ConfigBuilder.Compile(
            "BFDProfile", sources.BfdProfiles, BfdProfileCompiler.Compile, before.BfdProfiles, profile => profile.Name);
        var communities = ConfigBuilder.Compile(
            "Community", sources.Communities, CommunityCompiler.Compile, before.Communities, community => community.Name);
        Contest.Resolve(communities, (CommunityArena? _) => new CommunityArena());
        var peers = ConfigBuilder.Compile(
            "BGPPeer", sources.BgpPeers, PeerCompilerOf(profiles, sources.Secrets).Compile, before.BgpPeers, peer => peer.Name);
        Contest.Resolve(peers, (PeerArena? _) => new PeerArena(nodes));
        var advertisements = ConfigBuilder.Compile(
            "BGPAdvertisement", sources.BgpAdvertisements, new BgpAdvertisementCompiler(Aliases(communities)).Compile,
            before.BgpAdvertisements, advertisement => advertisement.Name);
        var arena = Contest.Resolve(
            advertisements,
            (BgpAdvertisementArena? last) => new BgpAdvertisementArena(pools, nodes, last?.ExclusionNames ?? before.Exclusions));
        Report(arena, advertisements);
        var withoutEcho = EchoRule.Apply(peers, ConfigBuilder.InForce(advertisements), pools, arena);

        rejections.AddRange(profiles.SelectMany(item => item.ToRejections()));
        rejections.AddRange(communities.SelectMany(item => item.ToRejections()));
        rejections.AddRange(peers.SelectMany(item => item.ToRejections()));
        rejections.AddRange(advertisements.SelectMany(item => item.ToRejections()));
        return new()
        {
            BfdProfiles = ConfigBuilder.InForce(profiles),
            Communities = ConfigBuilder.InForce(communities),
            BgpPeers = ConfigBuilder.InForce(peers),
            BgpAdvertisements = ConfigBuilder.InForce(advertisements),
            Exclusions = arena.ExclusionNames,
            PeersWithoutEcho = withoutEcho,
        };
    }

    private static PeerCompiler PeerCompilerOf(List<Contender<BfdProfileConfig>> profiles, IReadOnlyList<Secret>? secrets)
    {
        var byName = new SortedDictionary<string, Secret>(StringComparer.Ordinal);
        foreach (var secret in secrets ?? [])
            byName[secret.Key.Name] = secret;
        var profilesByName = new SortedDictionary<string, BfdProfileConfig>(StringComparer.Ordinal);
        foreach (var profile in ConfigBuilder.InForce(profiles))
            profilesByName[profile.Name] = profile;
        return new(profilesByName, secrets is null ? null : byName);
    }

    private static SortedDictionary<string, CommunityValue> Aliases(List<Contender<CommunityConfig>> communities)
    {
        var aliases = new SortedDictionary<string, CommunityValue>(StringComparer.Ordinal);
        foreach (var (alias, value) in ConfigBuilder.InForce(communities).SelectMany(community => community.Aliases))
            aliases[alias] = value;
        return aliases;
    }

    private static void Report(BgpAdvertisementArena arena, List<Contender<BgpAdvertisementConfig>> advertisements)
    {
        foreach (var (advertisement, pool, objection) in arena.Exclusions)
        {
            var contender = advertisements.First(item => ReferenceEquals(item.Form, advertisement));
            contender.Faults.AddPartial(objection, $"it is not used for IPAddressPool \"{pool.Name}\"");
        }
    }
}
