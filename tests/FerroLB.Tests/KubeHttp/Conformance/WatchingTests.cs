using System;
using System.Collections.Generic;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http.Faults;
using FerroLB.Runtime.KubeHttp;
using FerroLB.Tests.ApiServer.Http;
using Xunit;

namespace FerroLB.Tests.KubeHttp.Conformance;

/// <summary>What a client of the Kubernetes API must do when it lists and watches, shown with the real client against the real server
/// and what may go wrong between them.</summary>
public sealed class WatchingTests : IAsyncLifetime
{
    private const string ConfigMaps = "api/v1/namespaces/default/configmaps";
    private const string IsWatch = "watch=true";

    private readonly PictureNode _picture = new();
    private HostedServer _server = null!;
    private HttpClient _user = null!;
    private HttpNode _node = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await HostedServer.StartAsync();
        _user = _server.Client();
        _node = new HttpNode(_picture, _server, new KubeHttpTiming { PingDelay = Second, PingTimeout = Second });
    }

    public async ValueTask DisposeAsync()
    {
        _node.Dispose();
        _user.Dispose();
        await _server.DisposeAsync();
    }

    private static TimeSpan Second { get; } = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Gone_as_the_answer_to_a_watch_leads_to_a_consistent_list()
    {
        await CreateAsync("a");
        _server.Faults.Order(new HttpFault { StatusCode = 410, Reason = "Expired" }, "watch=true");
        await _node.StartAsync();
        await _node.UntilAsync(() => Requests().Count(IsList) == 2 && _picture.IsWatching);
        await CreateAsync("b");
        await _node.UntilAsync(() => _picture.Told.Contains("+b"));
        Assert.Equal(["+a", "synced", "+b"], _picture.Told);
        Assert.All(Requests().Where(IsList), request => Assert.DoesNotContain("resourceVersion=", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Gone_inside_of_a_watch_leads_to_a_list_that_tells_what_was_deleted_meanwhile()
    {
        await CreateAsync("a");
        await LoseTheWatchAtAsync("b");
        await DeleteAsync("a");
        await CreateAsync("c");
        await _server.Host.CompactAsync();
        await _node.Pass(Second);
        await _node.UntilAsync(() => Requests().Count(IsList) == 2 && _picture.IsWatching);
        Assert.Equal(["+a", "synced", "-a", "+b", "+c"], _picture.Told);
        Assert.Contains("the server no longer keeps the changes since the last one seen; listing again", _node.Logs);
    }

    [Fact]
    public async Task Watch_that_was_cut_goes_on_where_it_ended_and_misses_no_deletion()
    {
        await CreateAsync("a");
        await LoseTheWatchAtAsync("b");
        await DeleteAsync("a");
        await _node.Pass(Second);
        await _node.UntilAsync(() => _picture.Told.Contains("-a"));
        Assert.Equal(["+a", "synced", "+b", "-a"], _picture.Told);
        Assert.Single(Requests(), IsList);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task List_in_pages_begins_anew_when_its_token_has_expired(bool isReallyExpired)
    {
        await Task.WhenAll(Enumerable.Range(0, 501).Select(i => CreateAsync($"m-{i}")));
        if (!isReallyExpired)
            _server.Faults.Order(new HttpFault { StatusCode = 410, Reason = "Expired" }, "continue=");
        var isFirst = isReallyExpired;
        _node.BeforeSend = async request =>
        {
            if (request.Continue is null || !isFirst)
                return;
            isFirst = false;
            await _server.Host.CompactAsync();
        };
        await _node.StartAsync();
        await _node.UntilAsync(() => _picture.IsWatching);
        Assert.Equal(502, _picture.Told.Distinct().Count());
        Assert.Equal(502, _picture.Told.Count);
        Assert.Equal("synced", _picture.Told[^1]);
        Assert.Equal(
            [false, true, false, true],
            Requests().Where(IsList).Select(request => request.Contains("continue=", StringComparison.Ordinal)));
        Assert.All(Requests().Where(IsList), request => Assert.Contains("limit=500", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Letter_cut_in_two_and_half_an_object_are_nothing_until_the_rest_is_there()
    {
        await CreateAsync("a");
        _server.Faults.Order(new HttpFault { Marker = "ü", MarkerOffset = 1 }, IsWatch);
        await _node.StartAsync();
        await _node.UntilAsync(() => _picture.IsWatching);
        await CreateAsync("b", "Grüße");
        await _node.UntilAsync(() => !_picture.IsWatching);
        Assert.Equal(["+a", "synced"], _picture.Told);
        await _node.Pass(Second);
        await _node.UntilAsync(() => _picture.Told.Contains("+b"));
        Assert.Equal("Grüße", _picture.Value("b", "x"));
    }

    [Fact]
    public async Task Answers_and_lines_in_the_smallest_pieces_are_the_same()
    {
        await CreateAsync("a", "日本");
        _server.Faults.Order(new HttpFault { PieceBytes = 1 }, "configmaps", times: 2);
        await _node.StartAsync();
        await _node.UntilAsync(() => _picture.IsWatching);
        await CreateAsync("b", "🚀");
        await _node.UntilAsync(() => _picture.Told.Contains("+b"));
        Assert.Equal(("日本", "🚀"), (_picture.Value("a", "x"), _picture.Value("b", "x")));
    }

    [Fact]
    public async Task List_that_ends_in_good_order_but_half_is_no_list()
    {
        await CreateAsync("a");
        _server.Faults.Order(new HttpFault { Marker = "\"items\"", AtMarker = BodyEnd.End }, "configmaps?limit");
        await _node.StartAsync();
        await _node.UntilAsync(() => _node.Logs.Count > 0);
        Assert.Empty(_picture.Told);
        await _node.Pass(Second);
        await _node.UntilAsync(() => _picture.IsWatching);
        Assert.Equal(["+a", "synced"], _picture.Told);
    }

    [Theory]
    [InlineData("configmaps?limit")]
    [InlineData(IsWatch)]
    public async Task Throttled_list_and_watch_come_back_when_the_server_said_and_not_earlier(string throttled)
    {
        _server.Faults.Order(
            new HttpFault { StatusCode = 429, Reason = "TooManyRequests", RetryAfter = TimeSpan.FromSeconds(7) }, throttled);
        await _node.StartAsync();
        await _node.UntilAsync(() => _node.Logs.Contains(
            "cannot read from the API server; what is known stays in use, and attempts go on"));
        var count = Requests().Count;
        await _node.Pass(TimeSpan.FromSeconds(6.9));
        Assert.Equal(count, Requests().Count);
        await _node.Pass(TimeSpan.FromSeconds(0.9));
        await _node.UntilAsync(() => _picture.IsWatching);
        await CreateAsync("a");
        await _node.UntilAsync(() => _picture.Told.Contains("+a"));
    }

    [Fact]
    public async Task Connection_that_is_open_and_silent_is_found()
    {
        await _node.StartAsync();
        await _node.UntilAsync(() => _picture.IsWatching);
        await CreateAsync("a");
        await _node.UntilAsync(() => _picture.Told.Contains("+a"));
        _server.Faults.Freeze();
        await _node.UntilAsync(() => !_picture.IsWatching);
        _server.Faults.Thaw();
        await CreateAsync("b");
        await _node.Pass(Second);
        await _node.UntilAsync(() => _picture.Told.Contains("+b"));
        Assert.Single(Requests(), IsList);
    }

    [Fact]
    public void Silence_is_found_within_45_seconds_by_default()
    {
        var timing = new KubeHttpTiming();
        var look = TimeSpan.FromTicks(Math.Min(timing.PingDelay.Ticks, timing.PingTimeout.Ticks) / 4);
        Assert.InRange(timing.PingDelay + timing.PingTimeout + 2 * look, TimeSpan.Zero, TimeSpan.FromSeconds(45));
    }

    private IReadOnlyList<string> Requests() =>
        [.. _server.Faults.Requests.Where(request => request.StartsWith($"GET /{ConfigMaps}", StringComparison.Ordinal))];

    private static bool IsList(string request) => !request.Contains("watch=true", StringComparison.Ordinal);

    /// <summary>Starts, and cuts the connection in the middle of the line that tells of an object.</summary>
    private async Task LoseTheWatchAtAsync(string name)
    {
        _server.Faults.Order(new HttpFault { Marker = $"\"{name}\"" }, IsWatch);
        await _node.StartAsync();
        await _node.UntilAsync(() => _picture.IsWatching);
        await CreateAsync(name);
        await _node.UntilAsync(() => !_picture.IsWatching);
        Assert.DoesNotContain("+" + name, _picture.Told);
    }

    private async Task CreateAsync(string name, string text = "")
    {
        using var content = new StringContent(
            $$$"""{"metadata":{"name":"{{{name}}}"},"data":{"x":"{{{text}}}"}}""", Encoding.UTF8, "application/json");
        using var created = await _user.PostAsync(new Uri(ConfigMaps, UriKind.Relative), content);
        created.EnsureSuccessStatusCode();
    }

    private async Task DeleteAsync(string name)
    {
        using var deleted = await _user.DeleteAsync(new Uri($"{ConfigMaps}/{name}", UriKind.Relative));
        deleted.EnsureSuccessStatusCode();
    }
}
