using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FerroLB.Core.Certificates;

namespace FerroLB.Runtime.Tls;

/// <summary>Draws keys and signs certificates: ECDSA on the curve P-256 with SHA-256.</summary>
public static class CertificateIssuer
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Makes what was ordered.</summary>
    /// <exception cref="CryptographicException">The authority to sign with is damaged.</exception>
    public static CertificateBundle Issue(CertificateOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        using var authority = order.Authority is { } known
            ? X509Certificate2.CreateFromPem(known.CaCertificate, known.CaKey)
            : MakeAuthority(order.NotBefore, order.AuthorityNotAfter);
        using var server = MakeServer(authority, order.DnsNames, order.NotBefore, order.ServerNotAfter);
        var (caCertificate, caKey) = order.Authority is { } same ? (same.CaCertificate, same.CaKey) : PemOf(authority);
        var (serverCertificate, serverKey) = PemOf(server);
        return new(caCertificate, caKey, serverCertificate, serverKey);
    }

    /// <summary>Makes a certificate that vouches for itself, for those who do not check: ten years from an hour ago.</summary>
    public static X509Certificate2 MakeSelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        AddServerExtensions(request, [name]);
        var utc = DateTimeOffset.UtcNow;
        return request.CreateSelfSigned(utc.AddHours(-1), utc.AddYears(10));
    }

    private static X509Certificate2 MakeAuthority(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName("cert");
        name.AddOrganizationName("metallb");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(notBefore, notAfter);
    }

    private static X509Certificate2 MakeServer(
        X509Certificate2 authority, IReadOnlyList<string> dnsNames, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = new X500DistinguishedNameBuilder();
        // A common name holds 64 characters at most; who checks names looks at the alternative ones anyway.
        name.AddCommonName(dnsNames[0].Length <= 64 ? dnsNames[0] : "metallb-webhook");
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256);
        AddServerExtensions(request, dnsNames);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(KeyIdentifier(authority)));
        var begin = Later(notBefore, authority.NotBefore);
        var end = Earlier(notAfter, authority.NotAfter);
        var generator = authority.GetECDsaPrivateKey() is { } curve
            ? X509SignatureGenerator.CreateForECDsa(curve)
            : X509SignatureGenerator.CreateForRSA(authority.GetRSAPrivateKey()!, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(authority.SubjectName, generator, begin, end, SerialNumber());
        return certificate.CopyWithPrivateKey(key);
    }

    private static void AddServerExtensions(CertificateRequest request, IReadOnlyList<string> dnsNames)
    {
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames)
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
    }

    private static X509SubjectKeyIdentifierExtension KeyIdentifier(X509Certificate2 authority)
    {
        foreach (var extension in authority.Extensions)
        {
            if (extension is X509SubjectKeyIdentifierExtension identifier)
                return identifier;
        }
        return new(authority.PublicKey, false);
    }

    private static byte[] SerialNumber()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        // Serial numbers are positive and without leading zeros.
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    private static (string Certificate, string Key) PemOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;
}
