using System;
using System.Linq;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// Breaks the cluster at random instants while it is active. The rates are drawn once per run: one seed has many short crashes, another a
/// bad wire and nothing else, so that all seeds together go where a single mixture never would.
/// </summary>
public sealed class FaultMaker : IEventTarget
{
    private const int Break = 0;
    private const int StartNode = 1;
    private const int StartController = 2;
    private const int ResumeNode = 3;
    private const int ResumeController = 4;
    private const int ApiBack = 5;
    private const int ApiBackRestarted = 6;
    private const int LineBack = 7;
    private const int CarrierBack = 8;
    private const int WayBack = 9;
    private const int StormEnds = 10;
    private const int Feed = 11;
    private const int Whole = 12;

    private const int UsualAwaySeconds = 30;
    private const int LongAwaySeconds = 180;

    private static readonly FaultKinds[] Sudden =
    [
        FaultKinds.Partition, FaultKinds.Crash, FaultKinds.Pause, FaultKinds.ApiAway, FaultKinds.Clock, FaultKinds.ApiErrors,
        FaultKinds.Starvation,
    ];

    private readonly LabCluster _cluster;
    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly TimeSpan _mostPause;
    private readonly LanFaults _lan;
    private readonly ApiFaults _api;
    private readonly int _mostAwaySeconds;
    private readonly int _mostFrozenSeconds;
    private bool _isActive;
    private int _round;

    /// <summary>Draws how bad this run is.</summary>
    public FaultMaker(LabCluster cluster, FaultKinds kinds)
    {
        (_cluster, _world, Kinds) = (cluster, cluster.World, kinds);
        _random = _world.Random.Fork("faults");
        _mostPause = TimeSpan.FromSeconds(2 + _random.Next(20));
        _lan = DrawLan();
        _api = DrawApi();
        _mostAwaySeconds = _random.Chance(0.15) ? LongAwaySeconds : UsualAwaySeconds;
        // Longer than the 15 s of a Lease in half of the runs.
        _mostFrozenSeconds = _random.Chance(0.5) ? 10 : 40;
    }

    /// <summary>What may go wrong.</summary>
    public FaultKinds Kinds { get; }

    /// <summary>How long a process may have to act on what it last read: nothing is in its way; it stood still; it saw nothing.</summary>
    public TimeSpan LongestBlindness
    {
        get
        {
            if ((Kinds & (FaultKinds.ApiErrors | FaultKinds.Watches)) != 0)
                return TimeSpan.FromSeconds(90 + _mostAwaySeconds);
            if (Kinds.HasFlag(FaultKinds.ApiAway))
                return TimeSpan.FromSeconds(60 + _mostAwaySeconds);
            return TimeSpan.FromSeconds((Kinds & (FaultKinds.Pause | FaultKinds.Crash)) != 0 ? 30 + _mostFrozenSeconds : 5);
        }
    }

    /// <summary>Whether something is made to go wrong at present.</summary>
    public bool IsActive => _isActive && Kinds != FaultKinds.None;

    /// <summary>When last something happened that speakers may take for the death or the return of one of them.</summary>
    public Instant DisturbedAt { get; private set; }

    /// <summary>Begins to break things.</summary>
    public void Begin()
    {
        _isActive = true;
        _round++;
        foreach (var node in _cluster.Nodes)
            _cluster.StartNode(node);
        foreach (var segment in _cluster.Segments)
            segment.Faults = _lan;
        _cluster.SetApiFaults(_api);
        Next();
    }

    /// <summary>Stops breaking things and mends everything, but for a node at times.</summary>
    public void End()
    {
        _isActive = false;
        _round++;
        DisturbedAt = _world.Now;
        // Who is dead for good must have a successor for everything.
        _cluster.Heal(dead: Kinds.HasFlag(FaultKinds.Crash) && _cluster.Nodes.Count > 1 && _random.Chance(0.4) ? SomeNode() : null);
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        var (round, subject, number) = ((int, object?, int))payload!;
        if (round != _round)
            return;
        if (Kinds.HasFlag(FaultKinds.Lan) || code is StartNode or ResumeNode or CarrierBack or WayBack or Feed or Whole)
            DisturbedAt = _world.Now;
        switch (code)
        {
            case Break:
                BreakSomething();
                Next();
                break;
            case StartNode:
                _cluster.StartNode((SpeakerProcess)subject!);
                _cluster.SetApiFaults(_api);
                break;
            case Feed:
                ((SpeakerProcess)subject!).Starve(TimeSpan.Zero);
                break;
            case Whole:
                ((LanSegment)subject!).Split([]);
                break;
            case StartController:
                ((ControllerProcess)subject!).Start();
                _cluster.SetApiFaults(_api);
                break;
            case ResumeNode:
                ((SpeakerProcess)subject!).Resume();
                break;
            case ResumeController:
                ((ControllerProcess)subject!).Resume();
                break;
            case ApiBack or ApiBackRestarted:
                _cluster.Api.ComeBack(code == ApiBackRestarted);
                break;
            case LineBack:
                ((ApiLine)subject!).IsCut = false;
                break;
            case StormEnds:
                ((ApiLine)subject!).Faults = _api;
                break;
            case CarrierBack:
                ((SpeakerProcess)subject!).SetCarrier(number, true);
                break;
            case WayBack:
                var (from, to) = ((LanPort, LanPort))subject!;
                from.Segment.SetBlocked(from, to, false);
                break;
        }
    }

    private void BreakSomething()
    {
        var kind = Kinds & Sudden[_random.Next(Sudden.Length)];
        var controller = _cluster.Controllers[_random.Next(_cluster.Controllers.Count)];
        if (kind == FaultKinds.Clock)
            StepClock(_random.Chance(0.3) || _cluster.Nodes.Count == 0 ? controller.Clock : SomeNode().Clock);
        else if (kind == FaultKinds.ApiAway && _random.Chance(0.5))
            TakeApiAway();
        else if (_cluster.Nodes.Count == 0 || (kind != FaultKinds.Partition && _random.Chance(0.4)))
            BreakController(kind, controller);
        else
            BreakNode(kind, SomeNode());
    }

    private SpeakerProcess SomeNode() => _cluster.Nodes[_random.Next(_cluster.Nodes.Count)];

    private void BreakController(FaultKinds kind, ControllerProcess controller)
    {
        switch (kind)
        {
            case FaultKinds.Crash when _random.Chance(0.3):
                controller.Stop();
                Later(StartController, controller, 15);
                break;
            case FaultKinds.Crash:
                controller.Crash();
                Later(StartController, controller, 15);
                break;
            case FaultKinds.Pause:
                controller.Pause();
                Later(ResumeController, controller, _mostFrozenSeconds);
                break;
            case FaultKinds.ApiAway:
                CutLine(controller.Box);
                break;
            case FaultKinds.ApiErrors:
                Storm(controller.Box);
                break;
        }
    }

    private void BreakNode(FaultKinds kind, SpeakerProcess node)
    {
        if ((kind & (FaultKinds.Partition | FaultKinds.Crash | FaultKinds.Pause | FaultKinds.Starvation)) != 0)
            DisturbedAt = _world.Now;
        switch (kind)
        {
            case FaultKinds.Partition when _random.Chance(0.2):
                SplitSegment(_cluster.Segments[_random.Next(_cluster.Segments.Count)]);
                break;
            case FaultKinds.Partition when _random.Chance(0.5):
                var port = _random.Next(node.Ports.Count);
                node.SetCarrier(port, false);
                Later(CarrierBack, node, 20, port);
                break;
            case FaultKinds.Partition:
                CutOneWay(node);
                break;
            case FaultKinds.Crash when _random.Chance(0.3):
                node.Stop();
                Later(StartNode, node, 15);
                break;
            case FaultKinds.Crash:
                _cluster.CrashNode(node, losesPower: _random.Chance(0.5));
                Later(StartNode, node, 30);
                break;
            case FaultKinds.Starvation:
                node.Starve(_random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(_random.Chance(0.2) ? 2_000 : 200)));
                Later(Feed, node, 30);
                break;
            case FaultKinds.Pause:
                node.Pause();
                Later(ResumeNode, node, 10);
                break;
            case FaultKinds.ApiAway:
                CutLine(node.Control);
                break;
            case FaultKinds.ApiErrors:
                Storm(node.Control);
                break;
        }
    }

    private void StepClock(NodeClock clock) =>
        clock.WallOffset = _random.Between(TimeSpan.FromMinutes(-5), TimeSpan.FromMinutes(5));

    private void TakeApiAway()
    {
        _cluster.Api.GoAway();
        Later(_random.Chance(0.5) ? ApiBackRestarted : ApiBack, null, _mostAwaySeconds);
    }

    // For a while the server has one kind of answer for nearly everything.
    private void Storm(ControlBox? box)
    {
        if (box is null)
            return;
        box.Line.Faults = _random.Next(4) switch
        {
            0 => _api with { ConflictChance = 0.9 },
            1 => _api with { TooManyChance = 0.9, RetryAfter = TimeSpan.FromSeconds(1 + _random.Next(10)) },
            2 => _api with { ServerErrorChance = 0.9 },
            _ => _api with { LostAnswerChance = 0.9 },
        };
        Later(StormEnds, box.Line, 20);
    }

    private void CutOneWay(SpeakerProcess node)
    {
        var from = node.Ports[_random.Next(node.Ports.Count)];
        var to = from.Segment.Ports[_random.Next(from.Segment.Ports.Count)];
        var (first, second) = _random.Chance(0.5) ? (from, to) : (to, from);
        from.Segment.SetBlocked(first, second, true);
        Later(WayBack, (first, second), 20);
    }

    private void SplitSegment(LanSegment segment)
    {
        segment.Split([.. segment.Ports.Where(_ => _random.Chance(0.5))]);
        Later(Whole, segment, 40);
    }

    private void CutLine(ControlBox? box)
    {
        if (box is null)
            return;
        box.Line.IsCut = true;
        Later(LineBack, box.Line, 30);
    }

    private void Later(int code, object? subject, int mostSeconds, int number = 0) => _world.After(
        _random.Between(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(mostSeconds)), this, code, (_round, subject, number));

    private void Next() => _world.After(
        _random.Between(TimeSpan.FromMilliseconds(100), _mostPause), this, Break, (_round, (object?)null, 0));

    private LanFaults DrawLan() => !Kinds.HasFlag(FaultKinds.Lan) ? LanFaults.None : new()
    {
        LossChance = _random.NextDouble() * 0.3,
        DuplicateChance = _random.NextDouble() * 0.2,
        MostDelay = _random.Between(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(300)),
    };

    private ApiFaults DrawApi()
    {
        var faults = ApiFaults.None;
        if (Kinds.HasFlag(FaultKinds.ApiErrors))
        {
            faults = faults with
            {
                MostDelay = _random.Between(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(400)),
                ConflictChance = _random.NextDouble() * 0.3,
                TooManyChance = _random.NextDouble() * 0.1,
                ServerErrorChance = _random.NextDouble() * 0.1,
                LostAnswerChance = _random.NextDouble() * 0.1,
                GoneChance = _random.NextDouble() * 0.3,
                StaleListChance = _random.NextDouble() * 0.3,
                LateWriteChance = _random.Chance(0.5) ? _random.NextDouble() * 0.1 : 0,
                TwiceChance = _random.NextDouble() * 0.05,
                MostPerPage = _random.Chance(0.5) ? 1 + _random.Next(5) : 0,
                RetryAfter = TimeSpan.FromSeconds(1 + _random.Next(5)),
            };
        }
        if (Kinds.HasFlag(FaultKinds.Watches))
        {
            faults = faults with
            {
                MostWatchDelay = _random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(3)),
                WatchCutChance = _random.NextDouble() * 0.1,
                WatchHangChance = _random.NextDouble() * 0.02,
                SlowWatchChance = _random.NextDouble() * 0.3,
                MostWatchLag = _random.Between(TimeSpan.Zero, TimeSpan.FromSeconds(20)),
            };
        }
        return faults;
    }
}
