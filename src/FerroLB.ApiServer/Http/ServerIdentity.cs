using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// What clients recognise the server by: a certificate authority, a server certificate signed by it, and the bearer token that the server
/// demands. Authority and token are kept in the data directory, so that a kubeconfig written once stays good over restarts; the server
/// certificate is signed anew at each start, because the addresses that it must name may have changed.
/// </summary>
public sealed class ServerIdentity
{
    private const string AuthorityFile = "authority.pem";
    private const string TokenName = "token";
    private const string AccountKeyName = "serviceaccount.key";
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromDays(1);

    private ServerIdentity(string authorityPem, X509Certificate2 serverCertificate, string token, byte[] accountKey)
    {
        AccountKey = accountKey;
        AuthorityPem = authorityPem;
        ServerCertificate = serverCertificate;
        Token = token;
    }

    /// <summary>The authority's certificate in PEM, for `certificate-authority-data`.</summary>
    public string AuthorityPem { get; }

    /// <summary>The certificate to serve with, private key included.</summary>
    public X509Certificate2 ServerCertificate { get; }

    /// <summary>The bearer token that every request must carry.</summary>
    public string Token { get; }

    /// <summary>The key that signs the tokens of ServiceAccounts.</summary>
    internal byte[] AccountKey { get; }

    /// <summary>
    /// Reads the identity kept in <paramref name="directory"/>, or makes a new one and keeps it there; null keeps nothing.
    /// </summary>
    /// <param name="directory">The data directory, which exists; or null.</param>
    /// <param name="addresses">Addresses that the server listens on; the certificate names them beside the loopback ones.</param>
    /// <param name="token">The token to demand instead of a kept or drawn one; or null.</param>
    /// <param name="now">Present UTC; the certificates are valid from a day before.</param>
    /// <exception cref="IOException">The directory cannot be read or written.</exception>
    /// <exception cref="CryptographicException">The kept authority is not readable PEM.</exception>
    public static ServerIdentity LoadOrCreate(string? directory, IReadOnlyList<IPAddress> addresses, string? token, DateTimeOffset now)
    {
        using X509Certificate2 authority = LoadOrCreateAuthority(directory, now);
        X509Certificate2 server = IssueServerCertificate(authority, addresses, now);
        byte[] accountKey = Convert.FromHexString(LoadOrDraw(directory, AccountKeyName));
        return new ServerIdentity(authority.ExportCertificatePem(), server, token ?? LoadOrDraw(directory, TokenName), accountKey);
    }

    private static X509Certificate2 LoadOrCreateAuthority(string? directory, DateTimeOffset now)
    {
        string? path = directory is null ? null : Path.Combine(directory, AuthorityFile);
        if (path is not null && File.Exists(path))
            return X509Certificate2.CreateFromPemFile(path);
        X509Certificate2 created = CreateAuthority(now);
        if (path is not null)
        {
            using ECDsa key = created.GetECDsaPrivateKey()!;
            SecretFile.Write(path, created.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        }
        return created;
    }

    private static X509Certificate2 CreateAuthority(DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ferrolb-apiserver-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now - ClockTolerance, now + Validity);
    }

    private static X509Certificate2 IssueServerCertificate(
        X509Certificate2 authority, IReadOnlyList<IPAddress> addresses, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=ferrolb-apiserver", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(AlternativeNames(addresses));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        DateTimeOffset end = Earlier(now + Validity, authority.NotAfter);
        using X509Certificate2 certificate = request.Create(authority, now - ClockTolerance, end, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;

    private static X509Extension AlternativeNames(IReadOnlyList<IPAddress> addresses)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName("kubernetes.default.svc");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        foreach (IPAddress address in addresses)
        {
            if (!IPAddress.IsLoopback(address))
                names.AddIpAddress(address);
        }
        return names.Build();
    }

    private static string LoadOrDraw(string? directory, string name)
    {
        string? path = directory is null ? null : Path.Combine(directory, name);
        if (path is not null && File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } kept)
            return kept;
        string drawn = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        if (path is not null)
            SecretFile.Write(path, drawn + "\n");
        return drawn;
    }
}
