using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>
/// Turns a node's requests into HTTP and the answers into its inputs.
/// <code>
/// Send(get, list, create, patch, delete) --> one exchange --> KubeResponded           (StatusCode 0 and words when no answer came)
/// Send(watch) --> status not 2xx         --> KubeResponded
///             \-> 200, lines as they come --> WatchEventReceived ... WatchClosed      (by the server, by an error, by silence)
/// Cancel(id)                             --> nothing more
/// </code>
/// All requests share HTTP/2 connections. A connection that has gone silent is found by pings (<see cref="KubeHttpTiming"/>), or by TCP
/// keep-alive where the server speaks HTTP/1.1 only; a watch that outlives its own timeout is ended here. Posting an input waits for room
/// in the node's queue: until then the watch is not read any further. How many requests are in flight is the node's decision; there is no
/// queue here. Tokens and authorities are read again as they rotate, and at once when the server refuses them (401) or is refused by them.
/// No header and no body ever reaches a log.
/// </summary>
public sealed class KubeHttpClient : IDisposable
{
    private const int MostOctetsPerWatchLine = 32 * 1024 * 1024;
    private const int MostOctetsPerAnswer = 256 * 1024 * 1024;
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestWatch = TimeSpan.FromHours(1);

    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private static readonly MediaTypeHeaderValue MergePatch = new("application/merge-patch+json");
    private static readonly MediaTypeHeaderValue JsonPatch = new("application/json-patch+json");
    private static readonly MediaTypeHeaderValue ApplyPatch = new("application/apply-patch+yaml");

    private readonly KubeAccess _access;
    private readonly KubeHttpTiming _timing;
    private readonly Func<NodeInput, CancellationToken, ValueTask> _post;
    private readonly ServerTrust _trust;
    private readonly HttpClient _http;
    private readonly ConcurrentDictionary<long, CancellationTokenSource> _running = new();
    private volatile AuthenticationHeaderValue? _authorization;

    /// <summary>Makes a client; nothing is connected before the first request.</summary>
    /// <param name="access">The way to the API.</param>
    /// <param name="userAgent">How this program names itself to the server, as product/version.</param>
    /// <param name="post">Takes the inputs; may be called from many threads.</param>
    /// <param name="timing">How long to wait; null for the defaults.</param>
    public KubeHttpClient(
        KubeAccess access, string userAgent, Func<NodeInput, CancellationToken, ValueTask> post, KubeHttpTiming? timing = null)
    {
        _access = access;
        _timing = timing ?? new();
        _post = post;
        _trust = new(access);
#pragma warning disable CA2000 // The client owns its handler.
        _http = new(MakeHandler())
        {
            BaseAddress = access.Server,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MostOctetsPerAnswer,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
#pragma warning restore CA2000
        _http.DefaultRequestHeaders.UserAgent.ParseAdd(userAgent);
        _http.DefaultRequestHeaders.Accept.Add(new("application/json"));
        _http.DefaultRequestHeaders.Host = access.ServerName;
    }

    /// <summary>Starts a request and returns at once; its answer is posted with the same id.</summary>
    public void Send(KubeRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var cancellation = new CancellationTokenSource();
        _running[request.Id] = cancellation;
        _ = Task.Run(() => RunAsync(request, cancellation));
    }

    /// <summary>
    /// Makes one exchange for somebody else than the node, who waits for the answer; StatusCode 0 and words when none came in 30 s.
    /// </summary>
    public async Task<KubeResponse> AskAsync(KubeRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_timing.AnswerDeadline);
        try
        {
            using var message = MessageOf(request);
            using var response = await _http.SendAsync(message, deadline.Token).ConfigureAwait(false);
            return await AnswerAsync(request, response, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            return Failed(request, e);
        }
    }

    /// <summary>Gives up a request or a watch. An answer that was already posted still arrives.</summary>
    public void Cancel(long requestId)
    {
        if (_running.TryRemove(requestId, out var cancellation))
            cancellation.Cancel();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var id in _running.Keys)
            Cancel(id);
        _http.Dispose();
    }

    private SocketsHttpHandler MakeHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = _timing.ConnectTimeout,
        KeepAlivePingDelay = _timing.PingDelay,
        KeepAlivePingTimeout = _timing.PingTimeout,
        ConnectCallback = ConnectAsync,
        SslOptions = new()
        {
            RemoteCertificateValidationCallback = _trust.Verify,
            ClientCertificateContext = _access.ClientCertificate is { } own ? SslStreamCertificateContext.Create(own, null) : null,
        },
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task RunAsync(KubeRequest request, CancellationTokenSource source)
    {
        using var _ = source;
        var cancellation = source.Token;
        try
        {
            if (request.Verb == KubeVerb.Watch)
                await WatchAsync(request, cancellation).ConfigureAwait(false);
            else
                await CallAsync(request, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Cancelled by the node, which expects nothing more.
        }
        finally
        {
            _running.TryRemove(new(request.Id, source));
        }
    }

    private async Task CallAsync(KubeRequest request, CancellationToken cancellation)
    {
        var answer = await AskAsync(request, cancellation).ConfigureAwait(false);
        await _post(new NodeInput.KubeResponded(answer), cancellation).ConfigureAwait(false);
    }

    private async Task WatchAsync(KubeRequest request, CancellationToken cancellation)
    {
        NodeInput last;
        using (var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            deadline.CancelAfter(_timing.AnswerDeadline);
            var isOpen = false;
            try
            {
                using var message = MessageOf(request);
                using var response = await _http
                    .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
                isOpen = response.IsSuccessStatusCode;
                if (isOpen)
                    deadline.CancelAfter(WatchGrace + (request.WatchTimeout > TimeSpan.Zero ? request.WatchTimeout : LongestWatch));
                if (isOpen)
                    await ReadLinesAsync(request.Id, response, deadline.Token, cancellation).ConfigureAwait(false);
                last = isOpen
                    ? new NodeInput.WatchClosed(request.Id, "the server ended it")
                    : new NodeInput.KubeResponded(await AnswerAsync(request, response, deadline.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                var failure = Failed(request, e);
                last = isOpen ? new NodeInput.WatchClosed(request.Id, failure.Failure!) : new NodeInput.KubeResponded(failure);
            }
        }
        await _post(last, cancellation).ConfigureAwait(false);
    }

    private async Task ReadLinesAsync(long id, HttpResponseMessage response, CancellationToken reading, CancellationToken cancellation)
    {
        var stream = await response.Content.ReadAsStreamAsync(reading).ConfigureAwait(false);
        var lines = new LineSplitter(MostOctetsPerWatchLine);
        while (true)
        {
            var count = await stream.ReadAsync(lines.Room(), reading).ConfigureAwait(false);
            if (count == 0)
                return;
            lines.Advance(count);
            while (lines.TryTake(out var line))
                await _post(new NodeInput.WatchEventReceived(id, line), cancellation).ConfigureAwait(false);
        }
    }

    private HttpRequestMessage MessageOf(KubeRequest request)
    {
        var message = new HttpRequestMessage(MethodOf(request.Verb), new Uri(KubeUrl.Of(request), UriKind.Relative))
        {
            Version = _http.DefaultRequestVersion,
            VersionPolicy = _http.DefaultVersionPolicy,
        };
        if (_access.Token is { } token)
            message.Headers.Authorization = AuthorizationOf(token.Read().Trim());
        if (!request.Body.IsEmpty)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.ContentType = ContentTypeOf(request);
        }
        return message;
    }

    private AuthenticationHeaderValue AuthorizationOf(string token)
    {
        var last = _authorization;
        if (last is null || last.Parameter != token)
            _authorization = last = new("Bearer", token);
        return last;
    }

    private static HttpMethod MethodOf(KubeVerb verb) => verb switch
    {
        KubeVerb.Create => HttpMethod.Post,
        KubeVerb.Patch => HttpMethod.Patch,
        KubeVerb.Delete => HttpMethod.Delete,
        _ => HttpMethod.Get,
    };

    private static MediaTypeHeaderValue ContentTypeOf(KubeRequest request) => request switch
    {
        { Verb: not KubeVerb.Patch } => Json,
        { PatchKind: KubePatchKind.Json } => JsonPatch,
        { PatchKind: KubePatchKind.Apply } => ApplyPatch,
        _ => MergePatch,
    };

    private async Task<KubeResponse> AnswerAsync(KubeRequest request, HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.StatusCode == HttpStatusCode.Unauthorized)
            _access.Token?.Expire();
        var body = await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
        return new(request.Id, (int)response.StatusCode, body, RetryAfterOf(response));
    }

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date > DateTimeOffset.UtcNow ? date - DateTimeOffset.UtcNow : TimeSpan.Zero,
        _ => null,
    };

    private KubeResponse Failed(KubeRequest request, Exception exception)
    {
        var words = exception switch
        {
            OperationCanceledException => "no answer in time",
            { InnerException: System.Security.Authentication.AuthenticationException } when _trust.LastRefusal is { } refusal => refusal,
            { InnerException: { } inner } when !exception.Message.Contains(inner.Message, StringComparison.Ordinal) =>
                $"{exception.Message}: {inner.Message}",
            _ => exception.Message,
        };
        return new(request.Id, 0, default, null, $"{_access.Server.GetLeftPart(UriPartial.Authority)}: {words}");
    }
}
