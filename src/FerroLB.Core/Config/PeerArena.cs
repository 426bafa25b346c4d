using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>
/// On one node and in one VRF no two peers may be the same (address or interface, and port), and all must have the same myASN, because a
/// node is one BGP speaker per VRF.
/// </summary>
/// <param name="nodes">The nodes on which peers meet.</param>
internal sealed class PeerArena(NodeIndex nodes) : IArena<PeerConfig>
{
    private readonly SortedDictionary<string, Territory> _byTarget = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Territory> _byVrf = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public Objection? Judge(PeerConfig form) => JudgeTarget(form) ?? JudgeAsn(form);

    /// <inheritdoc/>
    public void Enter(PeerConfig form)
    {
        if (!_byTarget.TryGetValue(form.Target, out var alike))
            _byTarget[form.Target] = alike = new(nodes);
        alike.Add(form);
        if (!_byVrf.TryGetValue(form.Vrf, out var domain))
            _byVrf[form.Vrf] = domain = new(nodes);
        domain.Add(form);
    }

    private Objection? JudgeTarget(PeerConfig form)
    {
        if (!_byTarget.TryGetValue(form.Target, out var alike) || alike.FindMeeting(form, _ => true) is not var (rival, node))
            return null;
        return new(
            form.Interface is null ? "spec.peerAddress" : "spec.interface", form.Interface ?? $"{form.Address}",
            $"is the same peer ({form.Target}) as in BGPPeer \"{rival.Name}\"{On(node)}",
            "Remove one of the two, or separate them by nodeSelectors, vrf or peerPort");
    }

    private Objection? JudgeAsn(PeerConfig form)
    {
        if (!_byVrf.TryGetValue(form.Vrf, out var domain) || domain.HasOnlyAsn(form.MyAsn) ||
            domain.FindMeeting(form, peer => peer.MyAsn != form.MyAsn) is not var (rival, node))
            return null;
        return new(
            "spec.myASN", Text(form.MyAsn), $"differs from {Text(rival.MyAsn)} in BGPPeer \"{rival.Name}\"{On(node)} and in the same VRF",
            "Use the same myASN, or separate the two by nodeSelectors or vrf; localASN presents another number to one peer");
    }

    private string On(int node) => nodes.NameOf(node) is { Length: > 0 } name ? $" on node \"{name}\"" : " on the same node";

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Where peers stand that are alike in one respect, so that one of those on a node speaks for all of them. A few are compared one by
    /// one; the nodes are laid out only for many.
    /// </summary>
    private sealed class Territory(NodeIndex nodes)
    {
        private const int Few = 8;
        private readonly List<PeerConfig> _peers = [];
        private readonly SortedSet<uint> _asns = [];
        private PeerConfig?[]? _owners;

        public void Add(PeerConfig peer)
        {
            _peers.Add(peer);
            _asns.Add(peer.MyAsn);
            if (_owners is not null)
                Lay(peer);
        }

        public bool HasOnlyAsn(uint asn) => _asns.Count == 1 && _asns.Contains(asn);

        /// <summary>A rival that stands on a node of another peer, and the node.</summary>
        public (PeerConfig Rival, int Node)? FindMeeting(PeerConfig other, Func<PeerConfig, bool> isRival)
        {
            if (_peers.Count <= Few)
                return _peers.Where(isRival).Select(peer => Meeting(peer, other)).FirstOrDefault(meeting => meeting is not null);
            if (_owners is null)
            {
                _owners = new PeerConfig?[nodes.Count];
                _peers.ForEach(Lay);
            }
            foreach (var node in nodes.Covered(other.NodeSelectors))
            {
                if (_owners[node] is { } rival && isRival(rival))
                    return (rival, node);
            }
            return null;
        }

        private (PeerConfig Rival, int Node)? Meeting(PeerConfig peer, PeerConfig other) =>
            nodes.FirstCommon(peer.NodeSelectors, other.NodeSelectors) is { } node ? (peer, node) : null;

        private void Lay(PeerConfig peer)
        {
            foreach (var node in nodes.Covered(peer.NodeSelectors))
                _owners![node] ??= peer;
        }
    }
}
