using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// What the heartbeats mean for the election. A node whose heartbeats stopped, or which said that it ends, counts as not alive at once, and
/// membership is made to suspect it. If membership learns that it lives (it refutes the suspicion), its silence means nothing any more
/// until it is heard again; likewise if membership held it to be dead already and finds it alive again. A node that is heard again
/// in the same life counts as alive for ten seconds even if membership holds it to be
/// dead, because the refutation is on its way.
/// </summary>
internal sealed class SilentPeers(string nodeName, bool hasMembership, Queue<NodeOutput> outputs)
{
    private static readonly TimeSpan Trust = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<string, Episode> _silent = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Instant> _returned = new(StringComparer.Ordinal);
    private SortedSet<string> _dead = new(StringComparer.Ordinal);
    private long _lastAccusation;

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => _returned.Count == 0 ? null : _returned.Values.Min();

    /// <summary>Whether a node counts as not alive whatever else is known of it.</summary>
    public bool IsSilent(string name) => _silent.TryGetValue(name, out var episode) && !episode.IsRefuted;

    /// <summary>Whether a node counts as alive although membership may not know that yet.</summary>
    public bool HasReturned(string name) => _returned.ContainsKey(name);

    /// <summary>Forgets trust that ran out; whether that can change an election.</summary>
    public bool Advance(Instant now)
    {
        var over = _returned.Where(returned => now >= returned.Value).Select(returned => returned.Key).ToArray();
        foreach (var name in over)
            _returned.Remove(name);
        return over.Length > 0;
    }

    /// <summary>The link loop's picture changed; whether that can change an election.</summary>
    /// <param name="peers">Every peer that was heard.</param>
    /// <param name="newlySilent">Gets the names of those that fell silent.</param>
    /// <param name="now">The time.</param>
    public bool Handle(IReadOnlyList<HeartbeatPeerState> peers, SortedSet<string> newlySilent, Instant now)
    {
        var isChanged = false;
        foreach (var peer in peers.Where(peer => peer.Name != nodeName))
        {
            var isOut = peer.Verdict is HeartbeatVerdict.Silent or HeartbeatVerdict.Left;
            var wasOut = _silent.TryGetValue(peer.Name, out var episode);
            if (isOut && !wasOut)
            {
                FallSilent(peer);
                newlySilent.Add(peer.Name);
            }
            else if (wasOut && !isOut)
            {
                _silent.Remove(peer.Name);
                if (peer.Verdict == HeartbeatVerdict.Heard && peer.Incarnation == episode!.Incarnation)
                    _returned[peer.Name] = now + Trust;
            }
            isChanged |= isOut != wasOut;
        }
        return isChanged;
    }

    /// <summary>The picture of the members changed; whether that can change an election beyond what it says itself.</summary>
    public bool Handle(GossipSnapshot picture)
    {
        var isChanged = false;
        foreach (var member in picture.Members)
        {
            // Nobody answers an accusation of the dead; who lives again need not send heartbeats.
            if (_silent.TryGetValue(member.Name, out var episode) && !episode.IsRefuted && episode.Accusation != 0 &&
                (member.AnsweredAccusation == episode.Accusation ||
                (member.State == GossipMemberState.Alive && _dead.Contains(member.Name))))
            {
                episode.IsRefuted = isChanged = true;
                outputs.Enqueue(new NodeOutput.WriteLog(HeartbeatLog.Refuted(member.Name)));
            }
            if (member.State is GossipMemberState.Left or GossipMemberState.Alive)
                isChanged |= _returned.Remove(member.Name);
        }
        var dead = picture.Members.Where(member => member.State == GossipMemberState.Dead).Select(member => member.Name);
        _dead = new(dead, StringComparer.Ordinal);
        return isChanged;
    }

    private void FallSilent(HeartbeatPeerState peer)
    {
        _returned.Remove(peer.Name);
        var accusation = hasMembership && peer.Verdict == HeartbeatVerdict.Silent ? ++_lastAccusation : 0;
        _silent[peer.Name] = new(peer.Incarnation, accusation);
        if (accusation != 0)
            outputs.Enqueue(new NodeOutput.SuspectMember(peer.Name, accusation));
    }

    private sealed class Episode(ulong incarnation, long accusation)
    {
        public ulong Incarnation { get; } = incarnation;

        public long Accusation { get; } = accusation;

        public bool IsRefuted { get; set; }
    }
}
