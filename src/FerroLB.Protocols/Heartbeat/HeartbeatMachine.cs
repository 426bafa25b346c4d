using System;
using System.Collections.Generic;
using System.Text;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>
/// Notices within three intervals that a node which owns layer-2 addresses is silent.
/// <para>
/// Every node that owns addresses on a LAN sends one heartbeat per interval there; the others only listen. One that arrives, without its
/// signature (<see cref="HeartbeatSeal"/>) is read in place, found new by its incarnation and sequence number, and noted in the trail of
/// its sender on that interface; with an owner's flag it is the promise of another one. When that is overdue by half an interval, the peer
/// is probed, often, and answers at once; others who heard it say so as well. So it takes far more than three heartbeats lost by chance to
/// call it silent, and yet no longer. A peer is silent when nothing was known of it for three intervals on all the interfaces on which it
/// was tracked. Nodes that were never heard as owners are never judged.
/// </para>
/// <para>
/// Who was called silent and speaks again in the same life was wronged, or had paused: for ten seconds, doubling up to ten minutes, its
/// silence means nothing here. A node that hears itself be called silent says so (it should announce its addresses again). A node that
/// finds that it stood still itself for as long as the others wait is muted: it answers for nothing until it listened for two intervals
/// and its ownership was decided anew (or five seconds passed), and it judges nobody for as long as it takes to hear everybody.
/// </para>
/// <para>
/// Nothing is allocated per heartbeat. There are at most 1,024 peers; of the heartbeats that wait to be taken there is one per interface.
/// </para>
/// </summary>
public sealed class HeartbeatMachine : IMachine<HeartbeatInput, HeartbeatOutput>
{
    private const int Farewells = 3;
    private const double StandstillIntervals = 2.9;
    private const double ListenIntervals = 2;
    private static readonly TimeSpan MostFarewellSpacing = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestMute = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NewsOfSilence = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StaleReplySpacing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConflictSpacing = TimeSpan.FromMinutes(1);

    private readonly HeartbeatConfig _config;
    private readonly SeededRandom _random;
    private readonly byte[] _name;
    private readonly List<HeartbeatSegment> _segments = [];
    private readonly HeartbeatPeerTable _peers = new();
    private readonly Queue<HeartbeatOutput> _news = new();
    private readonly HeartbeatJury _jury;
    private readonly long[] _refused = new long[(int)HeartbeatRefusal.TooManyPeers + 1];
    private ulong _incarnation;
    private ulong _sequence;
    private int _firstEntry;
    private long _sent;
    private long _received;
    private int _confirmedStandstill;
    private bool _isInCharge;
    private bool _isLeaving;
    private Instant _now;
    private Instant _lateAt = Instant.MaxValue;
    private Instant _mutedUntil;
    private Instant _mutedAtMostUntil;
    private Instant _conflictsMutedUntil;

    /// <summary>Starts without interfaces.</summary>
    /// <param name="config">What it is told about itself.</param>
    /// <param name="random">Spreads what several nodes would otherwise send at one moment.</param>
    public HeartbeatMachine(HeartbeatConfig config, SeededRandom random)
    {
        if (!HeartbeatPacket.IsName(config.Name) || config.Interval < HeartbeatConfig.LeastInterval ||
            config.Interval > HeartbeatConfig.MostInterval)
            throw new ArgumentException("the name or the interval is none", nameof(config));
        (_config, _random, _incarnation) = (config, random, config.Incarnation);
        _name = Encoding.ASCII.GetBytes(config.Name);
        _jury = new(_peers, _segments, _news, random);
    }

    /// <summary>Whether this node must answer for nothing because it stood still.</summary>
    public bool IsMuted { get; private set; }

    /// <summary>How often this node stood still so long that it was muted.</summary>
    public int Standstills { get; private set; }

    /// <summary>This node's incarnation.</summary>
    public ulong Incarnation => _incarnation;

    /// <summary>What is thought of every peer that was heard, by name.</summary>
    public IEnumerable<HeartbeatPeerState> Peers
    {
        get
        {
            foreach (var peer in _peers.All)
                yield return peer.State;
        }
    }

    /// <inheritdoc/>
    public Instant? NextDeadline
    {
        get
        {
            var next = _jury.NextScan;
            foreach (var segment in _segments)
            {
                if (segment.NextDeadline is { } due && due < next)
                    next = due;
            }
            if (IsMuted && MuteEnd < next)
                next = MuteEnd;
            return next == Instant.MaxValue ? null : next;
        }
    }

    // Whoever hears a new life takes back that the former one ended, and hands addresses over: not before they can be announced here.
    private bool MaySpeakOn(HeartbeatSegment segment) => _isInCharge || _isLeaving || segment.IsOwner;

    private Instant MuteEnd => _confirmedStandstill == Standstills ? _mutedUntil : _mutedAtMostUntil;

    /// <summary>
    /// Looks whether this machine was called long after its deadline. To be called before anything is done that must not be done after a
    /// standstill; costs next to nothing.
    /// </summary>
    public void Notice(Instant now)
    {
        if (now < _lateAt)
            return;
        // What should have been heard meanwhile may still lie in a queue.
        var interval = _config.Interval;
        foreach (var segment in _segments)
            interval = segment.Interval > interval ? segment.Interval : interval;
        _jury.Grant(now + interval);
        foreach (var segment in _segments)
        {
            if (segment is { IsOwner: true, HasCarrier: true } && now - segment.LastBeat > segment.Interval * StandstillIntervals)
            {
                StandStill(now - segment.LastBeat, interval, now);
                break;
            }
        }
    }

    /// <inheritdoc/>
    public void Handle(in HeartbeatInput input, Instant now)
    {
        _now = now;
        Notice(now);
        switch (input.Kind)
        {
            case HeartbeatInputKind.LinksChanged:
                ChangeLinks(input.Links ?? [], now);
                break;
            case HeartbeatInputKind.PacketReceived:
                var refusal = Receive(input.LinkIndex, input.Packet.Span, now);
                _refused[(int)refusal]++;
                _received += refusal == HeartbeatRefusal.None ? 1 : 0;
                break;
            case HeartbeatInputKind.PacketRefused:
                _refused[(int)input.Refusal]++;
                break;
            case HeartbeatInputKind.OwnershipConfirmed:
                Confirm(input.Standstill, now);
                break;
            case HeartbeatInputKind.LeaveRequested:
                Leave(now);
                break;
        }
        Work(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        _now = now;
        Notice(now);
        Work(now);
    }

    /// <inheritdoc/>
    public bool TryTake(out HeartbeatOutput output)
    {
        if (TryTakeNews(out output))
            return true;
        foreach (var segment in _segments)
        {
            if (!segment.IsSendDue)
                continue;
            segment.IsSendDue = false;
            if (!MaySpeakOn(segment))
                continue;
            segment.LastSent = _now;
            segment.Load.Count(1);
            _sent++;
            output = HeartbeatOutput.SendPacket(segment.LinkIndex, new(segment.Buffer, 0, Write(segment)));
            return true;
        }
        return false;
    }

    /// <summary>Takes the oldest news, which come before heartbeats.</summary>
    public bool TryTakeNews(out HeartbeatOutput news) => _news.TryDequeue(out news);

    /// <summary>Takes what was counted since the last time.</summary>
    public HeartbeatCounts TakeCounts()
    {
        var counts = new HeartbeatCounts(_sent, _received);
        _sent = _received = 0;
        return counts;
    }

    /// <summary>Takes how many datagrams were refused for a reason since the last time.</summary>
    public long TakeRefused(HeartbeatRefusal refusal)
    {
        var count = _refused[(int)refusal];
        _refused[(int)refusal] = 0;
        return count;
    }

    private void Work(Instant now)
    {
        if (now >= _jury.NextScan)
        {
            _jury.Scan(now);
            foreach (var segment in _segments)
                Stretch(segment, now);
        }
        var farewellSpacing = _config.Interval < MostFarewellSpacing ? _config.Interval : MostFarewellSpacing;
        foreach (var segment in _segments)
            segment.Work(farewellSpacing, now);
        if (IsMuted && now >= MuteEnd)
        {
            IsMuted = false;
            _news.Enqueue(HeartbeatOutput.Plain(HeartbeatOutputKind.Resumed));
        }
        _lateAt = NextDeadline is { } due ? due + _config.Interval / 2 : Instant.MaxValue;
    }

    private void StandStill(TimeSpan stood, TimeSpan interval, Instant now)
    {
        IsMuted = true;
        Standstills++;
        _mutedUntil = now + interval * ListenIntervals;
        _mutedAtMostUntil = now + LongestMute;
        _jury.Grant(now + interval * 3);
        foreach (var segment in _segments)
        {
            if (segment.IsOwner)
                segment.StartBeating(now);
        }
        _news.Enqueue(HeartbeatOutput.Plain(HeartbeatOutputKind.StoodStill, stood));
    }

    private void Confirm(int standstill, Instant now)
    {
        _confirmedStandstill = standstill;
        if (_isInCharge)
            return;
        // Those who called a former life of this node silent should know that there is a new one.
        _isInCharge = true;
        _jury.Open(now + _config.Interval);
        foreach (var segment in _segments)
        {
            if (!segment.IsOwner)
                segment.BeatOnly(Farewells, now);
        }
    }

    private void Leave(Instant now)
    {
        _isLeaving = true;
        foreach (var segment in _segments)
        {
            segment.IsOwner = false;
            segment.BeatOnly(Farewells, now);
        }
    }

    private void ChangeLinks(IReadOnlyList<HeartbeatLink> links, Instant now)
    {
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            if (!Contains(links, _segments[i].LinkIndex))
            {
                _jury.LoseSight(_segments[i].LinkIndex, now);
                _segments.RemoveAt(i);
            }
        }
        foreach (var link in links)
        {
            var segment = _jury.Find(link.Index);
            if (segment is null)
            {
                segment = new(link.Index, _config.Interval);
                _segments.Add(segment);
                _segments.Sort((left, right) => left.LinkIndex.CompareTo(right.LinkIndex));
            }
            ChangeLink(segment, link, now);
        }
    }

    private static bool Contains(IReadOnlyList<HeartbeatLink> links, int index)
    {
        foreach (var link in links)
        {
            if (link.Index == index)
                return true;
        }
        return false;
    }

    private void ChangeLink(HeartbeatSegment segment, HeartbeatLink link, Instant now)
    {
        var (hadCarrier, wasOwner) = (segment.HasCarrier, segment.IsOwner);
        (segment.HasCarrier, segment.IsOwner) = (link.HasCarrier, link.IsOwner && !_isLeaving);
        if (!link.HasCarrier)
        {
            segment.StopBeating();
            if (hadCarrier)
                _jury.LoseSight(link.Index, now);
        }
        else if (segment.IsOwner && !(wasOwner && hadCarrier))
            segment.StartBeating(now);
        else if (!segment.IsOwner && (wasOwner || (!hadCarrier && _isInCharge)))
            segment.BeatOnly(Farewells, now);
    }

    private HeartbeatRefusal Receive(int linkIndex, ReadOnlySpan<byte> octets, Instant now)
    {
        if (_jury.Find(linkIndex) is not { HasCarrier: true } segment)
            return HeartbeatRefusal.UnknownLink;
        var refusal = HeartbeatPacket.TryRead(octets, out var packet);
        if (refusal != HeartbeatRefusal.None)
            return refusal;
        if (packet.Name.SequenceEqual(_name))
            return RefuseOwnName(packet, now);
        if ((_peers.Find(packet.Name) ?? _peers.Add(packet.Name)) is not { } peer)
            return HeartbeatRefusal.TooManyPeers;
        var trail = peer.TrailOn(linkIndex) ?? peer.AddTrail(linkIndex);
        if (packet.Incarnation < peer.Incarnation)
            return RefuseOldIncarnation(segment, trail, now);
        var isNewLife = packet.Incarnation > peer.Incarnation;
        if (isNewLife)
            peer.Begin(packet.Incarnation);
        else if (packet.Sequence <= trail.HighestSequence)
            return HeartbeatRefusal.Replayed;
        trail.Hear(packet, segment.Load.AsksLate, now);
        segment.Load.Count(peer.CountUpTo(packet.Sequence));
        _jury.Welcome(peer, (packet.Flags & HeartbeatFlags.Leaving) != 0, isNewLife, now);
        var entries = packet.Entries;
        while (!entries.IsEmpty)
            Consider(HeartbeatEntry.TakeFrom(ref entries), peer, segment, now);
        return HeartbeatRefusal.None;
    }

    private HeartbeatRefusal RefuseOwnName(in HeartbeatPacket packet, Instant now)
    {
        // Our own, if two of our interfaces are on one LAN.
        if (packet.Incarnation != _incarnation && now >= _conflictsMutedUntil)
        {
            _conflictsMutedUntil = now + ConflictSpacing;
            _news.Enqueue(HeartbeatOutput.Plain(HeartbeatOutputKind.NameConflict));
        }
        return HeartbeatRefusal.OwnName;
    }

    // An attacker's echo of the past, or a node whose wall clock was set back before it started again: the latter learns from our answer.
    private static HeartbeatRefusal RefuseOldIncarnation(HeartbeatSegment segment, HeartbeatTrail trail, Instant now)
    {
        if (now >= segment.StaleReplyAt)
        {
            trail.IsStale = segment.IsSendDue = true;
            segment.StaleReplyAt = now + StaleReplySpacing;
        }
        return HeartbeatRefusal.OldIncarnation;
    }

    private void Consider(in HeartbeatEntry entry, HeartbeatPeer from, HeartbeatSegment segment, Instant now)
    {
        if (entry.Name.SequenceEqual(_name))
        {
            if (entry.Kind != HeartbeatEntryKind.Heard)
                AnswerFor(entry, from, segment, now);
            return;
        }
        if (_peers.Find(entry.Name) is not { } peer || peer.Incarnation != entry.Incarnation ||
            peer.TrailOn(segment.LinkIndex) is not { } trail)
            return;
        switch (entry.Kind)
        {
            case HeartbeatEntryKind.Probe or HeartbeatEntryKind.Silent when peer.MayBeSilent(now):
                // Its answer is for all of us; one question is enough.
                peer.PlanProbe(now, _random);
                break;
            case HeartbeatEntryKind.Probe or HeartbeatEntryKind.Silent when trail.IsFresh(now):
                trail.MustVouch = true;
                var vouchAt = now + _random.Between(TimeSpan.Zero, segment.Interval / 10);
                segment.VouchAt = vouchAt < segment.VouchAt ? vouchAt : segment.VouchAt;
                break;
            case HeartbeatEntryKind.Heard:
                _jury.Believe(peer, trail, now - TimeSpan.FromMicroseconds(entry.AgeMicroseconds), now);
                break;
        }
    }

    private void AnswerFor(in HeartbeatEntry entry, HeartbeatPeer from, HeartbeatSegment segment, Instant now)
    {
        if (entry.Incarnation > _incarnation)
        {
            _incarnation = entry.Incarnation == ulong.MaxValue ? ulong.MaxValue : entry.Incarnation + 1;
            _news.Enqueue(HeartbeatOutput.Plain(HeartbeatOutputKind.IncarnationRaised));
        }
        else if (entry.Kind == HeartbeatEntryKind.Silent && entry.Incarnation == _incarnation && segment.IsOwner && segment.Accuse(now))
            _news.Enqueue(HeartbeatOutput.Accused(segment.LinkIndex, from.Name));
        // Before it is known what this node owns, it is no better than silent.
        if (!_isInCharge || _isLeaving)
            return;
        var soonest = segment.LastSent + segment.Interval / 20;
        var replyAt = soonest > now ? soonest : now;
        segment.ReplyAt = replyAt < segment.ReplyAt ? replyAt : segment.ReplyAt;
    }

    private void Stretch(HeartbeatSegment segment, Instant now)
    {
        var owners = segment.IsOwner ? 1 : 0;
        foreach (var peer in _peers.All)
            owners += peer.Verdict == HeartbeatVerdict.Heard && peer.TrailOn(segment.LinkIndex) is { IsTracked: true } ? 1 : 0;
        segment.Interval = segment.Load.Judge(_config.Interval, owners, now);
    }

    private int Write(HeartbeatSegment segment)
    {
        var flags = segment.IsOwner ? HeartbeatFlags.Owner : HeartbeatFlags.None;
        flags |= _isLeaving ? HeartbeatFlags.Leaving : HeartbeatFlags.None;
        flags |= IsMuted ? HeartbeatFlags.Muted : HeartbeatFlags.None;
        var interval = (uint)(segment.Interval.Ticks / TimeSpan.TicksPerMicrosecond);
        var writer = new HeartbeatWriter(segment.Buffer, flags, _incarnation, ++_sequence, interval, _name);
        // If not all entries fit, those that did not are first next time.
        var peers = _peers.All;
        for (var i = 0; i < peers.Count; i++)
        {
            var place = (_firstEntry + i) % peers.Count;
            if (TryAdd(ref writer, segment, peers[place]))
                continue;
            _firstEntry = place;
            break;
        }
        return writer.WrittenBytes;
    }

    private bool TryAdd(ref HeartbeatWriter writer, HeartbeatSegment segment, HeartbeatPeer peer)
    {
        if (peer.TrailOn(segment.LinkIndex) is not { } trail)
            return true;
        var kind = trail.MustVouch && trail.IsFresh(_now) ? HeartbeatEntryKind.Heard
            : peer.Verdict == HeartbeatVerdict.Silent && _now - peer.SilentSince < NewsOfSilence ? HeartbeatEntryKind.Silent
            : trail.IsStale || peer.Verdict == HeartbeatVerdict.Silent ? HeartbeatEntryKind.Probe
            : peer.Verdict == HeartbeatVerdict.Heard && _now >= peer.DoubtAt ? HeartbeatEntryKind.Probe : 0;
        if (kind == 0)
            return true;
        var age = kind == HeartbeatEntryKind.Heard ? (uint)((_now - trail.LastHeard).Ticks / TimeSpan.TicksPerMicrosecond) : 0;
        if (!writer.TryAdd(kind, peer.Incarnation, age, peer.NameBytes))
            return false;
        if (kind == HeartbeatEntryKind.Probe && peer.NextProbe is not null)
            peer.PlanProbe(_now, _random);
        trail.MustVouch = trail.IsStale = false;
        return true;
    }
}
