using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Workloads;

/// <summary>
/// The people and controllers of a cluster, all of whose acts come from one fork of the seed: users make and change Services, operators
/// change pools, advertisements, node labels and namespaces, the endpoint-slice controller follows the pods. While it is busy it acts at
/// random instants; between the rounds of a run it rests, so that the cluster can come to rest too.
/// </summary>
public sealed class Workload : IEventTarget
{
    /// <summary>A class that controllers of a run may serve.</summary>
    public const string OwnClass = "example.com/ours";

    private const string ExcludeLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

    private static readonly KubeResource[] OwnKinds =
    [
        KubeResource.IpAddressPools, KubeResource.L2Advertisements, KubeResource.BgpAdvertisements, KubeResource.BgpPeers,
        KubeResource.BfdProfiles, KubeResource.Communities, KubeResource.ConfigurationStates, KubeResource.ServiceL2Statuses,
        KubeResource.ServiceBgpStatuses, KubeResource.SpeakerStates,
    ];

    private static readonly string[] NamespaceNames = ["team-a", "team-b", LabObjects.SystemNamespace];

    private readonly VirtualWorld _world;
    private readonly LabCluster _cluster;
    private readonly SeededRandom _random;
    private readonly WorkloadOptions _options;
    private readonly KubeUser _operator;
    private readonly ServiceWorkload _services;
    private readonly PoolWorkload _pools;
    private readonly BgpWorkload _bgp;
    private readonly RouteWorkload? _routes;
    private bool _isBusy;

    /// <summary>Makes the people; they do nothing before <see cref="Prepare"/>.</summary>
    public Workload(LabCluster cluster, WorkloadOptions options)
    {
        (_world, _cluster, _options) = (cluster.World, cluster, options);
        _random = _world.Random.Fork("workload");
        _operator = new(cluster.Api, "operator");
        _services = new(new(cluster.Api, "user"), new(cluster.Api, "endpoints"), _world.Random.Fork("workload/services"), options);
        _bgp = new(_operator, _world.Random.Fork("workload/bgp"));
        _pools = new(_operator, _world.Random.Fork("workload/pools"), options);
        var random = _world.Random.Fork("workload/routes");
        if (cluster.Routers.Count > 0)
            _routes = new(_operator, random, cluster.Plan.Routers, cluster.Plan.Asn, options);
    }

    /// <summary>Routers whose BGPPeers are left alone.</summary>
    public IReadOnlyCollection<string> SparedRouters { get; set; } = [];

    /// <summary>When somebody last changed something.</summary>
    public Instant LastAct { get; private set; }

    /// <summary>Installs the definitions of the product's kinds.</summary>
    public void Define()
    {
        var definitions = new KubeResource("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);
        foreach (var resource in OwnKinds)
            _operator.Create(definitions, LabObjects.Definition(resource));
    }

    /// <summary>Makes the first namespaces, pools, advertisement and Services.</summary>
    public void Prepare()
    {
        foreach (var name in NamespaceNames)
            _operator.Create(KubeResource.Namespaces, LabObjects.Namespace(name, name[^1..]));
        _pools.CreateFirst();
        _routes?.CreateFirst();
        for (var i = 0; i < 3; i++)
            _services.Create();
    }

    /// <summary>The people begin to act.</summary>
    public void Begin()
    {
        _isBusy = true;
        Next();
    }

    /// <summary>Somebody does one thing, while the others rest. The API server must be there.</summary>
    public void ActOnce()
    {
        LastAct = _world.Now;
        Act();
    }

    /// <summary>The people rest, mostly after they have mended their mistakes. The API server must be there.</summary>
    public void Rest()
    {
        _isBusy = false;
        LastAct = _world.Now;
        // Speakers that saw a mistake come and those that were started later may elect different nodes as long as it stands.
        _pools.Mend(withPools: _cluster.Nodes.Count > 0 || _random.Chance(0.5));
        _routes?.Mend();
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        if (!_isBusy)
            return;
        if (!_cluster.Api.IsAway)
        {
            LastAct = _world.Now;
            Act();
        }
        Next();
    }

    private void Act()
    {
        if (!_random.Chance(_options.ConfigurationShare))
            _services.ActOnce();
        else if (_random.Chance(0.65))
            _pools.ActOnce();
        else if (_random.Chance(_options.RouteShare))
            ActOnRoutes();
        else if (_cluster.Nodes.Count > 0 && _random.Chance(0.6))
            ChangeNodeLabels();
        else
            ChangeNamespace();
    }

    private void ActOnRoutes()
    {
        if (_routes is null)
            _bgp.ActOnce();
        else
            _routes.ActOnce(SparedRouters);
    }

    private void ChangeNodeLabels()
    {
        var node = _cluster.Nodes[_random.Next(_cluster.Nodes.Count)].Name;
        _operator.Edit(KubeResource.Nodes, null, node, body =>
        {
            var labels = LabObjects.Part((JsonObject)body["metadata"]!, "labels");
            if (_random.Chance(0.3))
                labels["zone"] = _random.Chance(0.5) ? "a" : "b";
            else if (!labels.Remove(ExcludeLabel))
                labels[ExcludeLabel] = "";
        });
    }

    private void ChangeNamespace()
    {
        var name = NamespaceNames[_random.Next(2)];
        _operator.Edit(KubeResource.Namespaces, null, name, body =>
        {
            var labels = LabObjects.Part((JsonObject)body["metadata"]!, "labels");
            if (_random.Chance(0.2))
                labels.Remove("team");
            else
                labels["team"] = _random.Chance(0.5) ? "a" : "b";
        });
    }

    private void Next() => _world.After(_random.Between(TimeSpan.FromMilliseconds(5), _options.MostPause), this);
}
