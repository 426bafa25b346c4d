using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http.Faults;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http;

/// <summary>The faults on order, so that tests of clients may rely on them.</summary>
public sealed class FaultTests : IAsyncLifetime
{
    private HostedServer _server = null!;
    private HttpClient _client = null!;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await HostedServer.StartAsync();
        _client = _server.Client();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Refusal_comes_with_status_reason_and_Retry_After()
    {
        _server.Faults.Order(
            new HttpFault { StatusCode = 429, Reason = "TooManyRequests", RetryAfter = TimeSpan.FromSeconds(3) }, "GET /api/v1/services");
        using HttpResponseMessage refused = await _client.GetAsync("api/v1/services", Ending);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(3)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
        Assert.Equal("TooManyRequests", (string?)JsonNode.Parse(await refused.Content.ReadAsStringAsync(Ending))!["reason"]);
        using HttpResponseMessage served = await _client.GetAsync("api/v1/services", Ending);
        Assert.Equal(HttpStatusCode.OK, served.StatusCode);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Body_is_cut_inside_a_line_and_inside_a_letter(string version)
    {
        _client.DefaultRequestVersion = Version.Parse(version);
        _client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        await CreateAsync("ü");
        byte[] letter = Encoding.UTF8.GetBytes("ü");
        _server.Faults.Order(new HttpFault { Marker = "ü", MarkerOffset = 1 });
        byte[] got = await ReadUntilLostAsync("api/v1/namespaces/default/configmaps/a");
        Assert.Equal(letter[0], got[^1]);
    }

    [Fact]
    public async Task Body_may_end_in_good_order_with_half_its_content()
    {
        await CreateAsync("x");
        _server.Faults.Order(new HttpFault { Marker = "\"data\"", AtMarker = BodyEnd.End });
        string got = await _client.GetStringAsync("api/v1/namespaces/default/configmaps/a", Ending);
        Assert.EndsWith(",", got, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_comes_in_pieces()
    {
        await CreateAsync("ü");
        _server.Faults.Order(new HttpFault { PieceBytes = 7, PiecePause = TimeSpan.FromMilliseconds(1) });
        string got = await _client.GetStringAsync("api/v1/namespaces/default/configmaps/a", Ending);
        Assert.Equal("ü", (string?)JsonNode.Parse(got)!["data"]!["x"]);
    }

    [Fact]
    public async Task Watch_hangs_silently_at_the_marker()
    {
        await CreateAsync("x");
        _server.Faults.Order(new HttpFault { Marker = "\"data\"", AtMarker = BodyEnd.Hang }, "watch=true");
        using Stream watch = await _client.GetStreamAsync("api/v1/namespaces/default/configmaps?watch=true", Ending);
        var buffer = new byte[65536];
        var text = new StringBuilder();
        while (!text.ToString().EndsWith("},", StringComparison.Ordinal))
        {
            int count = await watch.ReadAsync(buffer, Ending);
            Assert.True(count > 0, "the stream ended: " + text);
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
        Task<int> more = watch.ReadAsync(buffer, Ending).AsTask();
        Assert.NotSame(more, await Task.WhenAny(more, Task.Delay(TimeSpan.FromMilliseconds(300), Ending)));
    }

    [Fact]
    public async Task Frozen_connections_are_open_and_silent_until_thawed()
    {
        await _client.GetStringAsync("api/v1/namespaces", Ending);
        _server.Faults.Freeze();
        Task<string> waiting = _client.GetStringAsync("api/v1/namespaces", Ending);
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(TimeSpan.FromMilliseconds(300), Ending)));
        _server.Faults.Thaw();
        Assert.Contains("kube-system", await waiting.WaitAsync(TimeSpan.FromSeconds(30), Ending), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compaction_expires_pages_and_watches_from_the_past()
    {
        JsonNode page = JsonNode.Parse(await _client.GetStringAsync("api/v1/namespaces?limit=1", Ending))!;
        string version = (string)page["metadata"]!["resourceVersion"]!;
        await CreateAsync("x");
        await _server.Host.CompactAsync();
        string next = "api/v1/namespaces?limit=1&continue=" + (string)page["metadata"]!["continue"]!;
        using HttpResponseMessage expired = await _client.GetAsync(next, Ending);
        Assert.Equal(HttpStatusCode.Gone, expired.StatusCode);
        using Stream watch = await _client.GetStreamAsync("api/v1/namespaces?watch=true&resourceVersion=" + version, Ending);
        using var reader = new StreamReader(watch);
        JsonNode line = JsonNode.Parse((await reader.ReadLineAsync(Ending))!)!;
        Assert.Equal(("ERROR", 410), ((string)line["type"]!, (int)line["object"]!["code"]!));
    }

    [Fact]
    public async Task Requests_are_remembered_and_orders_are_counted()
    {
        _server.Faults.Order(new HttpFault { StatusCode = 500 }, "/api/v1/nodes", times: 2);
        var codes = new int[3];
        for (int i = 0; i < codes.Length; i++)
        {
            using HttpResponseMessage response = await _client.GetAsync("api/v1/nodes", Ending);
            codes[i] = (int)response.StatusCode;
        }
        Assert.Equal("500 500 200", string.Join(' ', codes.Select(code => code.ToString(CultureInfo.InvariantCulture))));
        Assert.Equal(3, _server.Faults.Requests.Count(request => request == "GET /api/v1/nodes"));
    }

    private async Task CreateAsync(string x)
    {
        using var content = new StringContent($$$"""{"metadata":{"name":"a"},"data":{"x":"{{{x}}}"}}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage created = await _client.PostAsync("api/v1/namespaces/default/configmaps", content, Ending);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
    }

    private async Task<byte[]> ReadUntilLostAsync(string path)
    {
        using var got = new MemoryStream();
        var buffer = new byte[1024];
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using Stream stream = await _client.GetStreamAsync(path, Ending);
            while (await stream.ReadAsync(buffer, Ending) is > 0 and int count)
                got.Write(buffer, 0, count);
        });
        return got.ToArray();
    }
}
