using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>What was heard of one peer on one interface.</summary>
internal sealed class HeartbeatTrail(int linkIndex)
{
    // Of how many heartbeats the loss is an average.
    private const double LossWindow = 32;
    private const double HighLoss = 0.25;
    private const double VeryHighLoss = 0.45;
    private const double DoubtIntervals = 1.5;
    private const double LateDoubtIntervals = 2.05;
    private const double LeastIntervals = 3.05;
    private const double MostIntervals = 6.05;
    // A gap that was survived may come again, a little longer. It is forgotten by half after some 230 heartbeats.
    private const double GapMargin = 1.3;
    private const double GapMemory = 0.997;

    private double _longestGap;
    private bool _asksLate;

    public int LinkIndex { get; } = linkIndex;

    public ulong HighestSequence { get; private set; }

    /// <summary>When it was heard here.</summary>
    public Instant LastHeard { get; private set; }

    /// <summary>When it was heard here, or by somebody else who said so.</summary>
    public Instant LastKnown { get; private set; }

    /// <summary>Within which time it promised the next heartbeat.</summary>
    public TimeSpan Interval { get; private set; }

    /// <summary>Whether it owns addresses here, and so promised another heartbeat.</summary>
    public bool IsTracked { get; set; }

    /// <summary>Whether somebody who does not hear it is to be told that we do.</summary>
    public bool MustVouch { get; set; }

    /// <summary>Whether it is to be told that it bears an incarnation of the past.</summary>
    public bool IsStale { get; set; }

    /// <summary>The share of its heartbeats that got lost, 0 to 1.</summary>
    public double Loss { get; private set; }

    /// <summary>From when on it should be asked: a heartbeat is missing and the next one half due, or missing too.</summary>
    public Instant DoubtAt => LastKnown + Interval * (_asksLate ? LateDoubtIntervals : DoubtIntervals);

    /// <summary>How long to wait for an answer before it is asked again.</summary>
    public TimeSpan ProbeSpacing => Interval / (_asksLate ? 20 : 10);

    /// <summary>When nothing was heard for too long: three intervals, more where very much gets lost or comes late, but never more than
    /// six.</summary>
    public Instant SilentAt => LastKnown + Interval * Math.Min(
        MostIntervals, Math.Max(LeastIntervals + (Loss > VeryHighLoss ? 3 : Loss > HighLoss ? 1 : 0), _longestGap * GapMargin));

    /// <summary>Whether it was heard here so lately that another may rely on it.</summary>
    public bool IsFresh(Instant now) => IsTracked && now - LastHeard <= Interval;

    /// <summary>It was heard.</summary>
    /// <param name="packet">What it said.</param>
    /// <param name="asksLate">Whether it is to be asked only when two heartbeats are missing.</param>
    /// <param name="now">When.</param>
    public void Hear(in HeartbeatPacket packet, bool asksLate, Instant now)
    {
        _asksLate = asksLate;
        HighestSequence = packet.Sequence;
        if (IsTracked)
            CountLoss(now - LastHeard);
        LastHeard = LastKnown = now;
        Interval = TimeSpan.FromMicroseconds(packet.IntervalMicroseconds);
        IsTracked = (packet.Flags & HeartbeatFlags.Owner) != 0;
        IsStale = false;
    }

    public void LearnOf(Instant heard)
    {
        if (heard > LastKnown)
            LastKnown = heard;
    }

    /// <summary>A new life of the peer begins: numbers start again.</summary>
    public void Restart() =>
        (HighestSequence, IsTracked, MustVouch, IsStale, Loss, _longestGap) = (0, false, false, false, 0, 0);

    // Answers to probes come between the regular heartbeats and shorten gaps, they do not count as lost ones. So a gap of more than two
    // intervals is seldom chance: one of the two processes was late.
    private void CountLoss(TimeSpan gap)
    {
        _longestGap = Math.Max(_longestGap * GapMemory, Math.Min(MostIntervals / GapMargin, gap / Interval));
        var due = (int)Math.Min(LossWindow, Math.Round(gap / Interval));
        for (var i = 0; i < due; i++)
            Loss += ((i < due - 1 ? 1 : 0) - Loss) / LossWindow;
    }
}
