using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>
/// Narrows the configuration to what concerns one node: BGP peers and advertisements whose node selectors do not match it are left out
/// before anything is judged, so that a broken peer for another node is no fault here. An object whose selectors are invalid stays, to be
/// rejected. Layer-2 advertisements stay all, because every speaker must know the same candidates.
/// </summary>
public static class NodeScope
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The sources as they concern a node; null for one that the cluster does not know, which has no labels.</summary>
    public static ConfigSources Narrow(ConfigSources sources, Node? node)
    {
        var labels = node?.Metadata.Labels ?? NoLabels;
        return sources with
        {
            BgpPeers = [.. sources.BgpPeers.Where(peer => Concerns(peer.Spec?.NodeSelectors, labels))],
            BgpAdvertisements = [.. sources.BgpAdvertisements.Where(item => Concerns(item.Spec?.NodeSelectors, labels))],
            Nodes = node is null ? [] : [node],
        };
    }

    private static bool Concerns(IReadOnlyList<LabelSelector>? written, IReadOnlyDictionary<string, string> labels)
    {
        var faults = new FaultList("", default);
        var selectors = SelectorCompiler.CompileList(written, "", faults);
        return !faults.IsEmpty || selectors.IsEmptyOrMatches(labels);
    }
}
