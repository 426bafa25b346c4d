using System;
using System.IO;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Kube;
using FerroLB.Runtime.Tls;

namespace FerroLB.Runtime.Telemetry;

/// <summary>How /metrics is served.</summary>
/// <param name="Port">The port, on all addresses; 0 for none.</param>
/// <param name="Certificate">What to show to clients; null serves plain HTTP, to everybody.</param>
/// <param name="Terms">How to speak TLS.</param>
/// <param name="Ask">Asks the API server who may read, for HTTPS; its answer has status 0 when none came.</param>
public sealed record MetricsEndpoint(
    int Port, ServedCertificate? Certificate, TlsTerms Terms, Func<KubeRequest, CancellationToken, Task<KubeResponse>> Ask);

/// <summary>
/// Answers probes and scrapes: /healthz and /readyz over plain HTTP on one port, /metrics over HTTPS on another, there to those whom the
/// cluster allows it (<see cref="ScrapeAccess"/>). Both probes answer 200 while the process runs, as MetalLB's do: a restart would mend
/// nothing that the network or the API server lacks.
/// </summary>
public sealed class TelemetryServer : IAsyncDisposable
{
    private SmallHttpServer? _probes;
    private SmallHttpServer? _metrics;

    private TelemetryServer()
    {
    }

    /// <summary>Starts listening.</summary>
    /// <param name="metrics">What /metrics shows.</param>
    /// <param name="endpoint">How it shows it.</param>
    /// <param name="probeAddress">Address of the probes.</param>
    /// <param name="probePort">Port of the probes; 0 for none.</param>
    /// <exception cref="IOException">A port is taken.</exception>
    public static async Task<TelemetryServer> StartAsync(
        MetricRegistry metrics, MetricsEndpoint endpoint, IPAddress probeAddress, int probePort)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var server = new TelemetryServer();
        try
        {
            if (probePort > 0)
            {
                server._probes = SmallHttpServer.Start(
                    probeAddress, probePort, null, static (request, _) => ValueTask.FromResult(Probe(request)));
            }
            if (endpoint.Port > 0)
                server._metrics = StartMetrics(metrics, endpoint);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_probes is { } probes)
            await probes.DisposeAsync().ConfigureAwait(false);
        if (_metrics is { } metrics)
            await metrics.DisposeAsync().ConfigureAwait(false);
    }

    private static SmallHttpServer StartMetrics(MetricRegistry metrics, MetricsEndpoint endpoint)
    {
        if (endpoint.Certificate is not { } certificate)
            return SmallHttpServer.Start(IPAddress.Any, endpoint.Port, null, (request, _) => ValueTask.FromResult(Page(request, metrics)));
        var access = new ScrapeAccess(endpoint.Ask, static () => Environment.TickCount64);
        return SmallHttpServer.Start(IPAddress.Any, endpoint.Port, () => endpoint.Terms.With(certificate.Current()!), AnswerAsync);

        async ValueTask<SmallHttpAnswer> AnswerAsync(SmallHttpRequest request, CancellationToken cancellation) =>
            await access.RefuseAsync(request, cancellation).ConfigureAwait(false) ?? Page(request, metrics);
    }

    private static SmallHttpAnswer Probe(SmallHttpRequest request) =>
        request.Path is "/healthz" or "/readyz" ? new(200, "ok") : new(404, "not found\n");

    private static SmallHttpAnswer Page(SmallHttpRequest request, MetricRegistry metrics) => request.Path == "/metrics"
        ? new(200, ProcessMetrics.Expose() + metrics.Expose()) { ContentType = "text/plain; version=0.0.4; charset=utf-8" }
        : new(404, "not found\n");
}
