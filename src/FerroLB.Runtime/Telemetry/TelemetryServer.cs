using System;
using System.IO;
using System.Net;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace FerroLB.Runtime.Telemetry;

/// <summary>
/// Answers probes and scrapes over plain HTTP: /healthz and /readyz on one port, /metrics on another. Both probes answer 200 while the
/// process runs, as MetalLB's do: a restart would mend nothing that the network or the API server lacks. Kestrel without host, routing or
/// dependency injection, because the memory of an idle speaker counts.
/// </summary>
public sealed class TelemetryServer : IAsyncDisposable
{
    private readonly KestrelServer _server;

    private TelemetryServer(KestrelServer server) => _server = server;

    /// <summary>Starts listening.</summary>
    /// <param name="metrics">What /metrics shows.</param>
    /// <param name="metricsPort">Port of /metrics, on all interfaces; 0 for none.</param>
    /// <param name="probeAddress">Address of the probes.</param>
    /// <param name="probePort">Port of the probes; 0 for none.</param>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<TelemetryServer> StartAsync(MetricRegistry metrics, int metricsPort, IPAddress probeAddress, int probePort)
    {
        var options = new KestrelServerOptions { AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = 64;
        options.Limits.MaxRequestBodySize = 0;
        options.ConfigureEndpointDefaults(static endpoint => endpoint.Protocols = HttpProtocols.Http1);
        if (metricsPort > 0)
            options.ListenAnyIP(metricsPort);
        if (probePort > 0 && IPAddress.Any.Equals(probeAddress))
            options.ListenAnyIP(probePort);
        else if (probePort > 0)
            options.Listen(probeAddress, probePort);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var server = new TelemetryServer(new(Options.Create(options), transport, NullLoggerFactory.Instance));
        if (metricsPort > 0 || probePort > 0)
            await server._server.StartAsync(new Pages(metrics, metricsPort), CancellationToken.None).ConfigureAwait(false);
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync().ConfigureAwait(false);
        await _server.StopAsync(atOnce.Token).ConfigureAwait(false);
        _server.Dispose();
    }

    private sealed class Pages(MetricRegistry metrics, int metricsPort) : IHttpApplication<IFeatureCollection>
    {
        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }

        public async Task ProcessRequestAsync(IFeatureCollection context)
        {
            var path = context.GetRequiredFeature<IHttpRequestFeature>().Path;
            var port = context.GetRequiredFeature<IHttpConnectionFeature>().LocalPort;
            var response = context.GetRequiredFeature<IHttpResponseFeature>();
            var page = port == metricsPort
                ? path == "/metrics" ? ProcessMetrics.Expose() + metrics.Expose() : null
                : path is "/healthz" or "/readyz" ? "ok" : null;
            response.StatusCode = page is null ? 404 : 200;
            response.Headers.ContentType = port == metricsPort ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain; charset=utf-8";
            var body = Encoding.UTF8.GetBytes(page ?? "not found\n");
            response.Headers.ContentLength = body.Length;
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(body).ConfigureAwait(false);
        }
    }
}
