using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Lab.Workloads;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// One run: a cluster, its users, its faults and its checkers, all from one seed. It goes in rounds. In the first part of a round users act
/// while things break (safety: nothing wrong may happen, whatever is broken); then users rest, everything is mended, and within a bound the
/// cluster must be exactly as a simple model says (liveness), and stay so. Checkers stand outside: they see the store, the wire and nothing
/// of the machines but their snapshots.
/// </summary>
public sealed class SimRun : IEventTarget
{
    /// <summary>How long after the last fault everything must be right at the latest: twice the longest back-off.</summary>
    public static readonly TimeSpan ConvergenceBound = TimeSpan.FromSeconds(60);

    /// <summary>How long two nodes may answer for one address when nothing is broken and nobody acts.</summary>
    public static readonly TimeSpan DoubleBound = TimeSpan.FromSeconds(3);

    private const int MostOpenRequests = 256;
    private const int Ask = 1;
    private const int Listen = 2;

    private static readonly TimeSpan AskSpacing = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestTime = TimeSpan.FromSeconds(8);

    // What mending itself sets in motion, such as nodes that are ready again, is no surprise yet.
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(5);

    private readonly SimOptions _options;
    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly LabCluster _cluster;
    private readonly Workload _workload;
    private readonly FaultMaker _faults;
    private readonly StoreMirror _mirror;
    private readonly AddressChecker _addresses;
    private readonly WireChecker _wire;
    private readonly RestChecker _rest;
    private readonly AwayChecker _away;
    private readonly SortedSet<IpAddress> _everSeen = [];
    private Instant _mendedAt;
    private Instant? _rightSince;
    private bool _isMended;
    private int _controllerWatches;
    private int _speakerWatches;
    private int _rounds;
    private TimeSpan _slowest;

    /// <summary>Builds the run; the machines are the product's unless a test brings others.</summary>
    public SimRun(SimOptions options, MachineFactory machines, Action<string>? traceSink = null)
    {
        _options = options;
        _world = new(options.Seed);
        _world.Trace.Sink = traceSink;
        _random = _world.Random.Fork("scenario");
        var nodes = options.Nodes > 0 ? options.Nodes : 2 + _random.Next(4);
        _cluster = new(_world, machines, nodes, _random.Chance(0.3) ? 2 : 1);
        _mirror = new(_cluster.Api);
        _addresses = new(_world, _mirror);
        _wire = new(_cluster, _addresses);
        _rest = new(_cluster, _mirror, _wire);
        _away = new(_cluster);
        _workload = new(_cluster, DrawWorkload());
        _faults = new(_cluster, options.Faults ?? DrawFaults());
        _addresses.Grace = GraceFor(_faults.Kinds);
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
            Assignments = _addresses.Assignments,
            OwnersCompared = _rest.OwnersCompared,
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
                _everSeen.UnionWith(service.Addresses.Where(address => address.IsIPv4));
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
        _mirror.Reopen();
        _cluster.Api.Written = _ => _mirror.Refresh();
        _cluster.Api.Restarted = _mirror.Reopen;
        _workload.Prepare();
        _cluster.Start();
        var clients = _cluster.Segments.Select((segment, i) => new ClientHost(
            _world, segment, $"client{i}", new MacAddress(0x02_EE_00_00_00_00UL + (ulong)i),
            IpAddress.V4(0xC0A80000 + 256 * (uint)(i + 1) + 100), Wanted, TimeSpan.FromSeconds(1))).ToList();
        _world.Trace.Line(_world.Now, "world", $"{_cluster.Nodes.Count} nodes, {clients.Count} segments, faults: {_faults.Kinds}");
        _world.After(AskSpacing, this, Ask);
    }

    private List<IpAddress> Wanted() =>
        [.. _mirror.Services.Objects.Values.SelectMany(service => service.Addresses).Where(address => address.IsIPv4).Distinct()];

    private void RunRound()
    {
        _rounds++;
        _isMended = false;
        _world.Trace.Line(_world.Now, "world", $"round {_rounds}");
        _workload.Begin();
        _faults.Begin();
        _world.RunUntil(_world.Now + _random.Between(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90)));
        _faults.End();
        _workload.Rest();
        (_mendedAt, _rightSince, _isMended) = (_world.Now, null, true);
        while (_world.Violation is null && (_rightSince is not { } since || _world.Now - since < RestTime))
            _world.RunUntil(_world.Now + TimeSpan.FromSeconds(1));
        if (_world.Violation is null && _rightSince!.Value - _mendedAt > _slowest)
            _slowest = _rightSince.Value - _mendedAt;
    }

    private void JudgeRest()
    {
        // Who still waits to reconnect acts on an old picture once more when it does.
        var isConnected = IsEverybodyConnected();
        if (_world.Now - _mendedAt < SettleTime)
            return;
        if (!isConnected && _rightSince is not null)
            return;
        var fault = isConnected ? _rest.FirstFault() : "not every process watches the API again";
        if (fault is null)
        {
            _rightSince ??= _world.Now;
            return;
        }
        if (_rightSince is not null)
            _world.Report("rest", $"everything was right and nobody acted, but then {fault}");
        else if (_world.Now - _mendedAt > ConvergenceBound)
            _world.Report("rest", $"{ConvergenceBound.TotalSeconds} s after the last fault {fault}");
    }

    private bool IsEverybodyConnected()
    {
        _controllerWatches = Math.Max(_controllerWatches, _cluster.Controller.Box!.Line.LivingWatches);
        foreach (var node in _cluster.Nodes)
            _speakerWatches = Math.Max(_speakerWatches, node.Control!.Line.LivingWatches);
        return _cluster.Controller.Box.Line.LivingWatches == _controllerWatches &&
            _cluster.Nodes.All(node => node.Control!.Line.LivingWatches == _speakerWatches);
    }

    private void JudgeDoubles()
    {
        if (_wire.LongestDouble is not { } found || _faults.IsActive)
            return;
        var quiet = _workload.LastAct > _mendedAt ? _workload.LastAct : _mendedAt;
        var bound = _faults.Kinds == FaultKinds.None ? DoubleBound : ConvergenceBound;
        var since = found.Since > quiet ? found.Since : quiet;
        if (_world.Now - since > bound)
            _world.Report("R2", $"two nodes have answered for {found.Address} since {found.Since}");
    }

    private void JudgeQueues()
    {
        foreach (var box in _cluster.Nodes.Select(node => node.Control).Append(_cluster.Controller.Box))
        {
            if (box?.Line.OpenRequests > MostOpenRequests)
                _world.Report("queues", $"{box.Name} has {box.Line.OpenRequests} requests open");
        }
    }

    // How old what a process acts on may be: nothing is in its way; it stood still or was restarted; its watches were silent or cut.
    private static TimeSpan GraceFor(FaultKinds kinds)
    {
        if ((kinds & (FaultKinds.ApiErrors | FaultKinds.Watches | FaultKinds.ApiAway)) != 0)
            return TimeSpan.FromSeconds(120);
        return TimeSpan.FromSeconds((kinds & (FaultKinds.Pause | FaultKinds.Crash)) != 0 ? 40 : 5);
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

    private WorkloadOptions DrawWorkload() => new()
    {
        MostServices = 4 + _random.Next(14),
        MostPause = _random.Between(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(8)),
        LocalShare = _random.NextDouble() * 0.5,
        DualShare = _random.NextDouble() * 0.4,
        RequestShare = _random.NextDouble() * 0.5,
        SharingShare = _random.NextDouble() * 0.6,
        ConfigurationShare = _random.NextDouble() * 0.6,
        InvalidShare = _random.NextDouble() * 0.3,
    };
}
