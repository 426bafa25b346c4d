using System;
using System.Collections.Generic;
using System.Linq;

namespace FerroLB.Core.Certificates;

/// <summary>
/// Decides whether a bundle will do, and what to make when it will not.
/// <para>
/// The bundle comes from a Secret that people may edit, so nothing about it is taken for granted: whether it is PEM, whether keys and
/// certificates belong together, whether the authority is one and signed the server certificate, for which names, and until when. What is
/// made anew is ordered early: with <see cref="RenewalTime"/> left, the old one is still good while the new one goes round.
/// </para>
/// </summary>
public static class CertificateRules
{
    /// <summary>How long before its end a certificate is replaced.</summary>
    public static readonly TimeSpan RenewalTime = TimeSpan.FromDays(90);

    private const int AuthorityYears = 10;
    private static readonly TimeSpan ServerLifetime = TimeSpan.FromDays(365);

    /// <summary>Clocks differ: validity begins this much early, and what begins no later than this from now counts as begun.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    /// <summary>The names of the webhook's Service, the way the API server calls it first.</summary>
    public static IReadOnlyList<string> DnsNames(string service, string ns) => [$"{service}.{ns}.svc", $"{service}.{ns}.svc.cluster.local"];

    /// <summary>The order for what a verdict found to be needed.</summary>
    public static CertificateOrder Order(
        long id, CertificateNeed need, CertificateBundle? bundle, IReadOnlyList<string> dnsNames, DateTimeOffset utc) => new(
        id,
        need == CertificateNeed.Server ? bundle : null,
        dnsNames,
        utc - ClockTolerance,
        utc.AddYears(AuthorityYears),
        utc + ServerLifetime);

    /// <summary>Looks at a bundle; null is one that does not exist.</summary>
    public static CertificateVerdict Judge(CertificateBundle? bundle, string dnsName, DateTimeOffset utc)
    {
        if (bundle is null || bundle == new CertificateBundle("", "", "", ""))
            return new(CertificateNeed.Everything, false, false, "there is none yet", utc);
        var authority = CertificateFacts.Read(bundle.CaCertificate);
        var authorityFault = AuthorityFault(authority, bundle.CaKey, utc);
        var server = CertificateFacts.Read(bundle.ServerCertificate);
        var serverFault = authority is null ? "" : ServerFault(server, authority, bundle.ServerKey, dnsName, utc);
        if (authorityFault.Length > 0)
            return new(CertificateNeed.Everything, false, true, authorityFault, utc);
        if (utc + RenewalTime > authority!.NotAfter)
            return new(CertificateNeed.Everything, serverFault.Length == 0, false, "ca.crt ends soon", utc);
        if (serverFault.Length > 0)
            return new(CertificateNeed.Server, false, true, serverFault, utc);
        var dueAt = Earlier(server!.NotAfter, authority.NotAfter) - RenewalTime;
        return utc > dueAt
            ? new(CertificateNeed.Server, true, false, "tls.crt ends soon", utc)
            : new(CertificateNeed.None, true, false, "", dueAt);
    }

    private static string AuthorityFault(CertificateFacts? authority, string key, DateTimeOffset utc) => authority switch
    {
        null => "ca.crt is no certificate in PEM",
        { IsAuthority: false } => "ca.crt is not the certificate of an authority",
        _ when authority.Fits(key) is null => "ca.key is no private key in PEM",
        _ when authority.Fits(key) == false => "ca.key is not the key of ca.crt",
        _ => TimeFault("ca.crt", authority, utc),
    };

    private static string ServerFault(
        CertificateFacts? server, CertificateFacts authority, string key, string dnsName, DateTimeOffset utc) => server switch
    {
        null => "tls.crt is no certificate in PEM",
        _ when server.Fits(key) is null => "tls.key is no private key in PEM",
        _ when server.Fits(key) == false => "tls.key is not the key of tls.crt",
        _ when !server.IsSignedBy(authority) => "tls.crt is not signed by ca.crt",
        _ when !server.DnsNames.Contains(dnsName, StringComparer.OrdinalIgnoreCase) => $"tls.crt is not for {dnsName}",
        { IsForServers: false } => "tls.crt is not for servers",
        _ => TimeFault("tls.crt", server, utc),
    };

    private static string TimeFault(string key, CertificateFacts certificate, DateTimeOffset utc) =>
        utc > certificate.NotAfter ? $"{key} ended at {certificate.NotAfter:yyyy-MM-dd HH:mm:ss}Z"
        : utc + ClockTolerance < certificate.NotBefore ? $"{key} begins at {certificate.NotBefore:yyyy-MM-dd HH:mm:ss}Z"
        : "";

    private static DateTimeOffset Earlier(DateTimeOffset left, DateTimeOffset right) => left < right ? left : right;
}
