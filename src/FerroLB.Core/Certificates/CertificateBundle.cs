namespace FerroLB.Core.Certificates;

/// <summary>
/// What the webhook server needs to be believed: an authority, and a server certificate signed by it, each with its key, in PEM. The keys
/// never reach a log, an event or a snapshot: the text form shows nothing.
/// </summary>
/// <param name="CaCertificate">The authority's certificate: `ca.crt` of the Secret.</param>
/// <param name="CaKey">The authority's private key: `ca.key`.</param>
/// <param name="ServerCertificate">The server's certificate: `tls.crt`.</param>
/// <param name="ServerKey">The server's private key: `tls.key`.</param>
public sealed record CertificateBundle(string CaCertificate, string CaKey, string ServerCertificate, string ServerKey)
{
    /// <summary>Nothing of the contents.</summary>
    public override string ToString() => nameof(CertificateBundle);
}
