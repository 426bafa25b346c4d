using System;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>
/// How objects of one kind are found and read. This folder turns the API server's JSON into the records of Kube/Objects and back:
/// <para>
/// A list page or a watch line arrives as bytes. <see cref="ListPage{T}"/> and <see cref="WatchLine{T}"/> take it apart, one object at a
/// time; the kind's reader picks the fields that are used from a <see cref="JsonView"/> and drops the rest. An object with a field of the
/// wrong type becomes a <see cref="JsonFault"/> with its key and path, and its neighbours are read as if nothing had happened. Nothing here
/// throws for any bytes, and what is kept is never larger than what came in. Writes go out as patches made by <see cref="KubePatch"/>;
/// nothing that was read is ever written back whole.
/// </para>
/// </summary>
/// <typeparam name="T">The record of the kind.</typeparam>
/// <param name="Resource">Where it is served.</param>
/// <param name="Read">Picks the fields that are used; type errors are collected by the view.</param>
public sealed record KubeKind<T>(KubeResource Resource, Func<JsonView, T> Read)
    where T : KubeObject
{
    /// <summary>Reads one object, or says why that is not possible.</summary>
    public T? ReadObject(ReadOnlyMemory<byte> json, StringTable strings, out JsonFault? fault) =>
        KubeJson.ReadObject(this, json, strings, out fault);

    /// <summary>Reads a page of a list; null, with the reason, when it is not a complete one.</summary>
    public ListPage<T>? ReadPage(ReadOnlyMemory<byte> json, StringTable strings, out string problem) =>
        ListPage<T>.Read(this, json, strings, out problem);

    /// <summary>Reads a line of a watch.</summary>
    public WatchLine<T> ReadLine(ReadOnlyMemory<byte> json, StringTable strings) => WatchLine<T>.Read(this, json, strings);
}

/// <summary>The kinds that can be read.</summary>
public static class KubeKinds
{
    /// <summary>core/v1 Service.</summary>
    public static readonly KubeKind<Service> Services = new(KubeResource.Services, CoreReader.ReadService);

    /// <summary>core/v1 Node.</summary>
    public static readonly KubeKind<Node> Nodes = new(KubeResource.Nodes, CoreReader.ReadNode);

    /// <summary>core/v1 Namespace.</summary>
    public static readonly KubeKind<Namespace> Namespaces = new(KubeResource.Namespaces, CoreReader.ReadNamespace);

    /// <summary>core/v1 Pod.</summary>
    public static readonly KubeKind<Pod> Pods = new(KubeResource.Pods, CoreReader.ReadPod);

    /// <summary>core/v1 Secret.</summary>
    public static readonly KubeKind<Secret> Secrets = new(KubeResource.Secrets, CoreReader.ReadSecret);

    /// <summary>core/v1 Secret: of its data only the password that a BGP peer may refer to.</summary>
    public static readonly KubeKind<Secret> PeerSecrets = new(KubeResource.Secrets, CoreReader.ReadPeerSecret);

    /// <summary>core/v1 ConfigMap.</summary>
    public static readonly KubeKind<ConfigMap> ConfigMaps = new(KubeResource.ConfigMaps, CoreReader.ReadConfigMap);

    /// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
    public static readonly KubeKind<EndpointSlice> EndpointSlices = new(KubeResource.EndpointSlices, CoreReader.ReadEndpointSlice);

    /// <summary>apps/v1 Deployment.</summary>
    public static readonly KubeKind<Deployment> Deployments = new(KubeResource.Deployments, CoreReader.ReadDeployment);

    /// <summary>coordination.k8s.io/v1 Lease.</summary>
    public static readonly KubeKind<Lease> Leases = new(KubeResource.Leases, CoreReader.ReadLease);

    /// <summary>metallb.io/v1beta1 IPAddressPool.</summary>
    public static readonly KubeKind<IpAddressPool> IpAddressPools = new(KubeResource.IpAddressPools, MetallbReader.ReadIpAddressPool);

    /// <summary>metallb.io/v1beta1 L2Advertisement.</summary>
    public static readonly KubeKind<L2Advertisement> L2Advertisements =
        new(KubeResource.L2Advertisements, MetallbReader.ReadL2Advertisement);

    /// <summary>metallb.io/v1beta1 BGPAdvertisement.</summary>
    public static readonly KubeKind<BgpAdvertisement> BgpAdvertisements = new(KubeResource.BgpAdvertisements, BgpReader.ReadAdvertisement);

    /// <summary>metallb.io/v1beta2 BGPPeer.</summary>
    public static readonly KubeKind<BgpPeer> BgpPeers = new(KubeResource.BgpPeers, BgpReader.ReadPeer);

    /// <summary>metallb.io/v1beta1 BFDProfile.</summary>
    public static readonly KubeKind<BfdProfile> BfdProfiles = new(KubeResource.BfdProfiles, BgpReader.ReadBfdProfile);

    /// <summary>metallb.io/v1beta1 Community.</summary>
    public static readonly KubeKind<Community> Communities = new(KubeResource.Communities, BgpReader.ReadCommunity);

    /// <summary>metallb.io/v1beta1 ServiceL2Status.</summary>
    public static readonly KubeKind<ServiceL2Status> ServiceL2Statuses = new(KubeResource.ServiceL2Statuses, BgpReader.ReadServiceL2Status);

    /// <summary>metallb.io/v1beta1 ServiceBGPStatus.</summary>
    public static readonly KubeKind<ServiceBgpStatus> ServiceBgpStatuses =
        new(KubeResource.ServiceBgpStatuses, BgpReader.ReadServiceBgpStatus);

    /// <summary>metallb.io/v1beta1 ConfigurationState.</summary>
    public static readonly KubeKind<ConfigurationState> ConfigurationStates =
        new(KubeResource.ConfigurationStates, BgpReader.ReadConfigurationState);

    /// <summary>ferrolb.io/v1alpha1 SpeakerState.</summary>
    public static readonly KubeKind<SpeakerState> SpeakerStates = new(KubeResource.SpeakerStates, SpeakerStateJson.Read);

    /// <summary>admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration.</summary>
    public static readonly KubeKind<WebhookRegistration> ValidatingWebhookConfigurations =
        new(KubeResource.ValidatingWebhookConfigurations, WebhookReader.ReadConfiguration);

    /// <summary>apiextensions.k8s.io/v1 CustomResourceDefinition: its conversion webhook.</summary>
    public static readonly KubeKind<WebhookRegistration> CustomResourceDefinitions =
        new(KubeResource.CustomResourceDefinitions, WebhookReader.ReadDefinition);
}
