using System;
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

    private static readonly FaultKinds[] Sudden =
        [FaultKinds.Partition, FaultKinds.Crash, FaultKinds.Pause, FaultKinds.ApiAway, FaultKinds.Clock];

    private readonly LabCluster _cluster;
    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly TimeSpan _mostPause;
    private readonly LanFaults _lan;
    private readonly ApiFaults _api;
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
    }

    /// <summary>What may go wrong.</summary>
    public FaultKinds Kinds { get; }

    /// <summary>Whether something is made to go wrong at present.</summary>
    public bool IsActive => _isActive && Kinds != FaultKinds.None;

    /// <summary>Begins to break things.</summary>
    public void Begin()
    {
        _isActive = true;
        _round++;
        foreach (var segment in _cluster.Segments)
            segment.Faults = _lan;
        _cluster.SetApiFaults(_api);
        Next();
    }

    /// <summary>Stops breaking things and mends everything.</summary>
    public void End()
    {
        _isActive = false;
        _round++;
        _cluster.Heal();
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        var (round, subject, number) = ((int, object?, int))payload!;
        if (round != _round)
            return;
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
            case StartController:
                _cluster.Controller.Start();
                _cluster.SetApiFaults(_api);
                break;
            case ResumeNode:
                ((SpeakerProcess)subject!).Resume();
                break;
            case ResumeController:
                _cluster.Controller.Resume();
                break;
            case ApiBack or ApiBackRestarted:
                _cluster.Api.ComeBack(code == ApiBackRestarted);
                break;
            case LineBack:
                ((ApiLine)subject!).IsCut = false;
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
        var node = _cluster.Nodes[_random.Next(_cluster.Nodes.Count)];
        var kind = Sudden[_random.Next(Sudden.Length)];
        switch (Kinds & kind)
        {
            case FaultKinds.Partition when _random.Chance(0.5):
                var port = _random.Next(node.Ports.Count);
                node.SetCarrier(port, false);
                Later(CarrierBack, node, 20, port);
                break;
            case FaultKinds.Partition:
                CutOneWay(node);
                break;
            case FaultKinds.Crash when _random.Chance(0.4):
                _cluster.Controller.Crash();
                Later(StartController, null, 15);
                break;
            case FaultKinds.Crash:
                _cluster.CrashNode(node);
                Later(StartNode, node, 30);
                break;
            case FaultKinds.Pause when _random.Chance(0.4):
                _cluster.Controller.Pause();
                Later(ResumeController, null, 10);
                break;
            case FaultKinds.Pause:
                node.Pause();
                Later(ResumeNode, node, 10);
                break;
            case FaultKinds.ApiAway when _random.Chance(0.5):
                CutLine(_random.Chance(0.3) ? _cluster.Controller.Box : node.Control);
                break;
            case FaultKinds.ApiAway:
                _cluster.Api.GoAway();
                Later(_random.Chance(0.5) ? ApiBackRestarted : ApiBack, null, 30);
                break;
            case FaultKinds.Clock:
                node.Clock.WallOffset = _random.Between(TimeSpan.FromMinutes(-5), TimeSpan.FromMinutes(5));
                break;
        }
    }

    private void CutOneWay(SpeakerProcess node)
    {
        var from = node.Ports[_random.Next(node.Ports.Count)];
        var to = from.Segment.Ports[_random.Next(from.Segment.Ports.Count)];
        var (first, second) = _random.Chance(0.5) ? (from, to) : (to, from);
        from.Segment.SetBlocked(first, second, true);
        Later(WayBack, (first, second), 20);
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
            };
        }
        if (Kinds.HasFlag(FaultKinds.Watches))
        {
            faults = faults with
            {
                MostWatchDelay = _random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(3)),
                WatchCutChance = _random.NextDouble() * 0.1,
                WatchHangChance = _random.NextDouble() * 0.02,
            };
        }
        return faults;
    }
}
