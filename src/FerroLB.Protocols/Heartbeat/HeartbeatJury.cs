using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>What is thought of the peers: who is in doubt and to be asked, who is silent, and who was wronged.</summary>
internal sealed class HeartbeatJury(
    HeartbeatPeerTable peers, List<HeartbeatSegment> segments, Queue<HeartbeatOutput> news, SeededRandom random)
{
    private static readonly TimeSpan LeastShare = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan InterestInTheSilent = TimeSpan.FromHours(1);

    /// <summary>When <see cref="Scan"/> has something to do.</summary>
    public Instant NextScan { get; private set; } = Instant.MaxValue;

    /// <summary>Until then nobody is called silent: what was sent may still lie in a queue of ours.</summary>
    public Instant GraceUntil { get; private set; } = Instant.MaxValue;

    /// <summary>Judges nobody until then; earlier grace may last longer.</summary>
    public void Grant(Instant until) => GraceUntil = until > GraceUntil ? until : GraceUntil;

    /// <summary>From then on silence counts. Before, this node may ask nobody, and would wrong whoever lost three heartbeats.</summary>
    public void Open(Instant from)
    {
        GraceUntil = from;
        NextScan = Instant.Zero;
    }

    public HeartbeatSegment? Find(int linkIndex)
    {
        foreach (var segment in segments)
        {
            if (segment.LinkIndex == linkIndex)
                return segment;
        }
        return null;
    }

    /// <summary>Nothing is heard on an interface any more: who cannot be heard cannot be judged.</summary>
    public void LoseSight(int linkIndex, Instant now)
    {
        foreach (var peer in peers.All)
        {
            if (peer.TrailOn(linkIndex) is not { IsTracked: true } trail)
                continue;
            trail.IsTracked = false;
            if (peer.Verdict == HeartbeatVerdict.Heard && !peer.IsTracked)
                Judge(peer, HeartbeatVerdict.NotJudged, now);
        }
    }

    public void Welcome(HeartbeatPeer peer, bool isLeaving, bool isNewLife, Instant now)
    {
        peer.EndProbes();
        if (isLeaving)
        {
            foreach (var trail in peer.Trails)
                trail.IsTracked = false;
        }
        else if (peer.Verdict == HeartbeatVerdict.Silent && !isNewLife)
            peer.HoldDown(now);
        var verdict = isLeaving ? HeartbeatVerdict.Left : peer.IsTracked ? HeartbeatVerdict.Heard : HeartbeatVerdict.NotJudged;
        if (verdict != peer.Verdict)
            Judge(peer, verdict, now);
        if (verdict == HeartbeatVerdict.Heard && peer.DoubtAt is var doubtAt && doubtAt < NextScan)
            NextScan = doubtAt;
    }

    private void Judge(HeartbeatPeer peer, HeartbeatVerdict verdict, Instant now)
    {
        var silence = verdict == HeartbeatVerdict.Silent ? now - peer.LastKnown
            : peer.Verdict == HeartbeatVerdict.Silent ? now - peer.SilentSince : TimeSpan.Zero;
        peer.Verdict = verdict;
        news.Enqueue(HeartbeatOutput.PeerChanged(peer.State, silence));
    }

    public void Believe(HeartbeatPeer peer, HeartbeatTrail trail, Instant heard, Instant now)
    {
        trail.MustVouch = false;
        if (!trail.IsTracked || heard <= trail.LastKnown)
            return;
        trail.LearnOf(heard);
        if (peer.Verdict == HeartbeatVerdict.Silent && now < peer.SilentAt)
            Welcome(peer, isLeaving: false, isNewLife: false, now);
        else if (now < peer.DoubtAt)
            peer.EndProbes();
    }

    public void Scan(Instant now)
    {
        NextScan = Instant.MaxValue;
        foreach (var peer in peers.All)
        {
            var next = Look(peer, now);
            NextScan = next < NextScan ? next : NextScan;
        }
    }

    // Says when to look again.
    private Instant Look(HeartbeatPeer peer, Instant now)
    {
        if (peer.Verdict is HeartbeatVerdict.NotJudged or HeartbeatVerdict.Left)
            return Instant.MaxValue;
        var silentAt = Instant.MaxValue;
        if (peer.Verdict == HeartbeatVerdict.Heard)
        {
            if (now < peer.DoubtAt)
                return peer.DoubtAt;
            silentAt = peer.SilentAt > GraceUntil ? peer.SilentAt : GraceUntil;
            silentAt = silentAt > peer.HoldDownUntil ? silentAt : peer.HoldDownUntil;
            if (now >= silentAt)
            {
                peer.SilentSince = now;
                silentAt = Instant.MaxValue;
                Judge(peer, HeartbeatVerdict.Silent, now);
                Ask(peer, now);
            }
        }
        else if (now - peer.SilentSince > InterestInTheSilent)
            return Instant.MaxValue;
        // In a large cluster all would ask at once; so some wait, and then need not.
        peer.NextProbe ??= now + random.Between(TimeSpan.Zero, LeastShare * Math.Min(20, peers.All.Count / 10));
        if (now >= peer.NextProbe)
            Ask(peer, now);
        return peer.NextProbe.Value < silentAt ? peer.NextProbe.Value : silentAt;
    }

    private void Ask(HeartbeatPeer peer, Instant now)
    {
        foreach (var trail in peer.Trails)
        {
            if (trail.IsTracked && Find(trail.LinkIndex) is { HasCarrier: true } segment)
                segment.IsSendDue = true;
        }
        peer.PlanProbe(now, random);
    }
}
