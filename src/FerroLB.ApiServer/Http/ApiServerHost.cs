using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http.Authentication;
using FerroLB.ApiServer.Http.Faults;
using FerroLB.ApiServer.Http.Webhooks;
using FerroLB.ApiServer.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// The embedded API server as one thing to start and stop. At start: open the data directory and replay the store, load or make the
/// certificate authority and the token, listen with TLS, and last write the kubeconfig, whose appearance therefore tells that the server is
/// ready. A request then travels: Kestrel (TLS, HTTP/1.1 or HTTP/2), <see cref="ApiServerFront"/> (whose token it is, documents),
/// ResourceFront (URL to
/// request, answer to table), StoreLoop (one thread: store, data file, watches), and back the same way. At stop: watches end, requests in
/// progress finish, the loop ends, the file closes. Killing the process instead loses nothing that was acknowledged.
/// </summary>
public sealed class ApiServerHost : IAsyncDisposable
{
    private const long MaximumBodyBytes = 3 << 20;
    private static readonly TimeSpan StopPeriod = TimeSpan.FromSeconds(3);
    private readonly WebApplication _application;
    private readonly StoreLoop _loop;

    private ApiServerHost(WebApplication application, StoreLoop loop, string url)
    {
        _application = application;
        _loop = loop;
        Url = url;
    }

    /// <summary>Where clients reach the server, as written into the kubeconfig.</summary>
    public string Url { get; }

    /// <summary>Ends when the server cannot go on; faulted with the reason.</summary>
    public Task Completion => _loop.Completion;

    /// <summary>Starts a server and returns when it answers requests.</summary>
    /// <exception cref="ApiServerStartException">It cannot start; the message tells the user why and what to do.</exception>
    public static async Task<ApiServerHost> StartAsync(ApiServerOptions options, ILoggerFactory loggers, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ILogger log = loggers.CreateLogger("apiserver");
        if (options.Port == 0 && options.BindAddresses.Count > 1)
            throw new ApiServerStartException("--port 0 goes with one --bind address only; name a port, or bind to one address.");
        (StoreLoop loop, ServerIdentity identity) = OpenData(options, log);
        WebApplication? application = null;
        try
        {
            application = Build(options, loggers, identity, loop, log);
            await ListenAsync(application, options, cancellation).ConfigureAwait(false);
            string url = UrlOf(application, options);
            WriteKubeConfig(options.KubeConfigPath, url, identity);
            return new ApiServerHost(application, loop, url);
        }
        catch
        {
            if (application is not null)
                await application.DisposeAsync().ConfigureAwait(false);
            loop.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Forgets the history of changes and the lists that are being read in pages, as a cluster's database does now and then: watches and
    /// pages
    /// that need them are answered with 410. Returns when it is done.
    /// </summary>
    public Task CompactAsync() => _loop.CompactAsync();

    /// <summary>Stops answering, then closes the data file.</summary>
    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(StopPeriod);
        await _application.StopAsync(limit.Token).ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        _loop.Dispose();
    }

    private static (StoreLoop Loop, ServerIdentity Identity) OpenData(ApiServerOptions options, ILogger log)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        ServiceAddresses services = ReadServices(options);
        StoreFile? file = null;
        try
        {
            var store = new ApiStore(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), (options.Store ?? new ApiStoreOptions()) with
            {
                RoleBasedAccess = options.RoleBasedAccess,
            });
            if (options.DataDirectory is { } directory)
            {
                Directory.CreateDirectory(directory);
                file = StoreFile.Open(directory, store, log);
            }
            ServerIdentity identity = ServerIdentity.LoadOrCreate(options.DataDirectory, Named(options.BindAddresses), options.Token, now);
            var loop = new StoreLoop(store, file, new WebhookCaller(services, log), log);
            loop.Start();
            return (loop, identity);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException)
        {
            file?.Dispose();
            throw new ApiServerStartException(
                $"cannot use the data directory {options.DataDirectory}: {failure.Message} " +
                "Choose with --data a directory that this user may write and that no other server uses.", failure);
        }
    }

    private static ServiceAddresses ReadServices(ApiServerOptions options)
    {
        try
        {
            return new ServiceAddresses(options.ServiceAddresses);
        }
        catch (FormatException failure)
        {
            throw new ApiServerStartException(failure.Message, failure);
        }
    }

    private static IReadOnlyList<(string Token, ApiIdentity Identity)> ReadTokens(ApiServerOptions options)
    {
        try
        {
            return options.TokenFile is { } path ? TokenFile.Read(path) : [];
        }
        catch (FormatException failure)
        {
            throw new ApiServerStartException(failure.Message, failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ApiServerStartException(
                $"cannot read --token-auth-file {options.TokenFile}: {failure.Message} Name a file that this user may read.", failure);
        }
    }

    private static WebApplication Build(
        ApiServerOptions options, ILoggerFactory loggers, ServerIdentity identity, StoreLoop loop, ILogger log)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.AddSingleton<IHostLifetime, CommandLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaximumBodyBytes;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            foreach (IPAddress address in options.BindAddresses)
                kestrel.Listen(address, options.Port, listen => Listen(listen, options, identity));
        });
        WebApplication application = builder.Build();
        var authenticator = new Authenticator(identity.Token, ReadTokens(options), new ServiceAccountTokens(identity.AccountKey), loop);
        var front = new ApiServerFront(loop, authenticator, options.Faults, log, application.Lifetime.ApplicationStopping);
        application.Run(front.HandleAsync);
        return application;
    }

    private static void Listen(ListenOptions listen, ApiServerOptions options, ServerIdentity identity)
    {
        if (options.Faults is { } faults)
            listen.Use(next => connection => FaultLayer.GateAsync(connection, faults, () => next(connection)));
        listen.UseHttps(identity.ServerCertificate);
    }

    private static async Task ListenAsync(WebApplication application, ApiServerOptions options, CancellationToken cancellation)
    {
        try
        {
            await application.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            string where = string.Join(", ", options.BindAddresses.Select(address => new IPEndPoint(address, options.Port).ToString()));
            string reason = failure is SocketException socket ? socket.Message : (failure.InnerException ?? failure).Message;
            throw new ApiServerStartException(
                $"cannot listen on {where}: {reason.TrimEnd('.')}. Stop what listens there, " +
                "choose another port with --port (0 picks a free one), or an address of this machine with --bind.", failure);
        }
    }

    private static string UrlOf(WebApplication application, ApiServerOptions options)
    {
        IServer server = application.Services.GetRequiredService<IServer>();
        int port = BindingAddress.Parse(server.Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        IPAddress first = options.BindAddresses[0];
        IPAddress reachable = first.Equals(IPAddress.Any) ? IPAddress.Loopback
            : first.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : first;
        return "https://" + new IPEndPoint(reachable, port).ToString();
    }

    /// <summary>The addresses that the certificate must name: for a wildcard, all that the machine has.</summary>
    private static List<IPAddress> Named(IReadOnlyList<IPAddress> bound)
    {
        bool any = bound.Any(address => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        IEnumerable<IPAddress> own = any
            ? NetworkInterface.GetAllNetworkInterfaces().SelectMany(link => link.GetIPProperties().UnicastAddresses)
                .Select(unicast => unicast.Address)
            : [];
        return [.. bound.Concat(own).Distinct()];
    }

    private static void WriteKubeConfig(string path, string url, ServerIdentity identity)
    {
        try
        {
            string full = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            SecretFile.Write(full, KubeConfigText.Build(url, identity));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ApiServerStartException(
                $"cannot write the kubeconfig {path}: {failure.Message} Choose another file with --kubeconfig.", failure);
        }
    }

    /// <summary>The command that started the server stops it too; signals are its matter.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
