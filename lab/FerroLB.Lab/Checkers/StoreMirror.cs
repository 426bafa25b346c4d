using FerroLB.Core.Kube;
using FerroLB.Lab.Cluster;

namespace FerroLB.Lab.Checkers;

/// <summary>The truth: what the API server has at this instant, of every kind that matters to an address.</summary>
public sealed class StoreMirror
{
    /// <summary>Opens the mirror; whoever listens to changes sets its callback before <see cref="Refresh"/>.</summary>
    public StoreMirror(ApiFront api, string ourClass = "")
    {
        Services = new(api, KubeResource.Services, json => new ServiceView(json, ourClass));
        Pools = new(api, KubeResource.IpAddressPools, json => new PoolView(json));
        Advertisements = new(api, KubeResource.L2Advertisements, json => new AdvertisementView(json));
        Nodes = new(api, KubeResource.Nodes, json => new NodeView(json));
        Namespaces = new(api, KubeResource.Namespaces, json => new NamespaceView(json));
        Leases = new(api, KubeResource.Leases, json => new LeaseView(json));
        Slices = new(api, KubeResource.EndpointSlices, json => new SliceView(json));
    }

    /// <summary>Services.</summary>
    public MirroredKind<ServiceView> Services { get; }

    /// <summary>IPAddressPools.</summary>
    public MirroredKind<PoolView> Pools { get; }

    /// <summary>L2Advertisements.</summary>
    public MirroredKind<AdvertisementView> Advertisements { get; }

    /// <summary>Nodes.</summary>
    public MirroredKind<NodeView> Nodes { get; }

    /// <summary>Namespaces.</summary>
    public MirroredKind<NamespaceView> Namespaces { get; }

    /// <summary>Leases.</summary>
    public MirroredKind<LeaseView> Leases { get; }

    /// <summary>EndpointSlices.</summary>
    public MirroredKind<SliceView> Slices { get; }

    /// <summary>
    /// Takes over what was written; configuration first, so that a Service is judged by the configuration of its instant.
    /// </summary>
    public void Refresh()
    {
        Leases.Refresh();
        Pools.Refresh();
        Namespaces.Refresh();
        Advertisements.Refresh();
        Nodes.Refresh();
        Slices.Refresh();
        Services.Refresh();
    }

    /// <summary>Starts again, after the store was replaced.</summary>
    public void Reopen()
    {
        Leases.Reopen();
        Pools.Reopen();
        Namespaces.Reopen();
        Advertisements.Reopen();
        Nodes.Reopen();
        Slices.Reopen();
        Services.Reopen();
    }
}
