using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Gossip;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// Many speakers on one bad wire, without an API server: their membership machines and link loops only, each owning one address. They all
/// start within a second and meet; then nobody dies for a while, so whatever one thinks of another's death is wrong, and what they say is
/// measured. Then one loses power and comes back, one stands still, the way from one to another is cut, and the LAN falls into two halves
/// and is whole again; after each all must know all again within a bound, and nobody else may be wronged.
/// </summary>
public sealed class MembersRun
{
    /// <summary>How long all may take to know all after they started together, or after one of them started.</summary>
    public static readonly TimeSpan MeetingBound = TimeSpan.FromSeconds(20);

    /// <summary>How long membership may take until all know of a death.</summary>
    public static readonly TimeSpan DeathBound = TimeSpan.FromSeconds(30);

    /// <summary>How long all may take to know all after the halves of the LAN are one again: those that were lost are tried to be joined
    /// every minute.</summary>
    public static readonly TimeSpan HealingBound = TimeSpan.FromSeconds(75);

    // Six intervals where a gap was survived lately or very much gets lost; the interval itself grows with the owners and the questions.
    private const double MostSilentIntervals = 6.1;
    private const double MostMillisecondsPerOwner = 1.5;

    private static readonly TimeSpan StartSpread = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CutTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SplitTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PictureStep = TimeSpan.FromMilliseconds(250);

    private readonly MembersOptions _options;
    private readonly VirtualWorld _world;
    private readonly LanSegment _segment;
    private readonly HostNetwork _hosts;
    private readonly List<MemberSpeaker> _speakers = [];
    private readonly List<MembersFigure> _figures = [];
    private readonly SortedSet<string> _troubled = new(StringComparer.Ordinal);
    private bool _isCounting;
    private long _suspicions;
    private long _lost;
    private long _wronglySilent;

    /// <summary>Builds the run.</summary>
    public MembersRun(MembersOptions options, MachineFactory machines)
    {
        _options = options;
        _world = new(options.Seed) { EventLimit = long.MaxValue };
        _segment = new(_world, "lan")
        {
            Faults = new() { LossChance = options.LossChance, DuplicateChance = options.LossChance / 5, MostDelay = options.MostDelay },
        };
        _hosts = new(_world, _segment);
        for (var number = 1; number <= options.Nodes; number++)
            _speakers.Add(new(_world, _segment, _hosts, number, machines, options) { Told = Count, CalledSilent = CountSilent });
    }

    /// <summary>Runs to the end.</summary>
    public MembersResult Run()
    {
        var random = _world.Random.Fork("start");
        foreach (var speaker in _speakers.OrderBy(_ => random.NextUInt64()).ToList())
        {
            speaker.Start();
            _world.RunUntil(_world.Now + StartSpread / _options.Nodes);
        }
        Wait("all know all after starting together", MeetingBound, AllKnowAll, PictureStep);
        var meetingBytes = Sent().Average();
        _isCounting = true;
        var (before, heartbeats) = (Sent(), _segment.SentGroupPackets);
        Pass(TimeSpan.FromMinutes(_options.Minutes));
        var seconds = 60.0 * _options.Minutes;
        var rates = Sent().Zip(before, (later, earlier) => (later - earlier) / seconds).ToList();
        var rate = (_segment.SentGroupPackets - heartbeats) / seconds;
        if (_options.HasTroubles)
        {
            LosePower(_speakers[^1]);
            StandStill(_speakers[0]);
            if (_options.Nodes > 2)
                CutOneWay(_speakers[1], _speakers[2]);
            FallApart();
        }
        return new()
        {
            MeetingBytes = meetingBytes,
            GossipBytesPerSecond = rates.Average(),
            MostGossipBytesPerSecond = rates.Max(),
            HeartbeatsPerSecond = rate,
            Suspicions = _suspicions,
            WronglyLost = _lost,
            WronglySilent = _wronglySilent,
            Figures = _figures,
            AllMet = AllKnowAll(),
            Seconds = _world.Now.SinceOrigin.TotalSeconds,
            Events = _world.EventCount,
            TraceHash = _world.Trace.Hash,
        };
    }

    private TimeSpan SilenceBound
    {
        get
        {
            var share = TimeSpan.FromMilliseconds(MostMillisecondsPerOwner * _options.Nodes);
            return MostSilentIntervals * (share > _options.HeartbeatInterval ? share : _options.HeartbeatInterval);
        }
    }

    private bool HasHeartbeats => _options.HeartbeatInterval > TimeSpan.Zero;

    private void LosePower(MemberSpeaker victim)
    {
        _troubled.Add(victim.Name);
        victim.Crash();
        if (HasHeartbeats)
        {
            Wait("one lost power: its heartbeats are missed by the first after", SilenceBound, () => CallersOf(victim) > 0, Step);
            Wait("by all after another", SilenceBound, () => CallersOf(victim) == _options.Nodes - 1, Step);
        }
        Wait("it is dead by membership for all after another", DeathBound, () => SightsOf(victim) == 0, PictureStep);
        Pass(TimeSpan.FromSeconds(5));
        victim.Start();
        Wait("all know all after its start", MeetingBound, AllKnowAll, PictureStep);
        _troubled.Clear();
    }

    private void StandStill(MemberSpeaker victim)
    {
        _troubled.Add(victim.Name);
        victim.Pause();
        Pass(Standstill);
        victim.Resume();
        Wait($"all know and hear all after one stood still for {Standstill.TotalSeconds} s", MeetingBound, IsWhole, Step);
        _troubled.Clear();
    }

    // Others hear it, and say so.
    private void CutOneWay(MemberSpeaker from, MemberSpeaker to)
    {
        _segment.SetBlocked(from.Port, to.Port, true);
        Pass(CutTime);
        _segment.SetBlocked(from.Port, to.Port, false);
        Wait("all know and hear all after the way from one to another was cut", MeetingBound, IsWhole, Step);
    }

    private void FallApart()
    {
        _troubled.UnionWith(_speakers.Select(speaker => speaker.Name));
        _segment.Split(_speakers.Where((_, place) => place % 2 == 0).Select(speaker => speaker.Port));
        Pass(SplitTime);
        _segment.Split([]);
        Wait("all hear all after the LAN healed", SilenceBound, AllHearAll, Step);
        Wait("all know all after another", HealingBound, AllKnowAll, PictureStep);
        _troubled.Clear();
    }

    private void Pass(TimeSpan time) => _world.RunUntil(_world.Now + time);

    private void Wait(string what, TimeSpan bound, Func<bool> condition, TimeSpan step)
    {
        var start = _world.Now;
        var isMet = condition();
        for (; !isMet && _world.Now - start < bound; isMet = condition())
            Pass(step);
        _figures.Add(new(what, isMet ? _world.Now - start : null, bound));
    }

    private bool AllKnowAll() => _speakers.All(speaker => speaker.Present == _options.Nodes);

    private bool AllHearAll() => !HasHeartbeats || _speakers.All(speaker => speaker.Heard.Count == _options.Nodes - 1);

    private bool IsWhole() => AllHearAll() && AllKnowAll();

    private int CallersOf(MemberSpeaker victim) => _speakers.Count(speaker => speaker.Silent.Contains(victim.Name));

    private int SightsOf(MemberSpeaker victim) => _speakers.Count(speaker => speaker != victim && speaker.Sees(victim.Name));

    private List<long> Sent() => [.. _speakers.Select(speaker => _hosts.SentBytes(speaker.Address))];

    private void Count(MemberSpeaker _, GossipOutput told)
    {
        if (!_isCounting)
            return;
        _suspicions += told is GossipOutput.MemberSuspected suspected && !_troubled.Contains(suspected.Member.Name) ? 1 : 0;
        _lost += told is GossipOutput.MemberLeft left && !_troubled.Contains(left.Member.Name) ? 1 : 0;
    }

    private void CountSilent(MemberSpeaker _, string name) => _wronglySilent += _isCounting && !_troubled.Contains(name) ? 1 : 0;
}
