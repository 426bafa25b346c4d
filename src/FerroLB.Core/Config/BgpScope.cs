using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// Which nodes may advertise what to whom by BGP, in the whole cluster. A speaker judges only what concerns its own node
/// (<see cref="NodeScope"/>); this is what all of them read alike of all the objects, so that they agree on who speaks for a Service.
/// Of the configurations in here nothing is set but names, selectors and whom a session is held with; objects whose selectors cannot be
/// used are left out, and whether an object is otherwise valid is for those to say whom it concerns.
/// </summary>
public sealed class BgpScope
{
    /// <summary>No objects.</summary>
    public static BgpScope Empty { get; } = new([], []);

    private BgpScope(ImmutableArray<BgpAdvertisementConfig> advertisements, ImmutableArray<PeerConfig> peers) =>
        (Advertisements, Peers) = (advertisements, peers);

    /// <summary>The advertisements, sorted by name.</summary>
    public ImmutableArray<BgpAdvertisementConfig> Advertisements { get; }

    /// <summary>The peers, sorted by name.</summary>
    public ImmutableArray<PeerConfig> Peers { get; }

    /// <summary>Reads objects; the result is <paramref name="before"/> when nothing in it differs.</summary>
    public static BgpScope Of(IEnumerable<BgpAdvertisement> advertisements, IEnumerable<BgpPeer> peers, BgpScope before)
    {
        var scope = new BgpScope(
            [.. advertisements.Select(Read).OfType<BgpAdvertisementConfig>().OrderBy(item => item.Name, System.StringComparer.Ordinal)],
            [.. peers.Select(Read).OfType<PeerConfig>().OrderBy(item => item.Name, System.StringComparer.Ordinal)]);
        return scope.Advertisements.SequenceEqual(before.Advertisements) && scope.Peers.SequenceEqual(before.Peers) ? before : scope;
    }

    /// <summary>Whether an advertisement is meant for a pool.</summary>
    public bool Selects(PoolConfig pool) => Advertisements.Any(advertisement => advertisement.AppliesTo(pool));

    private static BgpAdvertisementConfig? Read(BgpAdvertisement source)
    {
        var faults = new FaultList("", source.Key);
        var spec = source.Spec ?? new();
        var read = new BgpAdvertisementConfig(source.Key.Name)
        {
            PoolNames = (spec.IpAddressPools ?? []).ToImmutableSortedSet(System.StringComparer.Ordinal),
            PoolSelectors = SelectorCompiler.CompileList(spec.IpAddressPoolSelectors, "", faults),
            NodeSelectors = SelectorCompiler.CompileList(spec.NodeSelectors, "", faults),
            ServiceSelectors = SelectorCompiler.CompileList(spec.ServiceSelectors, "", faults),
            PeerNames = (spec.Peers ?? []).ToImmutableSortedSet(System.StringComparer.Ordinal),
        };
        return faults.IsEmpty ? read : null;
    }

    private static PeerConfig? Read(BgpPeer source)
    {
        var faults = new FaultList("", source.Key);
        var spec = source.Spec ?? new();
        var read = new PeerConfig(source.Key.Name)
        {
            Address = IpAddress.TryParse(spec.PeerAddress, out var address) ? address : null,
            Interface = spec.Interface,
            DualStack = spec.DualStackAddressFamily == true,
            NodeSelectors = SelectorCompiler.CompileList(spec.NodeSelectors, "", faults),
        };
        return faults.IsEmpty ? read : null;
    }
}
