using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net.Security;
using System.Security.Authentication;

namespace FerroLB.Runtime.Tls;

/// <summary>On which terms a server speaks TLS.</summary>
/// <param name="Protocols">The versions.</param>
/// <param name="CipherSuites">The cipher suites; null for all that OpenSSL deems good.</param>
public sealed record TlsTerms(SslProtocols Protocols, IReadOnlyList<TlsCipherSuite>? CipherSuites)
{
    /// <summary>TLS 1.3 alone.</summary>
    public static readonly TlsTerms Default = new(SslProtocols.Tls13, null);

    /// <summary>TLS 1.3 has three suites, which no list takes away, as with Go's servers.</summary>
    private static readonly TlsCipherSuite[] Suites13 =
        [TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256];

    private static readonly SortedDictionary<string, TlsCipherSuite> Suites = new(StringComparer.Ordinal)
    {
        ["TLS_AES_128_GCM_SHA256"] = TlsCipherSuite.TLS_AES_128_GCM_SHA256,
        ["TLS_AES_256_GCM_SHA384"] = TlsCipherSuite.TLS_AES_256_GCM_SHA384,
        ["TLS_CHACHA20_POLY1305_SHA256"] = TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        ["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
        ["TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA,
        ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
        ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA,
        ["TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"] = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ["TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"] = TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    };

    /// <summary>P-256, P-384, P-521, X25519 and X25519MLKEM768.</summary>
    private static readonly int[] Curves = [23, 24, 25, 29, 4588];

    /// <summary>Reads the three flags; empty ones are as if absent.</summary>
    /// <param name="minimum">VersionTLS12 or VersionTLS13.</param>
    /// <param name="cipherSuites">IANA names with commas between; only with VersionTLS12.</param>
    /// <param name="curves">Numbers of named groups with commas between. They are checked only: .NET lets OpenSSL choose.</param>
    /// <param name="problem">What the user must mend; null when nothing.</param>
    public static TlsTerms Parse(string minimum, string cipherSuites, string curves, out string? problem)
    {
        problem = FindCurveProblem(curves);
        var protocols = minimum == "VersionTLS12" ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls13;
        if (minimum is not ("" or "VersionTLS12" or "VersionTLS13"))
            problem = $"--tls-min-version is \"{minimum}\"; it takes VersionTLS12 or VersionTLS13.";
        var names = Split(cipherSuites);
        if (names.Length == 0)
            return new(protocols, null);
        if (minimum != "VersionTLS12")
            problem = "--tls-cipher-suites has no meaning with TLS 1.3 alone; leave it out, or add --tls-min-version=VersionTLS12.";
        if (Array.Find(names, name => !Suites.ContainsKey(name)) is { } unknown)
            problem = $"--tls-cipher-suites names \"{unknown}\", which is not supported. Supported are {string.Join(", ", Suites.Keys)}.";
        if (problem is not null)
            return Default;
        return new(protocols, [.. Suites13.Concat(names.Select(name => Suites[name])).Distinct()]);
    }

    /// <summary>What SslStream needs to know.</summary>
    public SslServerAuthenticationOptions With(SslStreamCertificateContext certificate) => new()
    {
        ServerCertificateContext = certificate,
        EnabledSslProtocols = Protocols,
        CipherSuitesPolicy = CipherSuites is { } suites ? new CipherSuitesPolicy(suites) : null,
        ClientCertificateRequired = false,
    };

    private static string? FindCurveProblem(string text)
    {
        var seen = new SortedSet<int>();
        foreach (var part in Split(text))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var curve) || curve is < 1 or > 65535)
                return $"--tls-curve-preferences holds \"{part}\"; it takes numbers of curves between 1 and 65535 with commas between.";
            if (!seen.Add(curve))
                return $"--tls-curve-preferences holds {curve} twice.";
            if (!Curves.Contains(curve))
                return $"--tls-curve-preferences holds {curve}, which is not supported. Supported are {string.Join(", ", Curves)}.";
        }
        return null;
    }

    private static string[] Split(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
