using System.Collections.Generic;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// The configuration objects that exist now, in any order. A kind that was not read completely must not be given as empty. A caller that
/// has no use for a kind leaves it empty; it then appears in no configuration and in no rejection.
/// </summary>
public sealed record ConfigSources
{
    /// <summary>All pools of FerroLB's namespace.</summary>
    public IReadOnlyList<IpAddressPool> Pools { get; init; } = [];

    /// <summary>All layer-2 advertisements of FerroLB's namespace.</summary>
    public IReadOnlyList<L2Advertisement> L2Advertisements { get; init; } = [];

    /// <summary>All BGP advertisements of FerroLB's namespace.</summary>
    public IReadOnlyList<BgpAdvertisement> BgpAdvertisements { get; init; } = [];

    /// <summary>All BGP peers of FerroLB's namespace.</summary>
    public IReadOnlyList<BgpPeer> BgpPeers { get; init; } = [];

    /// <summary>All BFD profiles of FerroLB's namespace.</summary>
    public IReadOnlyList<BfdProfile> BfdProfiles { get; init; } = [];

    /// <summary>All Community objects of FerroLB's namespace.</summary>
    public IReadOnlyList<Community> Communities { get; init; } = [];

    /// <summary>
    /// The Secrets of FerroLB's namespace. Null when they are not known here: then references to them are not judged, and the
    /// configuration keeps no password.
    /// </summary>
    public IReadOnlyList<Secret>? Secrets { get; init; }

    /// <summary>
    /// The nodes on which advertisements and peers meet: all of the cluster for the controller, its own for a speaker. With none, any two
    /// node selectors are taken to share a node.
    /// </summary>
    public IReadOnlyList<Node> Nodes { get; init; } = [];

    /// <summary>The ConfigMap "bgpextras" of FerroLB's namespace, if there is one.</summary>
    public ConfigMap? BgpExtras { get; init; }

    /// <summary>Objects whose JSON has not their kind's shape; the lists above hold the last form that could be read, or none.</summary>
    public IReadOnlyList<UnreadableObject> Unreadable { get; init; } = [];
}
