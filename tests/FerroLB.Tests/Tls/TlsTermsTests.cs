using System;
using System.Linq;
using System.Net.Security;
using System.Security.Authentication;
using FerroLB.Runtime.Tls;
using Xunit;

namespace FerroLB.Tests.Tls;

public sealed class TlsTermsTests
{
    [Theory]
    [InlineData("", SslProtocols.Tls13)]
    [InlineData("VersionTLS13", SslProtocols.Tls13)]
    [InlineData("VersionTLS12", SslProtocols.Tls12 | SslProtocols.Tls13)]
    public void Oldest_version_is_1_3_unless_told_otherwise(string minimum, SslProtocols protocols)
    {
        var terms = TlsTerms.Parse(minimum, "", "29,23,4588", out var problem);
        Assert.Null(problem);
        Assert.Equal(protocols, terms.Protocols);
        Assert.Null(terms.CipherSuites);
    }

    [Fact]
    public void Cipher_suites_are_those_named_and_those_of_1_3()
    {
        var terms = TlsTerms.Parse("VersionTLS12", " TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256", "", out var problem);
        Assert.Null(problem);
        Assert.Equal(4, terms.CipherSuites!.Count);
        Assert.Contains(TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, terms.CipherSuites);
        Assert.DoesNotContain(terms.CipherSuites, suite => suite.ToString().Contains("CBC", StringComparison.Ordinal));
        Assert.Equal(terms.CipherSuites.Count, terms.CipherSuites.Distinct().Count());
    }

    [Theory]
    [InlineData("TLS12", "", "", "--tls-min-version is \"TLS12\"")]
    [InlineData("", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "", "--tls-cipher-suites has no meaning with TLS 1.3 alone")]
    [InlineData("VersionTLS13", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "", "add --tls-min-version=VersionTLS12")]
    [InlineData("VersionTLS12", "TLS_RSA_WITH_RC4_128_SHA", "", "names \"TLS_RSA_WITH_RC4_128_SHA\", which is not supported")]
    [InlineData("", "", "0", "holds \"0\"")]
    [InlineData("", "", "65536", "holds \"65536\"")]
    [InlineData("", "", "X25519", "holds \"X25519\"")]
    [InlineData("", "", "23,23", "holds 23 twice")]
    [InlineData("", "", "23,30", "holds 30, which is not supported")]
    public void What_has_no_meaning_is_refused(string minimum, string cipherSuites, string curves, string complaint)
    {
        TlsTerms.Parse(minimum, cipherSuites, curves, out var problem);
        Assert.Contains(complaint, problem, StringComparison.Ordinal);
    }
}
