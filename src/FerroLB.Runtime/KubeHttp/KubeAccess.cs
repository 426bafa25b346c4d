using System;
using System.Security.Cryptography.X509Certificates;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>How to reach the Kubernetes API: where it is, whom to trust, who we are. Made from a kubeconfig or from a pod's service
/// account.</summary>
public sealed record KubeAccess : IDisposable
{
    /// <summary>The server's base address, ending in a slash.</summary>
    public required Uri Server { get; init; }

    /// <summary>Where this was read, in words for the log.</summary>
    public required string Origin { get; init; }

    /// <summary>The certificate authorities to trust; null for those of the system.</summary>
    public RotatingFile? Authorities { get; init; }

    /// <summary>Whether the server's certificate is not to be verified.</summary>
    public bool SkipsVerification { get; init; }

    /// <summary>The name that the server's certificate must carry; null for the host of <see cref="Server"/>.</summary>
    public string? ServerName { get; init; }

    /// <summary>The bearer token; null for none.</summary>
    public RotatingFile? Token { get; init; }

    /// <summary>Our own certificate with its key; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <inheritdoc/>
    public void Dispose() => ClientCertificate?.Dispose();
}
