using System;
using System.Formats.Asn1;
using System.Linq;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace FerroLB.Core.Certificates;

/// <summary>What a certificate says, read without asking a clock or the machine's store of trusted authorities.</summary>
internal sealed class CertificateFacts
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private readonly byte[] _signedPart;
    private readonly string _signatureAlgorithm;
    private readonly byte[] _signature;

    private CertificateFacts(X509Certificate2 certificate)
    {
        Raw = certificate.RawData;
        Subject = certificate.SubjectName.Name;
        PublicKey = certificate.PublicKey.ExportSubjectPublicKeyInfo();
        IsAuthority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(basic => basic.CertificateAuthority);
        IsForServers = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .All(usage => usage.EnhancedKeyUsages.Cast<Oid>().Any(oid => oid.Value == ServerAuthentication));
        DnsNames = [.. certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(names => names.EnumerateDnsNames())];
        var whole = new AsnReader(Raw, AsnEncodingRules.DER).ReadSequence();
        _signedPart = whole.PeekEncodedValue().ToArray();
        (NotBefore, NotAfter) = ReadValidity(whole.ReadSequence());
        _signatureAlgorithm = whole.ReadSequence().ReadObjectIdentifier();
        _signature = whole.ReadBitString(out _);
    }

    /// <summary>The whole certificate in DER.</summary>
    public byte[] Raw { get; }

    /// <summary>Whom it names.</summary>
    public string Subject { get; }

    /// <summary>The subject's public key with its algorithm, in DER.</summary>
    public byte[] PublicKey { get; }

    /// <summary>Whether it may sign others.</summary>
    public bool IsAuthority { get; }

    /// <summary>Whether a server may show it; so without any restriction of use.</summary>
    public bool IsForServers { get; }

    /// <summary>The DNS names that it is for.</summary>
    public string[] DnsNames { get; }

    /// <summary>Where its validity begins.</summary>
    public DateTimeOffset NotBefore { get; }

    /// <summary>Where its validity ends.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>Reads the first certificate of a PEM text; null when there is none.</summary>
    public static CertificateFacts? Read(string pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return new CertificateFacts(certificate);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether a private key in PEM belongs to the certificate; null when it is no key.</summary>
    public bool? Fits(string keyPem) => PublicKeyOf(keyPem) is { } key ? key.AsSpan().SequenceEqual(PublicKey) : null;

    /// <summary>Whether the other certificate's key made this one's signature.</summary>
    public bool IsSignedBy(CertificateFacts authority)
    {
        try
        {
            return _signatureAlgorithm switch
            {
                "1.2.840.10045.4.3.2" => IsSignedByEllipticCurve(authority, HashAlgorithmName.SHA256),
                "1.2.840.10045.4.3.3" => IsSignedByEllipticCurve(authority, HashAlgorithmName.SHA384),
                "1.2.840.10045.4.3.4" => IsSignedByEllipticCurve(authority, HashAlgorithmName.SHA512),
                "1.2.840.113549.1.1.11" => IsSignedByRsa(authority, HashAlgorithmName.SHA256),
                "1.2.840.113549.1.1.12" => IsSignedByRsa(authority, HashAlgorithmName.SHA384),
                "1.2.840.113549.1.1.13" => IsSignedByRsa(authority, HashAlgorithmName.SHA512),
                _ => false,
            };
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return false;
        }
    }

    private bool IsSignedByEllipticCurve(CertificateFacts authority, HashAlgorithmName hash)
    {
        using var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(authority.PublicKey, out _);
        return key.VerifyData(_signedPart, _signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private bool IsSignedByRsa(CertificateFacts authority, HashAlgorithmName hash)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(authority.PublicKey, out _);
        return key.VerifyData(_signedPart, _signature, hash, RSASignaturePadding.Pkcs1);
    }

    private static (DateTimeOffset NotBefore, DateTimeOffset NotAfter) ReadValidity(AsnReader signedPart)
    {
        if (signedPart.PeekTag().HasSameClassAndValue(new Asn1Tag(TagClass.ContextSpecific, 0)))
            signedPart.ReadEncodedValue();
        signedPart.ReadEncodedValue();
        signedPart.ReadEncodedValue();
        signedPart.ReadEncodedValue();
        var validity = signedPart.ReadSequence();
        return (ReadTime(validity), ReadTime(validity));
    }

    private static DateTimeOffset ReadTime(AsnReader validity) =>
        validity.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? validity.ReadUtcTime() : validity.ReadGeneralizedTime();

    private static byte[]? PublicKeyOf(string keyPem)
    {
        // A public key alone could be imported as well.
        if (!keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            return null;
        using var curve = ECDsa.Create();
        if (IsImported(curve, keyPem))
            return curve.ExportSubjectPublicKeyInfo();
        using var rsa = RSA.Create();
        return IsImported(rsa, keyPem) ? rsa.ExportSubjectPublicKeyInfo() : null;
    }

    private static bool IsImported(AsymmetricAlgorithm key, string pem)
    {
        try
        {
            key.ImportFromPem(pem);
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }
}
