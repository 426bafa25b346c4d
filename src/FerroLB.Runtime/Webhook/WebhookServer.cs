using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net.Security;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Runtime.Tls;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace FerroLB.Runtime.Webhook;

/// <summary>
/// Takes the API server's calls over HTTPS. A call becomes a <see cref="NodeInput.ReviewRequested"/> for the controller's loop, and the
/// loop's <see cref="NodeOutput.AnswerReview"/> becomes the HTTP answer; nothing is decided here. Bounds: bodies of 3 MiB, 256
/// connections (further ones are closed at once), 32 calls at a time (further ones wait), 9 seconds from the first byte to the answer;
/// after them the call is answered with 500, before the API server's own ten seconds are over.
/// </summary>
public sealed class WebhookServer : IAsyncDisposable
{
    /// <summary>MetalLB's port, which its Service names.</summary>
    public const int DefaultPort = 9443;

    /// <summary>A body may be as large as the API server takes one itself.</summary>
    public const int MostBodyBytes = 3 << 20;

    private const int MostConnections = 256;
    private const int MostCalls = 32;

    /// <summary>After so long an unanswered call is answered with 500.</summary>
    public static readonly TimeSpan AnswerDeadline = TimeSpan.FromSeconds(9);

    private readonly KestrelServer _server;
    private readonly Calls _calls;

    private WebhookServer(KestrelServer server, Calls calls)
    {
        _server = server;
        _calls = calls;
    }

    /// <summary>Starts listening on all addresses.</summary>
    /// <param name="port">The port.</param>
    /// <param name="certificate">What to show; connections are refused while there is none.</param>
    /// <param name="terms">How to speak TLS.</param>
    /// <param name="isHttp2">Whether HTTP/2 is spoken beside HTTP/1.1.</param>
    /// <param name="post">Hands a call to the controller's loop.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<WebhookServer> StartAsync(
        int port, ServedCertificate certificate, TlsTerms terms, bool isHttp2, Func<NodeInput, CancellationToken, ValueTask> post)
    {
        var options = new KestrelServerOptions { AddServerHeader = false, ApplicationServices = new NoServices() };
        options.Limits.MaxConcurrentConnections = MostConnections;
        options.Limits.MaxRequestBodySize = MostBodyBytes;
        options.Limits.RequestHeadersTimeout = AnswerDeadline;
        options.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        options.ListenAnyIP(port, listen =>
        {
            listen.Protocols = isHttp2 ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Agree(certificate, terms)) });
        });
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var calls = new Calls(post);
        var server = new WebhookServer(new(Options.Create(options), transport, NullLoggerFactory.Instance), calls);
        await server._server.StartAsync(calls, CancellationToken.None).ConfigureAwait(false);
        return server;
    }

    /// <summary>Answers a call; one that is not open any more is forgotten.</summary>
    public void Answer(NodeOutput.AnswerReview answer) => _calls.Answer(answer);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource();
        await atOnce.CancelAsync().ConfigureAwait(false);
        await _server.StopAsync(atOnce.Token).ConfigureAwait(false);
        _server.Dispose();
        _calls.Dispose();
    }

    private static SslServerAuthenticationOptions Agree(ServedCertificate certificate, TlsTerms terms) =>
        terms.With(certificate.Current() ?? throw new IOException("there is no certificate yet"));

    private sealed class Calls(Func<NodeInput, CancellationToken, ValueTask> post) : IHttpApplication<IFeatureCollection>, IDisposable
    {
        private readonly ConcurrentDictionary<long, TaskCompletionSource<NodeOutput.AnswerReview>> _open = new();
        private readonly SemaphoreSlim _places = new(MostCalls);
        private long _lastId;

        public IFeatureCollection CreateContext(IFeatureCollection contextFeatures) => contextFeatures;

        public void DisposeContext(IFeatureCollection context, Exception? exception)
        {
        }

        public void Dispose() => _places.Dispose();

        public void Answer(NodeOutput.AnswerReview answer)
        {
            if (_open.TryRemove(answer.Id, out var waiting))
                waiting.TrySetResult(answer);
        }

        public async Task ProcessRequestAsync(IFeatureCollection context)
        {
            var aborted = context.GetRequiredFeature<IHttpRequestLifetimeFeature>().RequestAborted;
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted);
            deadline.CancelAfter(AnswerDeadline);
            var isPlaced = false;
            NodeOutput.AnswerReview answer;
            try
            {
                await _places.WaitAsync(deadline.Token).ConfigureAwait(false);
                isPlaced = true;
                answer = await AskAsync(context.GetRequiredFeature<IHttpRequestFeature>(), deadline.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                answer = Words(500, $"The controller did not answer within {AnswerDeadline.TotalSeconds:0} s; it is overloaded or hangs.");
            }
            catch (BadHttpRequestException e)
            {
                answer = Words(e.StatusCode, e.Message);
            }
            finally
            {
                if (isPlaced)
                    _places.Release();
            }
            if (!aborted.IsCancellationRequested)
                await WriteAsync(context, answer, aborted).ConfigureAwait(false);
        }

        private async Task<NodeOutput.AnswerReview> AskAsync(IHttpRequestFeature request, CancellationToken cancellation)
        {
            if (request.Method != "POST")
                return Words(405, "Reviews are asked for with POST.");
            var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellation).ConfigureAwait(false);
            var id = Interlocked.Increment(ref _lastId);
            var waiting = new TaskCompletionSource<NodeOutput.AnswerReview>(TaskCreationOptions.RunContinuationsAsynchronously);
            _open[id] = waiting;
            try
            {
                var content = body.GetBuffer().AsMemory(0, (int)body.Length);
                await post(new NodeInput.ReviewRequested(id, request.Path, content), cancellation).ConfigureAwait(false);
                return await waiting.Task.WaitAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                _open.TryRemove(id, out _);
            }
        }

        private static NodeOutput.AnswerReview Words(int statusCode, string words) =>
            new(0, statusCode, Encoding.UTF8.GetBytes(words + "\n"));

        private static async Task WriteAsync(IFeatureCollection context, NodeOutput.AnswerReview answer, CancellationToken cancellation)
        {
            var response = context.GetRequiredFeature<IHttpResponseFeature>();
            response.StatusCode = answer.StatusCode;
            response.Headers.ContentType = answer.StatusCode == 200 ? "application/json" : "text/plain; charset=utf-8";
            response.Headers.ContentLength = answer.Body.Length;
            await context.GetRequiredFeature<IHttpResponseBodyFeature>().Writer.WriteAsync(answer.Body, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>All that Kestrel's TLS asks for without a host.</summary>
    private sealed class NoServices : IServiceProvider
    {
        public object? GetService(Type serviceType) => serviceType == typeof(ILoggerFactory) ? NullLoggerFactory.Instance : null;
    }
}
