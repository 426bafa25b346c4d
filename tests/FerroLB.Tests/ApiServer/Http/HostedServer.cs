using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http;
using FerroLB.ApiServer.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace FerroLB.Tests.ApiServer.Http;

/// <summary>The real server in this process, on a free port of loopback, with faults on order.</summary>
public sealed class HostedServer : IAsyncDisposable
{
    private readonly string _directory;

    private HostedServer(string directory, ApiServerHost host, ScriptedFaults faults) =>
        (_directory, Host, Faults) = (directory, host, faults);

    public ApiServerHost Host { get; }

    public ScriptedFaults Faults { get; }

    /// <summary>The kubeconfig with authority and token.</summary>
    public string KubeConfig => Path.Combine(_directory, "kubeconfig");

    public static async Task<HostedServer> StartAsync(ApiStoreOptions? store = null, Func<ApiServerOptions,
        ApiServerOptions>? change = null)
    {
        string directory = Directory.CreateTempSubdirectory("flb-hosted-").FullName;
        var faults = new ScriptedFaults();
        var options = new ApiServerOptions
        {
            Port = 0, KubeConfigPath = Path.Combine(directory, "kubeconfig"), Faults = faults, Store = store,
        };
        options = change?.Invoke(options) ?? options;
        return new HostedServer(
            directory, await ApiServerHost.StartAsync(options, NullLoggerFactory.Instance, CancellationToken.None), faults);
    }

    /// <summary>A client of its own, with connections of its own.</summary>
    /// <param name="token">The bearer token; null for the administrator's.</param>
    public HttpClient Client(string? token = null)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(Setting("certificate-authority-data"))));
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        var client = new HttpClient(handler) { BaseAddress = new Uri(Host.Url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Setting("token"));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Faults.Thaw();
        await Host.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private string Setting(string key) => File.ReadLines(KubeConfig).Select(line => line.Trim())
        .First(line => line.StartsWith(key + ": ", StringComparison.Ordinal))[(key.Length + 2)..];
}
