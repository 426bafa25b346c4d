using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core;
using FerroLB.Core.Kube;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Workloads;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// A large cluster with plain Services, users and every fault, in rounds like <see cref="SimRun"/>'s, and with checkers whose cost grows
/// with the cluster and not with its square: no address is in two statuses, none is taken from a Service that lives, and at rest each is
/// announced by exactly the node that wins the election among those that live.
/// </summary>
public sealed class ScaleRun : IEventTarget
{
    /// <summary>How long after the last fault everything must be right at the latest.</summary>
    public static readonly TimeSpan ConvergenceBound = TimeSpan.FromSeconds(90);

    private const string Namespace = "default";
    private const int EndpointsPerService = 3;

    private static readonly TimeSpan StartBound = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan MostPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly ScaleOptions _options;
    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly LabCluster _cluster;
    private readonly StoreMirror _mirror;
    private readonly KubeUser _user;
    private readonly FaultMaker _faults;
    private readonly SortedDictionary<IpAddress, ObjectKey> _holders = [];
    private readonly List<string> _services = [];
    private bool _isBusy;
    private int _created;
    private int _rounds;
    private long _acts;
    private long _ownersCompared;
    private TimeSpan _slowest;

    /// <summary>Builds the run.</summary>
    public ScaleRun(ScaleOptions options, MachineFactory machines)
    {
        _options = options;
        _world = new(options.Seed) { EventLimit = long.MaxValue };
        _random = _world.Random.Fork("scenario");
        _cluster = new(_world, machines, new(options.Nodes, 1, Controllers: 2, Elects: true, HasMembership: true)
        {
            HeartbeatInterval = options.HeartbeatInterval,
        });
        _mirror = new(_cluster.Api);
        _user = new(_cluster.Api, "user");
        _faults = new(_cluster, options.Faults);
    }

    /// <summary>Runs to the end or to the first violation.</summary>
    public ScaleResult Run()
    {
        Prepare();
        var isRight = WaitUntilRight(StartBound);
        TimeSpan? start = isRight ? _world.Now - Instant.Zero : null;
        var end = _world.Now + TimeSpan.FromMinutes(_options.Minutes);
        while (isRight && _world.Violation is null && _world.Now < end)
            RunRound();
        return new()
        {
            Start = start,
            Rounds = _rounds,
            SlowestConvergence = _slowest,
            OwnersCompared = _ownersCompared,
            Acts = _acts,
            Time = _world.Now - Instant.Zero,
            Events = _world.EventCount,
            TraceHash = _world.Trace.Hash,
            Violation = _world.Violation,
        };
    }

    /// <summary>A user acts.</summary>
    public void Fire(int code, object? payload)
    {
        if (!_isBusy)
            return;
        if (!_cluster.Api.IsAway)
            Act();
        _world.After(_random.Between(TimeSpan.Zero, MostPause), this);
    }

    private void Prepare()
    {
        new Workload(_cluster, new()).Define();
        _user.Create(KubeResource.Namespaces, LabObjects.Namespace(LabObjects.SystemNamespace, "a"));
        _user.Create(KubeResource.IpAddressPools, LabObjects.Pool("pool", "gold", ["10.32.0.0/15"]));
        _user.Create(KubeResource.L2Advertisements, LabObjects.Advertisement("adv"));
        for (var i = 0; i < _options.Services; i++)
            CreateService();
        _mirror.Services.Changed = Judge;
        _mirror.Reopen();
        _cluster.Api.Written = _ => _mirror.Refresh();
        _cluster.Api.Restarted = _mirror.Reopen;
        _cluster.Start();
    }

    private void CreateService()
    {
        var name = $"svc-{_created++}";
        _services.Add(name);
        _user.Create(KubeResource.Services, LabObjects.Service(Namespace, name, "web", [("TCP", 80)]));
        _user.Create(KubeResource.EndpointSlices, LabObjects.Slice(Namespace, name, SomeEndpoints()));
    }

    private List<(string Node, bool Ready)> SomeEndpoints()
    {
        var (first, nodes) = (_random.Next(_cluster.Nodes.Count), _cluster.Nodes);
        return [.. Enumerable.Range(first, EndpointsPerService).Select(number => (nodes[number % nodes.Count].Name, true))];
    }

    private void Act()
    {
        _acts++;
        var place = _random.Next(_services.Count);
        var name = _services[place];
        switch (_random.Next(3))
        {
            case 0:
                _user.Edit(
                    KubeResource.EndpointSlices, Namespace, name + "-1",
                    slice => slice["endpoints"] = LabObjects.Endpoints(SomeEndpoints()));
                break;
            case 1:
                _user.Edit(KubeResource.Services, Namespace, name, service =>
                    LabObjects.Part((JsonObject)service["metadata"]!, "labels")["round"] = $"{_rounds}");
                break;
            default:
                _user.Delete(KubeResource.Services, Namespace, name);
                _user.Delete(KubeResource.EndpointSlices, Namespace, name + "-1");
                _services.RemoveAt(place);
                CreateService();
                break;
        }
    }

    private void RunRound()
    {
        _rounds++;
        _isBusy = true;
        _world.After(TimeSpan.Zero, this);
        _faults.Begin();
        _world.RunUntil(_world.Now + _random.Between(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(90)));
        _faults.End();
        _isBusy = false;
        var mended = _world.Now;
        if (WaitUntilRight(ConvergenceBound) && _world.Now - mended > _slowest)
            _slowest = _world.Now - mended;
    }

    private bool WaitUntilRight(TimeSpan bound)
    {
        var start = _world.Now;
        while (true)
        {
            _world.RunUntil(_world.Now + Look);
            if (_world.Violation is not null)
                return false;
            if (FirstFault() is not { } fault)
                return true;
            if (_world.Now - start < bound)
                continue;
            _world.Report("rest", $"{bound.TotalSeconds} s after the last fault {fault}");
            return false;
        }
    }

    // A status that loses its address although the Service lives, or names one that another Service has.
    private void Judge(ServiceView? before, ServiceView? after)
    {
        foreach (var address in before?.Addresses ?? [])
            _holders.Remove(address);
        if (after is not null && before?.Uid == after.Uid && before.Addresses.Except(after.Addresses).Any())
            _world.Report("R1", $"{after.Key} lost {before.Addresses[0]}");
        foreach (var address in after?.Addresses ?? [])
        {
            if (!_holders.TryAdd(address, after!.Key))
                _world.Report("R1", $"{after.Key} was given {address}, which {_holders[address]} has");
        }
    }

    private string? FirstFault()
    {
        var announcers = new SortedDictionary<IpAddress, List<string>>();
        foreach (var node in _cluster.Nodes)
        {
            foreach (var address in node.Announced())
            {
                if (!announcers.TryGetValue(address, out var names))
                    announcers[address] = names = [];
                names.Add(node.Name);
            }
        }
        var living = _cluster.Nodes.Where(node => node.Control is not null).Select(node => node.Name).ToList();
        foreach (var service in _mirror.Services.Objects.Values.Where(service => service.IsOurs))
        {
            if (service.Addresses.Count != 1)
                return $"{service.Key} has {service.Addresses.Count} addresses";
            var address = service.Addresses[0];
            var winner = living.MinBy(name => HashOf(name, address), ByteOrder.Instance);
            if (!announcers.Remove(address, out var names) || names.Count != 1 || names[0] != winner)
                return $"{address} is announced by {(names is null ? "nobody" : string.Join(" and ", names))} instead of {winner}";
            _ownersCompared++;
        }
        return announcers.Count == 0 ? null : $"{announcers.First().Key} is announced although no Service has it";
    }

    private static byte[] HashOf(string node, IpAddress address) => StableHash.Sha256($"{node}#{address}");

    private sealed class ByteOrder : IComparer<byte[]>
    {
        public static readonly ByteOrder Instance = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
