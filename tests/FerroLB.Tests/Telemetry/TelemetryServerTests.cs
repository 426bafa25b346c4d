using System;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading.Tasks;
using FerroLB.Core.Status;
using FerroLB.Runtime.Telemetry;
using Xunit;

namespace FerroLB.Tests.Telemetry;

public sealed class TelemetryServerTests
{
    [Fact]
    public async Task Probes_and_metrics_answer_each_on_its_own_port()
    {
        var (metricsPort, probePort) = (FreePort(), FreePort());
        var metrics = new MetricRegistry();
        metrics.Apply(new(MetricOperation.Set, "metallb_k8s_client_config_loaded_bool", 1));
        await using var server = await TelemetryServer.StartAsync(metrics, metricsPort, IPAddress.Loopback, probePort);
        using var http = new HttpClient();
        Assert.Equal("ok", await http.GetStringAsync($"http://127.0.0.1:{probePort}/healthz"));
        Assert.Equal("ok", await http.GetStringAsync($"http://127.0.0.1:{probePort}/readyz"));
        var text = await http.GetStringAsync($"http://127.0.0.1:{metricsPort}/metrics");
        Assert.Contains("metallb_k8s_client_config_loaded_bool 1\n", text, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes ", text, StringComparison.Ordinal);
        foreach (var wrong in (string[])[$"{probePort}/metrics", $"{metricsPort}/healthz", $"{probePort}/"])
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{wrong}"));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await Assert.ThrowsAsync<IOException>(() => TelemetryServer.StartAsync(new(), 0, IPAddress.Loopback, port));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
