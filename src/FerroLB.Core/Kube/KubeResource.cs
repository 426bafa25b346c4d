namespace FerroLB.Core.Kube;

/// <summary>A kind of object as its URL names it, for example group "metallb.io", version "v1beta1", plural "ipaddresspools".</summary>
/// <param name="Group">The API group; "" for the core group.</param>
/// <param name="Version">The version, for example "v1".</param>
/// <param name="Plural">The lower-case plural in URLs.</param>
/// <param name="Kind">The kind in manifests.</param>
/// <param name="Namespaced">Whether objects live in namespaces.</param>
public sealed record KubeResource(string Group, string Version, string Plural, string Kind, bool Namespaced)
{
    /// <summary>"v1" or "group/version".</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>core/v1 Service.</summary>
    public static readonly KubeResource Services = new("", "v1", "services", "Service", true);

    /// <summary>core/v1 Node.</summary>
    public static readonly KubeResource Nodes = new("", "v1", "nodes", "Node", false);

    /// <summary>core/v1 Namespace.</summary>
    public static readonly KubeResource Namespaces = new("", "v1", "namespaces", "Namespace", false);

    /// <summary>core/v1 Pod.</summary>
    public static readonly KubeResource Pods = new("", "v1", "pods", "Pod", true);

    /// <summary>core/v1 Secret.</summary>
    public static readonly KubeResource Secrets = new("", "v1", "secrets", "Secret", true);

    /// <summary>core/v1 ConfigMap.</summary>
    public static readonly KubeResource ConfigMaps = new("", "v1", "configmaps", "ConfigMap", true);

    /// <summary>core/v1 Event.</summary>
    public static readonly KubeResource Events = new("", "v1", "events", "Event", true);

    /// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
    public static readonly KubeResource EndpointSlices = new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true);

    /// <summary>apps/v1 Deployment.</summary>
    public static readonly KubeResource Deployments = new("apps", "v1", "deployments", "Deployment", true);

    /// <summary>coordination.k8s.io/v1 Lease.</summary>
    public static readonly KubeResource Leases = new("coordination.k8s.io", "v1", "leases", "Lease", true);

    /// <summary>metallb.io/v1beta1 IPAddressPool.</summary>
    public static readonly KubeResource IpAddressPools = new("metallb.io", "v1beta1", "ipaddresspools", "IPAddressPool", true);

    /// <summary>metallb.io/v1beta1 L2Advertisement.</summary>
    public static readonly KubeResource L2Advertisements = new("metallb.io", "v1beta1", "l2advertisements", "L2Advertisement", true);

    /// <summary>metallb.io/v1beta1 BGPAdvertisement.</summary>
    public static readonly KubeResource BgpAdvertisements = new("metallb.io", "v1beta1", "bgpadvertisements", "BGPAdvertisement", true);

    /// <summary>metallb.io/v1beta2 BGPPeer.</summary>
    public static readonly KubeResource BgpPeers = new("metallb.io", "v1beta2", "bgppeers", "BGPPeer", true);

    /// <summary>metallb.io/v1beta1 BFDProfile.</summary>
    public static readonly KubeResource BfdProfiles = new("metallb.io", "v1beta1", "bfdprofiles", "BFDProfile", true);

    /// <summary>metallb.io/v1beta1 Community.</summary>
    public static readonly KubeResource Communities = new("metallb.io", "v1beta1", "communities", "Community", true);

    /// <summary>metallb.io/v1beta1 ServiceL2Status.</summary>
    public static readonly KubeResource ServiceL2Statuses = new("metallb.io", "v1beta1", "servicel2statuses", "ServiceL2Status", true);

    /// <summary>metallb.io/v1beta1 ServiceBGPStatus.</summary>
    public static readonly KubeResource ServiceBgpStatuses = new("metallb.io", "v1beta1", "servicebgpstatuses", "ServiceBGPStatus", true);

    /// <summary>metallb.io/v1beta1 ConfigurationState.</summary>
    public static readonly KubeResource ConfigurationStates =
        new("metallb.io", "v1beta1", "configurationstates", "ConfigurationState", true);

    /// <summary>ferrolb.io/v1alpha1 SpeakerState.</summary>
    public static readonly KubeResource SpeakerStates = new("ferrolb.io", "v1alpha1", "speakerstates", "SpeakerState", true);

    /// <summary>admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration.</summary>
    public static readonly KubeResource ValidatingWebhookConfigurations =
        new("admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false);

    /// <summary>apiextensions.k8s.io/v1 CustomResourceDefinition.</summary>
    public static readonly KubeResource CustomResourceDefinitions =
        new("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false);

    /// <summary>authentication.k8s.io/v1 TokenReview: a question that is asked by creating it.</summary>
    public static readonly KubeResource TokenReviews = new("authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false);

    /// <summary>authorization.k8s.io/v1 SubjectAccessReview: a question that is asked by creating it.</summary>
    public static readonly KubeResource SubjectAccessReviews =
        new("authorization.k8s.io", "v1", "subjectaccessreviews", "SubjectAccessReview", false);
}
