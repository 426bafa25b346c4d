using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Workloads;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// A cluster in which nothing breaks unasked, and a client that asks for every address again and again. Three stories: operators move
/// addresses (labels, conditions and preferences of nodes, endpoints) and take it back; every speaker is restarted, and the controllers;
/// the API server is away for an hour, in the middle of which a node loses power, and comes back. Somebody must answer at every moment, but
/// for the addresses of the node that died, until another one took over; and when the API server is back nobody may storm it.
/// </summary>
public sealed class GapsRun
{
    /// <summary>How long the addresses of a node that lost power may be dark, the client's own spacing included.</summary>
    public static readonly TimeSpan TakeOverBound = TimeSpan.FromMilliseconds(500);

    /// <summary>How soon everybody must watch again after the API server is back: the longest back-off, and some room.</summary>
    public static readonly TimeSpan ReturnBound = TimeSpan.FromSeconds(40);

    /// <summary>The most requests of one process in the first minute after the API server is back: a list and a watch for each kind, one
    /// more try of each, and what it wants to write.</summary>
    public const long MostRequestsOnReturn = 80;

    private const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";
    private const string HostLabel = "kubernetes.io/hostname";
    private const string Advertisement = "adv";
    private const int KindsOfMoves = 5;

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MoveTime = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RestartTime = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);

    private readonly GapsOptions _options;
    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly LabCluster _cluster;
    private readonly StoreMirror _mirror;
    private readonly KubeUser _operator;
    private readonly GapChecker _gaps;

    /// <summary>Builds the run; the machines are the product's unless a test brings others.</summary>
    public GapsRun(GapsOptions options, MachineFactory machines, Action<string>? traceSink = null)
    {
        _options = options;
        _world = new(options.Seed) { EventLimit = long.MaxValue };
        _world.Trace.Sink = traceSink;
        _random = _world.Random.Fork("scenario");
        var plan = new ClusterPlan(Math.Max(3, options.Nodes), 1, Controllers: 2, Elects: true, HasMembership: true)
        {
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
        };
        _cluster = new(_world, machines, plan);
        _mirror = new(_cluster.Api);
        _operator = new(_cluster.Api, "operator");
        _gaps = new(_world, _cluster.Probers[0]);
    }

    /// <summary>The hash over every input and output.</summary>
    public ulong TraceHash => _world.Trace.Hash;

    /// <summary>Events that happened.</summary>
    public long Events => _world.EventCount;

    /// <summary>A broken promise that others than the client saw; null for none.</summary>
    public Violation? Violation => _world.Violation;

    /// <summary>Runs to the end.</summary>
    public IReadOnlyList<GapsStory> Run()
    {
        Prepare();
        return [Move(), Restart(), StayWithoutApi()];
    }

    private void Prepare()
    {
        new Workload(_cluster, new()).Define();
        _operator.Create(KubeResource.Namespaces, LabObjects.Namespace(LabObjects.SystemNamespace, "a"));
        _operator.Create(KubeResource.IpAddressPools, LabObjects.Pool("pool", "gold", ["10.20.0.0/24"]));
        _operator.Create(KubeResource.L2Advertisements, LabObjects.Advertisement(Advertisement));
        for (var i = 0; i < _options.Services; i++)
            CreateService(i);
        _cluster.Start();
        Pass(StartTime);
    }

    // Every third one is Local, with endpoints on two nodes; the others have some everywhere.
    private void CreateService(int number)
    {
        var name = $"svc-{number}";
        var service = LabObjects.Service("default", name, "web", [("TCP", 80)]);
        if (IsLocal(number))
            LabObjects.Part(service, "spec")["externalTrafficPolicy"] = "Local";
        _operator.Create(KubeResource.Services, service);
        var nodes = IsLocal(number) ? LocalNodes(number, 0) : _cluster.Nodes.Select(node => (node.Name, true));
        _operator.Create(KubeResource.EndpointSlices, LabObjects.Slice("default", name, nodes));
    }

    private static bool IsLocal(int number) => number % 3 == 2;

    private IEnumerable<(string Node, bool Ready)> LocalNodes(int number, int shift) =>
        [(NameOf(number + shift), true), (NameOf(number + 1), true)];

    private string NameOf(int number) => _cluster.Nodes[number % _cluster.Nodes.Count].Name;

    private GapsStory Move()
    {
        StartAsking(TimeSpan.FromMilliseconds(10));
        for (var i = 0; i < _options.Moves; i++)
        {
            var (kind, node, service) = (i % KindsOfMoves, _random.Next(_cluster.Nodes.Count), _random.Next(_options.Services) / 3 * 3 + 2);
            Act(kind, NameOf(node), service, isBack: false);
            Pass(MoveTime);
            Act(kind, NameOf(node), service, isBack: true);
            Pass(MoveTime);
        }
        return Tell($"{2 * _options.Moves} planned moves", TimeSpan.Zero, "", null);
    }

    private void Act(int kind, string node, int service, bool isBack)
    {
        switch (kind)
        {
            case 0:
                _operator.Edit(KubeResource.Nodes, null, node, body =>
                {
                    var labels = LabObjects.Part((JsonObject)body["metadata"]!, "labels");
                    if (!isBack)
                        labels[ExcludeLabel] = "";
                    else
                        labels.Remove(ExcludeLabel);
                });
                break;
            case 1:
                EditAdvertisement("nodeSelectors", isBack ? null : new JsonArray(LabObjects.MatchExpression(HostLabel, "NotIn", node)));
                break;
            case 2:
                EditAdvertisement("preferredNodeSelectors", isBack ? null : new JsonArray(new JsonObject
                {
                    ["weight"] = 10,
                    ["preference"] = LabObjects.MatchLabels(HostLabel, node),
                }));
                break;
            case 3:
                _operator.Edit(
                    KubeResource.Nodes, null, node,
                    body => body["status"]!["conditions"]![0]!["status"] = isBack ? "False" : "True",
                    "status");
                break;
            case 4:
                _operator.Edit(
                    KubeResource.EndpointSlices, "default", $"svc-{service}-1",
                    slice => slice["endpoints"] = LabObjects.Endpoints(LocalNodes(service, isBack ? 0 : 2)));
                break;
        }
    }

    private void EditAdvertisement(string field, JsonArray? value) => _operator.Edit(
        KubeResource.L2Advertisements, LabObjects.SystemNamespace, Advertisement, body =>
        {
            var spec = LabObjects.Part(body, "spec");
            if (value is null)
                spec.Remove(field);
            else
                spec[field] = value;
        });

    private GapsStory Restart()
    {
        StartAsking(TimeSpan.FromMilliseconds(10));
        foreach (var node in _cluster.Nodes)
        {
            node.Stop();
            _cluster.StartNode(node);
            Pass(RestartTime);
        }
        foreach (var controller in _cluster.Controllers)
        {
            controller.Stop();
            controller.Start();
            Pass(RestartTime);
        }
        var restarts = _cluster.Nodes.Count + _cluster.Controllers.Count;
        return Tell($"{restarts} restarts, one after the other", TimeSpan.Zero, "", null);
    }

    private GapsStory StayWithoutApi()
    {
        StartAsking(Patience);
        _cluster.Api.GoAway();
        var half = TimeSpan.FromMinutes(_options.MinutesAway) / 2;
        Pass(half);
        var victim = _cluster.Nodes.OrderByDescending(node => node.Announced().Count()).First();
        var lost = victim.Announced().ToList();
        _cluster.CrashNode(victim, losesPower: true);
        var before = Requests();
        Pass(half);
        var perMinute = Increase(before) / half.TotalMinutes;
        before = Requests();
        _cluster.Api.ComeBack(restarted: true);
        var returned = _world.Now;
        CreateService(_options.Services);
        Pass(TimeSpan.FromSeconds(1));
        var firstSecond = Increase(before);
        var watchesAfter = TimeUntil(returned, () => _cluster.Boxes.All(box => box.Line.IsWatching));
        var servedAfter = TimeUntil(returned, () => AddressesOf($"svc-{_options.Services}").Any(address => HasAnnouncer(address)));
        Pass(returned + TimeSpan.FromMinutes(1) - _world.Now);
        var firstMinute = Increase(before);
        var takenOver = _gaps.LongestGap(address => !lost.Contains(address));
        var fault = takenOver > TakeOverBound ? $"the addresses of the dead node were dark for {takenOver.TotalMilliseconds} ms"
            : watchesAfter is null || servedAfter is null ? $"{ReturnBound.TotalSeconds} s after its return not everybody watches it again"
            : firstMinute > MostRequestsOnReturn ? $"a process sent {firstMinute} requests in the minute after its return"
            : null;
        return Tell(
            $"the API server away for {_options.MinutesAway} min", TimeSpan.Zero,
            $"a node with {lost.Count} addresses lost power meanwhile: dark for {takenOver.TotalMilliseconds:F0} ms at most; " +
            $"requests of the busiest process: {perMinute:F1} per minute while it was away, {firstSecond} in the first second and " +
            $"{firstMinute} in the first minute after; all watch again after {watchesAfter?.TotalSeconds:F1} s, " +
            $"a Service made at its return is announced after {servedAfter?.TotalSeconds:F1} s",
            fault, lost.Contains);
    }

    private void StartAsking(TimeSpan spacing)
    {
        _mirror.Reopen();
        _gaps.Spacing = spacing;
        _gaps.Start([.. _mirror.Services.Objects.Values.SelectMany(service => service.Addresses)]);
    }

    private GapsStory Tell(string what, TimeSpan bound, string notes, string? fault, Predicate<IpAddress>? isExcused = null)
    {
        _gaps.Stop();
        _mirror.Reopen();
        var without = _mirror.Services.Objects.Values.FirstOrDefault(service => service.IsOurs && service.Addresses.Count == 0);
        fault ??= _world.Violation?.ToString() ?? (without is null ? null : $"{without.Key} has no address");
        return new(what, _gaps.Questions, _gaps.Unanswered, _gaps.LongestGap(isExcused), bound, notes, fault);
    }

    private List<IpAddress> AddressesOf(string service)
    {
        _mirror.Reopen();
        return [.. _mirror.Services.Objects.Values.Where(view => view.Key.Name == service).SelectMany(view => view.Addresses)];
    }

    private bool HasAnnouncer(IpAddress address) => _cluster.Nodes.Any(node => node.Announced().Contains(address));

    private TimeSpan? TimeUntil(Instant start, Func<bool> condition)
    {
        while (!condition())
        {
            if (_world.Violation is not null || _world.Now - start > ReturnBound)
                return null;
            Pass(Patience);
        }
        return _world.Now - start;
    }

    private SortedDictionary<string, long> Requests()
    {
        var requests = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var box in _cluster.Boxes)
            requests[box.Name] = box.SentRequests;
        return requests;
    }

    // Of the process that sent most.
    private long Increase(SortedDictionary<string, long> before) =>
        Requests().Max(pair => pair.Value - before.GetValueOrDefault(pair.Key));

    private void Pass(TimeSpan time) => _world.RunUntil(_world.Now + time);
}
