using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Lab.Routers;
using FerroLB.Lab.Workloads;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// One run: a cluster, its users, its faults and its checkers, all from one seed. It goes in rounds. In the first part of a round users act
/// while things break (safety: nothing wrong may happen, whatever is broken); then users rest, everything is mended, and within a bound the
/// cluster must be exactly as a simple model says (liveness), and stay so. Then users act one at a time, and after each act the cluster
/// must come to rest within seconds, and what changed must be exactly what the act justifies. Checkers stand outside: they see the store,
/// the wire and nothing of the machines but their snapshots.
/// </summary>
public sealed class SimRun : IEventTarget
{
    /// <summary>
    /// How long after the last fault everything must be right at the latest: twice the longest back-off, and speakers that lost each
    /// other for long try each other's Pods every minute.
    /// </summary>
    public static readonly TimeSpan ConvergenceBound = TimeSpan.FromSeconds(75);

    /// <summary>
    /// How long two nodes may answer for one address when nothing is broken: a move is over when the new owner is heard, or after a
    /// second. The probers ask every two seconds, so nobody may be found twice.
    /// </summary>
    public static readonly TimeSpan DoubleBound = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// How long two nodes may answer for one address after the network and the processes are whole again, when the API server was there
    /// all the time and owners send heartbeats: they hear each other within an interval, and a process that stood still does not answer
    /// before it has decided anew, which takes five seconds at most.
    /// </summary>
    public static readonly TimeSpan HealedBound = TimeSpan.FromSeconds(8);

    /// <summary>
    /// How long after the last fault every router must know what it must: sessions that failed often are held back for up to two minutes.
    /// </summary>
    public static readonly TimeSpan RoutesBound = TimeSpan.FromMinutes(4);

    /// <summary>
    /// How long after a single act everything must be right when nothing is broken; so long may what became free stay unused.
    /// </summary>
    public static readonly TimeSpan StepBound = TimeSpan.FromSeconds(5);

    /// <summary>How long after a single act that is about sessions every router must know what it must.</summary>
    public static readonly TimeSpan SessionStepBound = TimeSpan.FromSeconds(20);

    private const int MostOpenRequests = 256;
    private const int MostSteps = 8;
    private const int Ask = 1;
    private const int Listen = 2;

    private static readonly TimeSpan AskSpacing = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestTime = TimeSpan.FromSeconds(8);

    // What mending itself sets in motion, such as nodes that are ready again, is no surprise yet.
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(5);

    // A session that something befell may end when its hold time is over, though all routes are right until then.
    private static readonly TimeSpan SessionSettleTime = TimeSpan.FromSeconds(15);

    // What a statement says may still be put into other words when the addresses are right; what failed before may wait to be repeated.
    private static readonly TimeSpan WordsTime = TimeSpan.FromSeconds(2);

    private readonly SimOptions _options;
    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly LabCluster _cluster;
    private readonly Workload _workload;
    private readonly FaultMaker _faults;
    private readonly RouterFaultMaker? _routerFaults;
    private readonly StoreMirror _mirror;
    private readonly PoolHistory _pools;
    private readonly AddressChecker _addresses;
    private readonly LeaderChecker _leaders;
    private readonly WireChecker _wire;
    private readonly RestChecker _rest;
    private readonly AwayChecker _away;
    private readonly SortedSet<IpAddress> _everSeen = [];
    private Instant _mendedAt;
    private Instant? _rightSince;
    private bool _isMended;
    private int _rounds;
    private int _steps;
    private long _writesAtRest;
    private TimeSpan _slowest;

    /// <summary>Builds the run; the machines are the product's unless a test brings others.</summary>
    public SimRun(SimOptions options, MachineFactory machines, Action<string>? traceSink = null)
    {
        _options = options;
        _world = new(options.Seed);
        _world.Trace.Sink = traceSink;
        _random = _world.Random.Fork("scenario");
        var plan = DrawCluster();
        _cluster = new(_world, machines, plan);
        _mirror = new(_cluster.Api, plan.LoadBalancerClass);
        _pools = new(_world) { YoungestStart = () => _cluster.Controllers.Max(controller => controller.StartedAt) };
        _addresses = new(_world, _mirror, _pools);
        _leaders = new(_world, _mirror);
        if (plan.Elects)
            _addresses.Given = _leaders.NoteGift;
        _wire = new(_cluster, _addresses);
        _rest = new(_cluster, _mirror, _pools, _wire);
        _workload = new(_cluster, DrawWorkload(plan.LoadBalancerClass));
        _faults = new(_cluster, options.Faults ?? DrawFaults());
        if (_cluster.Routers.Count > 0 && _faults.Kinds != FaultKinds.None)
            _routerFaults = new(_cluster, TimeSpan.FromSeconds(15), mostSeconds: 30);
        _away = new(_cluster, () => _faults.DisturbedAt);
        _addresses.Grace = _pools.Blindness = _faults.LongestBlindness;
    }

    /// <summary>The cluster, for tests that interfere.</summary>
    public LabCluster Cluster => _cluster;

    /// <summary>Runs to the end or to the first violation.</summary>
    public SimResult Run()
    {
        Prepare();
        var end = Instant.FromSeconds(60L * _options.Minutes);
        while (_world.Violation is null && _world.Now < end)
            RunRound();
        return new()
        {
            Seed = _options.Seed,
            TraceHash = _world.Trace.Hash,
            Events = _world.EventCount,
            Violation = _world.Violation,
            Tail = _world.Violation is null ? [] : [.. _world.Trace.Tail(60)],
            Rounds = _rounds,
            Steps = _steps,
            Assignments = _addresses.Assignments,
            LeaderChanges = _leaders.Changes,
            LateGifts = _leaders.LateGifts,
            OwnersCompared = _rest.OwnersCompared,
            RoutesCompared = _rest.Routes?.RoutesCompared ?? 0,
            SlowestConvergence = _slowest,
            Faults = _faults.Kinds,
        };
    }

    /// <summary>Every two seconds the probers ask for every address that ever was; a second later their answers are judged.</summary>
    public void Fire(int code, object? payload)
    {
        if (code == Ask)
        {
            foreach (var service in _mirror.Services.Objects.Values)
                _everSeen.UnionWith(service.Addresses);
            foreach (var prober in _cluster.Probers)
                prober.Ask(_everSeen);
            _world.After(AnswerTime, this, Listen);
            _world.After(AskSpacing, this, Ask);
            return;
        }
        _wire.NoteAnswers();
        JudgeDoubles();
        JudgeQueues();
        _away.Judge();
        if (_isMended)
            JudgeRest();
    }

    private void Prepare()
    {
        _workload.Define();
        Reopen();
        _cluster.Api.Written = user =>
        {
            _addresses.Writer = user;
            _rest.Routes?.Mirror.Refresh();
            _mirror.Refresh();
        };
        _cluster.Api.Restarted = () =>
        {
            _addresses.Writer = "";
            Reopen();
        };
        _workload.Prepare();
        _cluster.Start();
        var clients = _cluster.Segments.Select((segment, i) => new ClientHost(
            _world, segment, $"client{i}", new MacAddress(0x02_EE_00_00_00_00UL + (ulong)i),
            LabAddress.Client(i), Wanted, TimeSpan.FromSeconds(1))).ToList();
        _world.Trace.Line(
            _world.Now, "world",
            $"{_cluster.Controllers.Count} controllers, {_cluster.Nodes.Count} nodes, {clients.Count} segments, faults: {_faults.Kinds}");
        _world.After(AskSpacing, this, Ask);
    }

    private void Reopen()
    {
        _rest.Routes?.Mirror.Reopen();
        _mirror.Reopen();
    }

    private List<IpAddress> Wanted() =>
        [.. _mirror.Services.Objects.Values.SelectMany(service => service.Addresses).Distinct()];

    private void RunRound()
    {
        _rounds++;
        _isMended = false;
        _world.Trace.Line(
            _world.Now, "world", $"round {_rounds}");
        _workload.Begin();
        _faults.Begin();
        _routerFaults?.Begin(_cluster.Routers);
        _world.RunUntil(_world.Now + _random.Between(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90)));
        _routerFaults?.End();
        _faults.End();
        _workload.Rest();
        (_mendedAt, _rightSince, _isMended) = (_world.Now, null, true);
        while (_world.Violation is null && (_rightSince is not { } since || _world.Now - since < RestTime))
            _world.RunUntil(_world.Now + TimeSpan.FromSeconds(1));
        if (_world.Violation is null && _rightSince!.Value - _mendedAt > _slowest)
            _slowest = _rightSince.Value - _mendedAt;
        _isMended = false;
        _addresses.Grace = StepBound;
        for (var steps = _random.Next(MostSteps); steps > 0 && _world.Violation is null; steps--)
            RunStep();
        _addresses.Grace = _faults.LongestBlindness;
    }

    private void RunStep()
    {
        _steps++;
        var before = _rest.Allocation.Picture();
        var sessions = _rest.Routes?.Sessions;
        var begun = _world.Now;
        _workload.ActOnce();
        Await(_rest.Allocation.FirstFault, begun, StepBound);
        if (_rest.Routes is { } routes)
            Await(() => routes.FirstFault(), begun, routes.Sessions == sessions ? StepBound : SessionStepBound);
        _world.RunUntil(_world.Now + TimeSpan.FromSeconds(0.5));
        var checker = new StepChecker(before, _rest.Allocation.Picture(), service => _addresses.WasHandledSince(service, begun));
        if ((_rest.Allocation.FirstFault() ?? checker.FirstFault()) is { } wrong)
            _world.Report("step", $"after a single act {wrong}");
    }

    private void Await(Func<string?> wrong, Instant begun, TimeSpan bound)
    {
        string? fault;
        do
        {
            _world.RunUntil(_world.Now + TimeSpan.FromSeconds(0.5));
            fault = wrong();
        }
        while (_world.Violation is null && fault is not null && _world.Now - begun < bound);
        if (fault is not null)
            _world.Report("step", $"{bound.TotalSeconds} s after a single act {fault}");
    }

    private void JudgeRest()
    {
        // Who still waits to reconnect acts on an old picture once more when it does.
        var isConnected = IsEverybodyConnected();
        if (_world.Now - _mendedAt < SettleTime)
            return;
        if (!isConnected && _rightSince is not null)
            return;
        var fault = isConnected ? _rest.FirstFault() : NotConnected();
        if (fault is null && _rightSince is null)
            fault = _rest.OpenSuspicion();
        var bound = fault is null ? RoutesBound : ConvergenceBound;
        if (fault is null && _rest.Routes?.FirstFault() is { } routeFault)
        {
            fault = routeFault;
            if (_world.Now - _mendedAt < SessionSettleTime)
                _rightSince = null;
        }
        if (fault is null)
        {
            // Routes may become right only when all else is to be quiet already.
            var isNew = _rightSince is null;
            _rightSince ??= _world.Now;
            var quietFrom = _faults.Kinds == FaultKinds.None ? _rightSince.Value + WordsTime : _mendedAt + ConvergenceBound;
            if (isNew || _world.Now < quietFrom)
                _writesAtRest = _addresses.Writes;
            else if (_addresses.Writes != _writesAtRest)
                _world.Report("rest", "a controller writes statuses although everything is right and nobody acts");
            return;
        }
        if (_rightSince is not null)
            _world.Report("rest", $"everything was right and nobody acted, but then {fault}");
        else if (_world.Now - _mendedAt > bound)
            _world.Report("rest", $"{bound.TotalSeconds} s after the last fault {fault}");
    }

    private string NotConnected() => $"not every process watches the API again: " + string.Join(", ", _cluster.Boxes.Select(box =>
        $"{box.Name} has {box.Line.LivingWatches} watches")) + $", {_cluster.Api.LateWrites} writes are on their way";

    private bool IsEverybodyConnected() => _cluster.Api.LateWrites == 0 && _cluster.Boxes.All(box => box.Line.IsWatching) &&
        _cluster.Controllers.All(controller => controller.Box is not null);

    private void JudgeDoubles()
    {
        if (_wire.LongestDouble() is not { } found || _faults.IsActive)
            return;
        var quiet = _workload.LastAct > _mendedAt ? _workload.LastAct : _mendedAt;
        var bound = _faults.Kinds == FaultKinds.None ? DoubleBound : IsOnlyTheNetwork ? HealedBound : ConvergenceBound;
        var since = found.Since > quiet ? found.Since : quiet;
        if (_world.Now - since > bound)
            _world.Report("R2", $"two nodes have answered for {found.Address} since {found.Since}");
    }

    private bool IsOnlyTheNetwork => _cluster.Plan.HeartbeatInterval > TimeSpan.Zero &&
        (_faults.Kinds & (FaultKinds.ApiErrors | FaultKinds.ApiAway | FaultKinds.Watches)) == FaultKinds.None;

    private void JudgeQueues()
    {
        foreach (var box in _cluster.Boxes)
        {
            if (box.Line.OpenRequests > MostOpenRequests)
                _world.Report("queues", $"{box.Name} has {box.Line.OpenRequests} requests open");
        }
    }

    private ClusterPlan DrawCluster()
    {
        // Half of the runs leave the speakers out: more of their events are about addresses, and they are quicker.
        var nodes = _options.Nodes ?? (_random.Chance(0.5) ? 0 : 2 + _random.Next(4));
        var segments = _random.Chance(0.3) ? 2 : 1;
        var controllers = _options.Controllers ?? (_random.Chance(0.5) ? 1 : _random.Chance(0.8) ? 2 : 3);
        var elects = controllers > 1 || _random.Chance(0.2);
        var loadBalancerClass = _random.Chance(0.15) ? Workload.OwnClass : "";
        // A few runs are those of operators who switched membership off.
        var hasMembership = _random.Chance(0.85);
        return DrawRouters(new(nodes, segments, controllers, elects, loadBalancerClass, hasMembership)
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(_random.Chance(0.1) ? 0 : 100),
        });
    }

    // In a third of the runs with nodes there are routers too.
    private ClusterPlan DrawRouters(ClusterPlan plan)
    {
        var random = _world.Random.Fork("routers");
        var count = _options.Routers ?? (plan.Nodes > 0 && random.Chance(0.35) ? 1 + random.Next(3) : 0);
        if (count == 0)
            return plan;
        var asn = RouterDraw.Asn(random);
        return plan with { Asn = asn, Routers = RouterDraw.Routers(random, count, asn) };
    }

    private FaultKinds DrawFaults()
    {
        if (_random.Chance(0.1))
            return FaultKinds.None;
        var kinds = FaultKinds.None;
        for (var bit = 1; bit < (int)FaultKinds.All; bit <<= 1)
        {
            if (_random.Chance(0.5))
                kinds |= (FaultKinds)bit;
        }
        return kinds;
    }

    private WorkloadOptions DrawWorkload(string ourClass) => new()
    {
        OurClass = ourClass,
        MostServices = 4 + _random.Next(14),
        MostPause = _random.Between(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(8)),
        LocalShare = _random.NextDouble() * 0.5,
        DualShare = _random.NextDouble() * 0.4,
        RequestShare = _random.NextDouble() * 0.5,
        SharingShare = _random.NextDouble() * 0.6,
        ConfigurationShare = _random.NextDouble() * 0.6,
        InvalidShare = _random.NextDouble() * 0.3,
        RouteShare = _cluster.Routers.Count > 0 ? 0.6 : 0.3,
        HoldSeconds = [3, 9],
    };
}
