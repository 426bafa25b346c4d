using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>One LAN as this node sees it: when what is to be sent there.</summary>
internal sealed class HeartbeatSegment(int linkIndex, TimeSpan interval)
{
    private static readonly TimeSpan FirstAccusationSpacing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestAccusationSpacing = TimeSpan.FromMinutes(1);

    private Instant _accusationsMutedUntil;
    private TimeSpan _accusationSpacing;
    private int _remaining;

    public int LinkIndex { get; } = linkIndex;

    public bool HasCarrier { get; set; }

    public bool IsOwner { get; set; }

    /// <summary>How often an owner sends here; never so often that all of them together sent more than is allowed.</summary>
    public TimeSpan Interval { get; set; } = interval;

    /// <summary>What this LAN carries.</summary>
    public HeartbeatLoad Load { get; } = new();

    public byte[] Buffer { get; } = new byte[HeartbeatPacket.MostBytes];

    public bool IsSendDue { get; set; }

    public Instant LastBeat { get; set; }

    public Instant LastSent { get; set; }

    public Instant NextBeat { get; private set; } = Instant.MaxValue;

    /// <summary>When somebody who asked whether this node is there gets an answer.</summary>
    public Instant ReplyAt { get; set; } = Instant.MaxValue;

    /// <summary>When somebody who misses a third gets to know that it is heard here.</summary>
    public Instant VouchAt { get; set; } = Instant.MaxValue;

    /// <summary>When a peer of the past may be told its incarnation again.</summary>
    public Instant StaleReplyAt { get; set; }

    public Instant? NextDeadline
    {
        get
        {
            var next = NextBeat < ReplyAt ? NextBeat : ReplyAt;
            next = next < VouchAt ? next : VouchAt;
            return !HasCarrier || next == Instant.MaxValue ? null : next;
        }
    }

    /// <summary>From now on, steadily.</summary>
    public void StartBeating(Instant now) => (NextBeat, LastBeat, _remaining) = (now, now, 0);

    /// <summary>A few times from now on, because some may get lost.</summary>
    public void BeatOnly(int times, Instant now) => (NextBeat, _remaining) = (now, times);

    public void StopBeating() => (NextBeat, ReplyAt, VouchAt, IsSendDue) = (Instant.MaxValue, Instant.MaxValue, Instant.MaxValue, false);

    public void Work(TimeSpan farewellSpacing, Instant now)
    {
        if (!HasCarrier)
            return;
        if (now >= NextBeat)
        {
            IsSendDue = true;
            LastBeat = now;
            if (!IsOwner)
                NextBeat = --_remaining > 0 ? now + farewellSpacing : Instant.MaxValue;
            else if ((NextBeat += Interval) <= now)
                NextBeat = now + Interval;
        }
        if (now >= ReplyAt)
            (IsSendDue, ReplyAt) = (true, Instant.MaxValue);
        if (now >= VouchAt)
            (IsSendDue, VouchAt) = (true, Instant.MaxValue);
    }

    /// <summary>Whether an accusation is worth acting upon: the first one, and then the more seldom the more there are.</summary>
    public bool Accuse(Instant now)
    {
        if (now < _accusationsMutedUntil)
            return false;
        var isNew = _accusationSpacing == TimeSpan.Zero || now - _accusationsMutedUntil > LongestAccusationSpacing;
        var doubled = _accusationSpacing * 2 < LongestAccusationSpacing ? _accusationSpacing * 2 : LongestAccusationSpacing;
        _accusationSpacing = isNew ? FirstAccusationSpacing : doubled;
        _accusationsMutedUntil = now + _accusationSpacing;
        return true;
    }
}
