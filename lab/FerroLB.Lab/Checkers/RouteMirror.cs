using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube;
using FerroLB.Lab.Cluster;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// The truth about what decides routes beside what <see cref="StoreMirror"/> has. Of an object that is wrong the last form that was right
/// is in force, for everybody who saw that one.
/// </summary>
public sealed class RouteMirror
{
    private readonly MirroredKind<PeerView> _allPeers;
    private readonly MirroredKind<RouteAdvertisementView> _allAdvertisements;
    private readonly SortedDictionary<string, PeerView> _peers = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, RouteAdvertisementView> _advertisements = new(StringComparer.Ordinal);

    /// <summary>Makes a mirror; it is empty before <see cref="Reopen"/>.</summary>
    public RouteMirror(ApiFront api)
    {
        _allPeers = new(api, KubeResource.BgpPeers, json => new PeerView(json)) { Changed = NotePeer };
        _allAdvertisements = new(api, KubeResource.BgpAdvertisements, json => new RouteAdvertisementView(json))
        {
            Changed = NoteAdvertisement,
        };
        Communities = new(api, KubeResource.Communities, json => new CommunityView(json));
    }

    /// <summary>The BGPPeers in force, by name.</summary>
    public IReadOnlyCollection<PeerView> Peers => _peers.Values;

    /// <summary>The BGPAdvertisements in force, by name.</summary>
    public IReadOnlyCollection<RouteAdvertisementView> Advertisements => _advertisements.Values;

    /// <summary>Communities.</summary>
    public MirroredKind<CommunityView> Communities { get; }

    /// <summary>All that sessions depend on, as one text.</summary>
    public string Sessions => string.Join('|', Peers.Select(peer => peer.Name + peer.Fingerprint));

    /// <summary>Takes over what was written.</summary>
    public void Refresh()
    {
        _allPeers.Refresh();
        _allAdvertisements.Refresh();
        Communities.Refresh();
    }

    /// <summary>Starts again, after the store was replaced.</summary>
    public void Reopen()
    {
        _allPeers.Reopen();
        _allAdvertisements.Reopen();
        Communities.Reopen();
    }

    private void NotePeer(PeerView? before, PeerView? after)
    {
        if (after is null)
            _peers.Remove(before!.Name);
        else if (after.IsValid)
            _peers[after.Name] = after;
    }

    private void NoteAdvertisement(RouteAdvertisementView? before, RouteAdvertisementView? after)
    {
        if (after is null)
            _advertisements.Remove(before!.Name);
        else if (after.IsValid)
            _advertisements[after.Name] = after;
    }
}
