using System;
using System.Collections.Generic;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>The peers, by the octets of their names. Finding one allocates nothing.</summary>
internal sealed class HeartbeatPeerTable
{
    public const int MostPeers = 1024;

    private readonly List<HeartbeatPeer> _peers = [];

    public List<HeartbeatPeer> All => _peers;

    public HeartbeatPeer? Find(ReadOnlySpan<byte> name) => PlaceOf(name, out var place) ? _peers[place] : null;

    /// <summary>Adds a peer whose name is new; null when there are too many already. One that need not be judged gives way, the one
    /// longest not heard first.</summary>
    public HeartbeatPeer? Add(ReadOnlySpan<byte> name)
    {
        if (_peers.Count >= MostPeers && !TryMakeRoom())
            return null;
        _ = PlaceOf(name, out var place);
        var peer = new HeartbeatPeer(name.ToArray());
        _peers.Insert(place, peer);
        return peer;
    }

    private bool TryMakeRoom()
    {
        HeartbeatPeer? oldest = null;
        foreach (var peer in _peers)
        {
            var mayGo = peer.Verdict is HeartbeatVerdict.NotJudged or HeartbeatVerdict.Left;
            if (mayGo && (oldest is null || peer.LastKnown < oldest.LastKnown))
                oldest = peer;
        }
        return oldest is not null && _peers.Remove(oldest);
    }

    private bool PlaceOf(ReadOnlySpan<byte> name, out int place)
    {
        var (low, high) = (0, _peers.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var order = _peers[middle].NameBytes.AsSpan().SequenceCompareTo(name);
            if (order == 0)
            {
                place = middle;
                return true;
            }
            if (order < 0)
                low = middle + 1;
            else
                high = middle;
        }
        place = low;
        return false;
    }
}
