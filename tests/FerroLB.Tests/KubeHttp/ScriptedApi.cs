using System;
using System.Linq;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using FerroLB.Runtime.KubeHttp;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FerroLB.Tests.KubeHttp;

/// <summary>An HTTPS server on the loopback whose answers a test chooses. Its certificate is valid for 127.0.0.1 alone, unless said
/// otherwise.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;

    private ScriptedApi(WebApplication application, X509Certificate2 certificate)
    {
        _application = application;
        _certificate = certificate;
    }

    /// <summary>The certificate in PEM, which is its own authority.</summary>
    public string Authority => _certificate.ExportCertificatePem();

    /// <summary>The port that it listens on.</summary>
    public int Port => new Uri(_application.Urls.First()).Port;

    public static Task<ScriptedApi> StartAsync(RequestDelegate answer) => StartAsync(answer, IPAddress.Loopback);

    /// <summary>Starts with a certificate for an address, names, or both.</summary>
    public static async Task<ScriptedApi> StartAsync(RequestDelegate answer, IPAddress? address, params string[] names)
    {
        var certificate = MakeCertificate(address, names);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.UseHttps(certificate)));
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        return new(application, certificate);
    }

    /// <summary>The way to it, under a host name or an address.</summary>
    public KubeAccess Access(string host = "127.0.0.1") => new()
    {
        Server = new($"https://{host}:{Port}/"),
        Origin = "a test",
        Authorities = RotatingFile.Constant(Authority),
        Token = RotatingFile.Constant("t0ken\n"),
    };

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _certificate.Dispose();
    }

    private static X509Certificate2 MakeCertificate(IPAddress? address, string[] dnsNames)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=api", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (address is not null)
            names.AddIpAddress(address);
        foreach (var name in dnsNames)
            names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
