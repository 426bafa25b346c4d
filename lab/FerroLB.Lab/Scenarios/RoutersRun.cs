using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Routers;
using FerroLB.Lab.Workloads;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// A cluster and many routers for a long time. In the first part of a round users act while routers fail, misbehave and come back; in most
/// rounds that is all, and then the routers that are left alone must not notice: their sessions stay, and they learn what changes within
/// seconds. In the other rounds nodes, processes and the API server break too. Then everything is mended, and within a bound every router
/// must know exactly what the model says, and keep its sessions.
/// </summary>
public sealed class RoutersRun
{
    /// <summary>
    /// How long after the last fault every router must know what it must, at the latest: a node may take the longest hold time to find out
    /// that nobody is there, be held back for two minutes because of earlier errors, and have failed to connect a minute before.
    /// </summary>
    public static readonly TimeSpan ConvergenceBound = TimeSpan.FromMinutes(5);

    /// <summary>How long after the last act a router that is left alone must know what it must, whatever befalls others.</summary>
    public static readonly TimeSpan IsolationBound = TimeSpan.FromSeconds(10);

    private const FaultKinds ClusterFaults = FaultKinds.Partition | FaultKinds.Crash | FaultKinds.Pause | FaultKinds.ApiErrors |
        FaultKinds.Watches | FaultKinds.ApiAway | FaultKinds.Starvation;

    // A session that something befell may end when the longest hold time is over, though all routes are right until then.
    private static readonly TimeSpan SequelTime = TimeSpan.FromSeconds(100);

    private static readonly TimeSpan RestTime = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly RoutersOptions _options;
    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly LabCluster _cluster;
    private readonly Workload _workload;
    private readonly FaultMaker _faults;
    private readonly RouterFaultMaker _routerFaults;
    private readonly StoreMirror _mirror;
    private readonly PoolHistory _pools;
    private readonly AddressChecker _addresses;
    private readonly AllocationModel _allocation;
    private readonly RouteChecker _routes;
    private TimeSpan _slowest;
    private int _rounds;
    private int _watchedRounds;
    private long _sessionsWatched;

    /// <summary>Builds the run.</summary>
    public RoutersRun(RoutersOptions options, MachineFactory machines, Action<string>? traceSink = null)
    {
        _options = options;
        _world = new(options.Seed) { EventLimit = long.MaxValue };
        _world.Trace.Sink = traceSink;
        _random = _world.Random.Fork("scenario");
        var asn = RouterDraw.Asn(_random);
        _cluster = new(_world, machines, new(options.Nodes, 1)
        {
            Asn = asn,
            Routers = RouterDraw.Routers(_random, options.Peers, asn),
        });
        _mirror = new(_cluster.Api);
        _pools = new(_world) { YoungestStart = () => _cluster.Controllers.Max(controller => controller.StartedAt) };
        _addresses = new(_world, _mirror, _pools);
        _allocation = new(_mirror, _pools);
        _routes = new(_cluster, _mirror, _pools);
        _workload = new(_cluster, new()
        {
            MostServices = 20, MostPause = TimeSpan.FromSeconds(20), DualShare = 0.4, ConfigurationShare = 0.4, RouteShare = 0.7,
        });
        _faults = new(_cluster, ClusterFaults);
        _addresses.Grace = _pools.Blindness = _faults.LongestBlindness;
        _routerFaults = new(_cluster, TimeSpan.FromSeconds(10), mostSeconds: 60);
    }

    /// <summary>Runs to the end or to the first violation.</summary>
    public RoutersResult Run()
    {
        Prepare();
        var end = Instant.Zero + _options.Duration;
        while (_world.Violation is null && _world.Now < end)
            RunRound();
        var faults = new SortedDictionary<RouterFault, int>();
        foreach (var (fault, count) in _cluster.Routers.SelectMany(router => router.FaultCounts))
            faults[fault] = faults.GetValueOrDefault(fault) + count;
        return new()
        {
            Violation = _world.Violation,
            Tail = _world.Violation is null ? [] : [.. _world.Trace.Tail(60)],
            Rounds = _rounds,
            WatchedRounds = _watchedRounds,
            SessionsWatched = _sessionsWatched,
            Attempts = _cluster.Tcp!.Attempts,
            Established = _cluster.Routers.Sum(router => router.SessionsEstablished),
            Ended = Ended(_cluster.Routers),
            Updates = _cluster.Routers.Sum(router => router.Updates),
            AnsweredFaults = _cluster.Routers.Sum(router => router.AnsweredFaults),
            RoutesCompared = _routes.RoutesCompared,
            WidestSpread = _routes.WidestSpread,
            SlowestConvergence = _slowest,
            Faults = faults,
            Events = _world.EventCount,
            TraceHash = _world.Trace.Hash,
        };
    }

    private static long Ended(IEnumerable<ModelRouter> routers) => routers.Sum(router => router.SessionsEnded);

    private void Prepare()
    {
        _workload.Define();
        Reopen();
        _cluster.Api.Written = user =>
        {
            _addresses.Writer = user;
            _routes.Mirror.Refresh();
            _mirror.Refresh();
        };
        _cluster.Api.Restarted = () =>
        {
            _addresses.Writer = "";
            Reopen();
        };
        _workload.Prepare();
        _cluster.Start();
        Converge();
    }

    private void Reopen()
    {
        _routes.Mirror.Reopen();
        _mirror.Reopen();
    }

    private void RunRound()
    {
        _rounds++;
        foreach (var node in _cluster.Nodes)
            _cluster.StartNode(node);
        var victims = _cluster.Routers.Where(_ => _random.Chance(0.4)).ToList();
        var busy = _random.Between(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(4));
        _world.Trace.Line(_world.Now, "world", $"round {_rounds}, {victims.Count} routers may fail");
        if (_random.Chance(0.6))
            RunWatched(victims, busy);
        else
        {
            _workload.Begin();
            _routerFaults.Begin(victims);
            _faults.Begin();
            _world.RunUntil(_world.Now + busy);
            _faults.End();
            _workload.Rest();
        }
        _routerFaults.End();
        Converge();
    }

    private void RunWatched(IReadOnlyList<ModelRouter> victims, TimeSpan busy)
    {
        _watchedRounds++;
        Converge();
        _world.RunUntil(_world.Now + SequelTime);
        var spared = _cluster.Routers.Except(victims).ToList();
        // Labels of nodes decide about the others, and may change.
        var watched = spared.Where(router => _routes.Mirror.Peers.Any(peer =>
            peer.Name == router.Plan.Name && peer.NodeSelectors.Count == 0)).ToList();
        _workload.SparedRouters = [.. spared.Select(router => router.Plan.Name)];
        var ended = watched.ConvertAll(router => router.SessionsEnded);
        _sessionsWatched += watched.Sum(router => router.Neighbours.Count());
        _workload.Begin();
        _routerFaults.Begin(victims);
        _world.RunUntil(_world.Now + busy);
        _workload.Rest();
        _world.RunUntil(_world.Now + IsolationBound);
        _workload.SparedRouters = [];
        for (var i = 0; i < watched.Count; i++)
        {
            if (watched[i].SessionsEnded != ended[i])
                _world.Report("isolation", $"{watched[i].Plan.Name} lost a session while only other routers failed");
            if (_routes.FirstFault(watched[i]) is { } fault)
                _world.Report("isolation", $"{IsolationBound.TotalSeconds} s after the last act, while only other routers fail, {fault}");
        }
    }

    // Everything is mended: it becomes right in time, and then stays so.
    private void Converge()
    {
        var mendedAt = _world.Now;
        while (_world.Violation is null)
        {
            AwaitRight(mendedAt);
            _slowest = _world.Now - mendedAt > _slowest ? _world.Now - mendedAt : _slowest;
            var ended = Ended(_cluster.Routers);
            var isSequel = _world.Now - mendedAt < SequelTime;
            _world.RunUntil(_world.Now + RestTime);
            var wrong = WhatIsLeft() ?? (Ended(_cluster.Routers) == ended ? null : "a session ended");
            if (wrong is null)
                break;
            if (!isSequel)
                _world.Report("R3", $"everything was right and nobody acted, but then {wrong}");
        }
        _routes.NoteSpread();
    }

    private void AwaitRight(Instant mendedAt)
    {
        while (_world.Violation is null && WhatIsLeft() is { } left)
        {
            if (_world.Now - mendedAt > ConvergenceBound)
                _world.Report("R3", $"{ConvergenceBound.TotalSeconds} s after the last fault {left}");
            _world.RunUntil(_world.Now + Look);
        }
    }

    private string? WhatIsLeft() =>
        IsEverybodyConnected() ? _allocation.FirstFault() ?? _routes.FirstFault() : "not every process watches the API again";

    private bool IsEverybodyConnected() => _cluster.Api.LateWrites == 0 && _cluster.Boxes.All(box => box.Line.IsWatching);
}
