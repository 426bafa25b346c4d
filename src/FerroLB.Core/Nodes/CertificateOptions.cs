using System.Collections.Generic;
using FerroLB.Core.Certificates;

namespace FerroLB.Core.Nodes;

/// <summary>Where a controller keeps the webhook's certificates, and whom it tells about them.</summary>
/// <param name="Namespace">The namespace of the Secret and of the webhook's Service.</param>
public sealed record CertificateOptions(string Namespace)
{
    /// <summary>The Secret with ca.crt, ca.key, tls.crt and tls.key; it may be empty or absent.</summary>
    public string SecretName { get; init; } = "metallb-webhook-cert";

    /// <summary>The Service through which the API server calls; the certificate is for its name.</summary>
    public string ServiceName { get; init; } = "metallb-webhook-service";

    /// <summary>The ValidatingWebhookConfiguration whose caBundles are kept.</summary>
    public string ConfigurationName { get; init; } = "metallb-webhook-configuration";

    /// <summary>The CustomResourceDefinition whose caBundle is kept.</summary>
    public string DefinitionName { get; init; } = "bgppeers.metallb.io";

    /// <summary>The Secret as an object.</summary>
    public ObjectKey Secret => new(Namespace, SecretName);

    /// <summary>The names that the server certificate is for; the API server calls the first.</summary>
    public IReadOnlyList<string> DnsNames => CertificateRules.DnsNames(ServiceName, Namespace);
}
