using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Kube;
using FerroLB.Core.Status;
using FerroLB.Runtime.Telemetry;
using FerroLB.Runtime.Tls;
using Xunit;

namespace FerroLB.Tests.Telemetry;

public sealed class TelemetryServerTests
{
    private readonly List<KubeRequest> _asked = [];

    [Fact]
    public async Task Probes_and_metrics_answer_each_on_its_own_port()
    {
        var (metricsPort, probePort) = (FreePort.Next(), FreePort.Next());
        var metrics = new MetricRegistry();
        metrics.Apply(new(MetricOperation.Set, "metallb_k8s_client_config_loaded_bool", 1));
        await using var server = await TelemetryServer.StartAsync(metrics, Plain(metricsPort), IPAddress.Loopback, probePort);
        using var http = new HttpClient();
        Assert.Equal("ok", await http.GetStringAsync($"http://127.0.0.1:{probePort}/healthz"));
        Assert.Equal("ok", await http.GetStringAsync($"http://127.0.0.1:{probePort}/readyz"));
        var text = await http.GetStringAsync($"http://127.0.0.1:{metricsPort}/metrics?x=1");
        Assert.Contains("metallb_k8s_client_config_loaded_bool 1\n", text, StringComparison.Ordinal);
        Assert.Contains("process_resident_memory_bytes ", text, StringComparison.Ordinal);
        Assert.Equal(text.Length > 0, (await http.GetStringAsync($"http://[::1]:{metricsPort}/metrics")).Length > 0);
        foreach (var wrong in (string[])[$"{probePort}/metrics", $"{metricsPort}/healthz", $"{probePort}/"])
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{wrong}"));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public void Process_metrics_are_those_of_this_process()
    {
        var values = ProcessMetrics.Expose().Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => double.Parse(words[1], CultureInfo.InvariantCulture), StringComparer.Ordinal);
        using var process = Process.GetCurrentProcess();
        var start = new DateTimeOffset(process.StartTime.ToUniversalTime()).ToUnixTimeSeconds();
        Assert.InRange(values["process_start_time_seconds"], start - 2, start + 2);
        Assert.InRange(values["process_resident_memory_bytes"], process.WorkingSet64 / 2, process.WorkingSet64 * 2);
        Assert.InRange(values["process_cpu_seconds_total"], 0.01, process.TotalProcessorTime.TotalSeconds + 1);
        Assert.InRange(values["process_open_fds"], 3, 10_000);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await Assert.ThrowsAsync<IOException>(() => TelemetryServer.StartAsync(new(), Plain(0), IPAddress.Loopback, port));
    }

    [Theory]
    [InlineData(null, 401, 0)]
    [InlineData("stranger", 401, 1)]
    [InlineData("nobody", 403, 2)]
    [InlineData("reader", 200, 2)]
    public async Task Metrics_over_TLS_are_for_those_whom_the_cluster_allows(string? token, int status, int questions)
    {
        var port = FreePort.Next();
        await using var server = await TelemetryServer.StartAsync(new(), Secured(port), IPAddress.Loopback, 0);
        using var http = Client();
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://127.0.0.1:{port}/metrics");
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.SendAsync(request);
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Equal(status == 200, (await answer.Content.ReadAsStringAsync()).Contains("# HELP", StringComparison.Ordinal));
        }
        Assert.Equal(questions, _asked.Count);
        if (questions < 2)
            return;
        var review = JsonNode.Parse(_asked[1].Body.Span)!;
        Assert.Equal("SubjectAccessReview", review["kind"]!.ToString());
        var wish = review["spec"]!["nonResourceAttributes"]!;
        Assert.Equal("/metrics get", $"{wish["path"]} {wish["verb"]}");
        Assert.Equal("""["system:serviceaccounts","g2"]""", review["spec"]!["groups"]!.ToJsonString());
        Assert.Equal("""{"k":["v"]}""", review["spec"]!["extra"]!.ToJsonString());
    }

    [Fact]
    public async Task Silent_API_server_means_no_and_is_asked_again()
    {
        var port = FreePort.Next();
        var endpoint = Secured(port) with { Ask = (_, _) => Task.FromResult(new KubeResponse(0, 0, default, null, "away")) };
        await using var server = await TelemetryServer.StartAsync(new(), endpoint, IPAddress.Loopback, 0);
        using var http = Client();
        http.DefaultRequestHeaders.Authorization = new("Bearer", "reader");
        using var answer = await http.GetAsync(new Uri($"https://127.0.0.1:{port}/metrics"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task What_the_cluster_said_counts_for_ten_seconds_and_for_a_bounded_number_of_tokens()
    {
        var clock = 0L;
        var access = new ScrapeAccess(AnswerAsync, () => clock);
        SmallHttpRequest With(string token) => new("GET", "/metrics", $"Bearer {token}", true);
        Assert.Null(await access.RefuseAsync(With("reader"), CancellationToken.None));
        clock += 9_999;
        Assert.Null(await access.RefuseAsync(With("reader"), CancellationToken.None));
        Assert.Equal(2, _asked.Count);
        clock += 2;
        Assert.Null(await access.RefuseAsync(With("reader"), CancellationToken.None));
        Assert.Equal(4, _asked.Count);
        for (var i = 0; i < ScrapeAccess.MostRemembered; i++)
            Assert.Equal(401, (await access.RefuseAsync(With($"stranger-{i}"), CancellationToken.None))!.StatusCode);
        _asked.Clear();
        Assert.Null(await access.RefuseAsync(With("reader"), CancellationToken.None));
        Assert.Equal(2, _asked.Count);
    }

    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK")]
    [InlineData("GET /metrics HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK")]
    [InlineData("HEAD /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK")]
    [InlineData("POST /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 405 Method Not Allowed")]
    [InlineData("GET /metrics HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 413 Content Too Large")]
    [InlineData("GET /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 413 Content Too Large")]
    [InlineData("GET metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("GET /metrics HTTP/2.0\r\n\r\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("\r\n\r\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("GET / HTTP/1.1\r\n : x\r\n\r\n", "HTTP/1.1 400 Bad Request")]
    [InlineData("GET /\u0001 HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request")]
    public async Task Every_request_gets_one_answer_and_the_connection_ends(string request, string statusLine)
    {
        var port = FreePort.Next();
        await using var server = await TelemetryServer.StartAsync(new(), Plain(port), IPAddress.Loopback, 0);
        Assert.StartsWith(statusLine + "\r\n", await ExchangeAsync(port, Encoding.Latin1.GetBytes(request)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_that_is_too_long_is_refused()
    {
        var port = FreePort.Next();
        await using var server = await TelemetryServer.StartAsync(new(), Plain(port), IPAddress.Loopback, 0);
        var request = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nX: " + new string('x', SmallHttpServer.MostHeadBytes));
        var answer = await ExchangeAsync(port, request.AsMemory(0, SmallHttpServer.MostHeadBytes));
        Assert.StartsWith("HTTP/1.1 431 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_may_follow_each_other_on_one_connection_without_waiting()
    {
        var port = FreePort.Next();
        await using var server = await TelemetryServer.StartAsync(new(), Plain(port), IPAddress.Loopback, 0);
        var requests = "GET /x HTTP/1.1\r\n\r\nGET /y HTTP/1.1\r\n\r\nGET /z HTTP/1.1\r\nConnection: close\r\n\r\n"u8.ToArray();
        var answers = await ExchangeAsync(port, requests);
        Assert.Equal(3, answers.Split("HTTP/1.1 404 Not Found\r\n").Length - 1);
    }

    [Fact]
    public async Task Connections_beyond_the_bound_are_closed_and_the_others_live_on()
    {
        var port = FreePort.Next();
        await using var server = await TelemetryServer.StartAsync(new(), Plain(port), IPAddress.Loopback, 0);
        var open = new List<TcpClient>();
        for (var i = 0; i < SmallHttpServer.MostConnections; i++)
        {
            var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, port);
            open.Add(client);
            // The connection counts once it was answered.
            await client.GetStream().WriteAsync("GET /x HTTP/1.1\r\n\r\n"u8.ToArray());
            Assert.True(await client.GetStream().ReadAsync(new byte[4096]) > 0);
        }
        Assert.Equal("", await ExchangeAsync(port, ReadOnlyMemory<byte>.Empty));
        await open[0].GetStream().WriteAsync("GET /x HTTP/1.1\r\n\r\n"u8.ToArray());
        Assert.True(await open[0].GetStream().ReadAsync(new byte[4096]) > 0);
        open.ForEach(client => client.Dispose());
    }

    private static async Task<string> ExchangeAsync(int port, ReadOnlyMemory<byte> request)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
        await client.GetStream().WriteAsync(request, deadline.Token);
        var answer = new MemoryStream();
        await client.GetStream().CopyToAsync(answer, deadline.Token);
        return Encoding.UTF8.GetString(answer.ToArray());
    }

    private static HttpClient Client() => new(new SocketsHttpHandler
    {
        SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
    });

    private MetricsEndpoint Plain(int port) => new(port, null, TlsTerms.Default, AnswerAsync);

    private MetricsEndpoint Secured(int port) => new(port, ServedCertificate.SelfSigned("localhost"), TlsTerms.Default, AnswerAsync);

    /// <summary>A cluster that knows the tokens "reader" and "nobody", of which only the first may read metrics.</summary>
    private Task<KubeResponse> AnswerAsync(KubeRequest request, CancellationToken cancellation)
    {
        _asked.Add(request);
        var spec = JsonNode.Parse(request.Body.Span)!["spec"]!;
        var token = spec["token"]?.ToString();
        var user = $$"""{"username":"{{token}}","groups":["system:serviceaccounts","g2"],"extra":{"k":["v"]} }""";
        var status = request.Resource == KubeResource.SubjectAccessReviews
            ? $$"""{"allowed":{{(spec["user"]!.ToString() == "reader" ? "true" : "false")}}}"""
            : token is not ("reader" or "nobody") ? """{"authenticated":false}"""
            : $$"""{"authenticated":true,"user":{{user}}}""";
        return Task.FromResult(new KubeResponse(0, 201, Encoding.UTF8.GetBytes($$"""{"status":{{status}}}""")));
    }
}
