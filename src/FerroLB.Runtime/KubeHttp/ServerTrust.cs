using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>
/// Verifies the API server's certificate: it must be issued by one of the authorities of the access, read anew when they rotate, and carry
/// the DNS name or the IP address that was connected to. What was wrong last is kept in words, because TLS itself only says that it failed.
/// </summary>
internal sealed class ServerTrust(KubeAccess access)
{
    /// <summary>Why the last certificate was refused; null when it was not.</summary>
    public string? LastRefusal { get; private set; }

    /// <summary>The callback for TLS.</summary>
    public bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        LastRefusal = access.SkipsVerification ? null : RefusalOf(certificate, chain, errors);
        if (LastRefusal is not null)
            access.Authorities?.Expire();
        return LastRefusal is null;
    }

    private string? RefusalOf(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf)
            return "the server showed no certificate";
        if ((errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0)
            return $"the server's certificate does not carry the name {access.ServerName ?? access.Server.Host}";
        if (access.Authorities is null)
            return errors == SslPolicyErrors.None ? null : "the server's certificate is not issued by an authority that this system trusts";
        try
        {
            return RefusalByAuthorities(leaf, chain, access.Authorities.Read());
        }
        catch (CryptographicException e)
        {
            return $"the certificate authority is not valid PEM: {e.Message}";
        }
    }

    /// <summary>
    /// Authorities that replace one another often have one name, and a chain is built by names: so each is tried alone as well.
    /// </summary>
    private static string? RefusalByAuthorities(X509Certificate2 leaf, X509Chain? shown, string authorities)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(authorities);
        var refusal = RefusalBy(leaf, shown, all);
        for (var i = 0; i < all.Count && all.Count > 1 && refusal is not null; i++)
            refusal = RefusalBy(leaf, shown, [all[i]]) is null ? null : refusal;
        foreach (var authority in all)
            authority.Dispose();
        return refusal;
    }

    private static string? RefusalBy(X509Certificate2 leaf, X509Chain? shown, X509Certificate2Collection roots)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        if (shown is not null)
            chain.ChainPolicy.ExtraStore.AddRange(shown.ChainPolicy.ExtraStore);
        if (chain.Build(leaf))
            return null;
        var status = chain.ChainStatus.Length > 0 ? chain.ChainStatus[0].StatusInformation : "no chain";
        return $"the server's certificate is not issued by the configured certificate authority: {status}";
    }
}
