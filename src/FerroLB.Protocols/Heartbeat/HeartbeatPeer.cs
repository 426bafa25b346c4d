using System;
using System.Collections.Generic;
using System.Text;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>A node whose heartbeats were heard.</summary>
internal sealed class HeartbeatPeer(byte[] nameBytes)
{
    private const int MostTrails = 64;
    // What is missing after more than that was sent to a LAN that could not be heard.
    private const ulong MostLostInARow = 16;
    private static readonly TimeSpan FirstHoldDown = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestHoldDown = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestProbeSpacing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LeastProbeSpacing = TimeSpan.FromMilliseconds(1);

    private readonly List<HeartbeatTrail> _trails = [];
    private ulong _latestSequence;
    private TimeSpan _holdDown;
    private TimeSpan _probeSpacing;

    public byte[] NameBytes { get; } = nameBytes;

    public string Name { get; } = Encoding.ASCII.GetString(nameBytes);

    public ulong Incarnation { get; private set; }

    public HeartbeatVerdict Verdict { get; set; }

    public Instant SilentSince { get; set; }

    /// <summary>Until then its silence means nothing: it was called silent lately although it lived.</summary>
    public Instant HoldDownUntil { get; private set; }

    /// <summary>When it may be asked again; null when it was not asked since it was heard.</summary>
    public Instant? NextProbe { get; set; }

    public List<HeartbeatTrail> Trails => _trails;

    public bool IsTracked
    {
        get
        {
            foreach (var trail in _trails)
            {
                if (trail.IsTracked)
                    return true;
            }
            return false;
        }
    }

    public Instant LastKnown => Latest(trail => trail.LastKnown);

    public Instant DoubtAt => Latest(trail => trail.DoubtAt);

    public Instant SilentAt => Latest(trail => trail.SilentAt);

    public HeartbeatPeerState State => new(Name, Incarnation, Verdict);

    /// <summary>Whether it is to be asked, or would be if nobody else did.</summary>
    public bool MayBeSilent(Instant now) =>
        Verdict is HeartbeatVerdict.Heard or HeartbeatVerdict.Silent && now >= DoubtAt;

    public HeartbeatTrail? TrailOn(int linkIndex)
    {
        foreach (var trail in _trails)
        {
            if (trail.LinkIndex == linkIndex)
                return trail;
        }
        return null;
    }

    public HeartbeatTrail AddTrail(int linkIndex)
    {
        if (_trails.Count == MostTrails)
            _trails.RemoveAt(0);
        var trail = new HeartbeatTrail(linkIndex);
        _trails.Add(trail);
        return trail;
    }

    /// <summary>A later life of it was heard: what was held against the former one is void.</summary>
    public void Begin(ulong incarnation)
    {
        Incarnation = incarnation;
        _latestSequence = 0;
        HoldDownUntil = Instant.Zero;
        _holdDown = TimeSpan.Zero;
        foreach (var trail in _trails)
            trail.Restart();
    }

    /// <summary>It was called silent and is not: for a while, longer each time, it is not judged.</summary>
    public void HoldDown(Instant now)
    {
        var isForgotten = now - HoldDownUntil > LongestHoldDown;
        _holdDown = _holdDown == TimeSpan.Zero || isForgotten
            ? FirstHoldDown
            : _holdDown * 2 < LongestHoldDown ? _holdDown * 2 : LongestHoldDown;
        HoldDownUntil = now + _holdDown;
    }

    /// <summary>How many heartbeats it sent since it was last heard anywhere, those that got lost included.</summary>
    public int CountUpTo(ulong sequence)
    {
        var count = sequence > _latestSequence ? sequence - _latestSequence : 0;
        _latestSequence += count;
        return (int)Math.Min(count, MostLostInARow);
    }

    /// <summary>It was heard: it need not be asked.</summary>
    public void EndProbes() => (NextProbe, _probeSpacing) = (null, TimeSpan.Zero);

    /// <summary>Plans the next probe after one was sent, by us or by another: ten or twenty per interval, and after the time in which it
    /// counts as silent half as many each time.</summary>
    public void PlanProbe(Instant now, SeededRandom random)
    {
        var spacing = Trails.Count > 0 ? Trails[0].ProbeSpacing : LeastProbeSpacing;
        if (_probeSpacing == TimeSpan.Zero)
            _probeSpacing = spacing > LeastProbeSpacing ? spacing : LeastProbeSpacing;
        else if (now > SilentAt)
            _probeSpacing = _probeSpacing * 2 < LongestProbeSpacing ? _probeSpacing * 2 : LongestProbeSpacing;
        var next = now + _probeSpacing + random.Between(TimeSpan.Zero, _probeSpacing / 4);
        if (NextProbe is not { } planned || next > planned)
            NextProbe = next;
    }

    private Instant Latest(Func<HeartbeatTrail, Instant> read)
    {
        var latest = Instant.Zero;
        var isTracked = IsTracked;
        foreach (var trail in _trails)
        {
            if ((trail.IsTracked || !isTracked) && read(trail) is var at && at > latest)
                latest = at;
        }
        return latest;
    }
}
