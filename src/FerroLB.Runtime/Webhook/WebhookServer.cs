using System;
using System.Collections.Concurrent;
using System.IO;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Certificates;
using FerroLB.Core.Nodes;
using FerroLB.Runtime.Tls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace FerroLB.Runtime.Webhook;

/// <summary>Where and how the webhook's server listens.</summary>
/// <param name="Port">The port, on all addresses.</param>
/// <param name="Certificate">What to show; connections fail while there is none.</param>
/// <param name="Terms">How to speak TLS.</param>
/// <param name="IsHttp2">Whether HTTP/2 is spoken beside HTTP/1.1.</param>
public sealed record WebhookServerOptions(int Port, ServedCertificate Certificate, TlsTerms Terms, bool IsHttp2);

/// <summary>
/// Takes the API server's calls over HTTPS. A call becomes a <see cref="NodeInput.ReviewRequested"/> for the controller's loop, and the
/// loop's <see cref="NodeOutput.AnswerReview"/> becomes the HTTP answer; nothing is decided here. Bounds: bodies of 3 MiB, 256
/// connections (further ones are closed at once), 32 calls at a time (further ones wait), 9 seconds from the first byte to the answer;
/// after them the call is answered with 500, before the API server's own ten seconds are over.
/// </summary>
public sealed class WebhookServer : IAsyncDisposable
{
    /// <summary>A body may be as large as the API server takes one itself.</summary>
    public const int MostBodyBytes = 3 << 20;

    private const int MostConnections = 256;
    private const int MostCalls = 32;

    /// <summary>After so long an unanswered call is answered with 500.</summary>
    public static readonly TimeSpan AnswerDeadline = TimeSpan.FromSeconds(9);

    private readonly WebhookServerOptions _options;
    private readonly Func<NodeInput, CancellationToken, ValueTask> _post;
    private readonly WebApplication _server;
    private readonly Calls _calls;
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Makes the server; <see cref="ListenAsync"/> starts it.</summary>
    /// <param name="options">Where and how it listens.</param>
    /// <param name="post">Hands a call to the controller's loop.</param>
    public WebhookServer(WebhookServerOptions options, Func<NodeInput, CancellationToken, ValueTask> post)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _post, _calls) = (options, post, new Calls(post));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
            kestrel.Limits.RequestHeadersTimeout = AnswerDeadline;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
            kestrel.ListenAnyIP(options.Port, listen =>
            {
                listen.Protocols = options.IsHttp2 ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
                listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(Agree()) });
            });
        });
        _server = builder.Build();
        _server.Run(_calls.HandleAsync);
    }

    /// <summary>Starts listening on all addresses.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public Task ListenAsync() => _server.StartAsync();

    /// <summary>Carries out what the controller orders; never waits. An answer to a call that is not open any more is dropped.</summary>
    public void Execute(NodeOutput order)
    {
        switch (order)
        {
            case NodeOutput.AnswerReview answer:
                _calls.Answer(answer);
                break;
            case NodeOutput.ServeCertificate serve:
                _options.Certificate.Use(serve.Bundle);
                break;
            case NodeOutput.IssueCertificate issue:
                _ = Task.Run(() => IssueAsync(issue.Order));
                break;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
        _calls.Dispose();
        _stop.Dispose();
    }

    private async Task IssueAsync(CertificateOrder order)
    {
        NodeInput.CertificateIssued answer;
        try
        {
            answer = new(order.Id, CertificateIssuer.Issue(order), null);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            answer = new(order.Id, null, e.Message);
        }
        await _post(answer, _stop.Token).ConfigureAwait(false);
    }

    private SslServerAuthenticationOptions Agree() =>
        _options.Terms.With(_options.Certificate.Current() ?? throw new IOException("there is no certificate yet"));

    private sealed class Calls(Func<NodeInput, CancellationToken, ValueTask> post) : IDisposable
    {
        private readonly ConcurrentDictionary<long, TaskCompletionSource<NodeOutput.AnswerReview>> _open = new();
        private readonly SemaphoreSlim _places = new(MostCalls);
        private long _lastId;

        public void Dispose() => _places.Dispose();

        public void Answer(NodeOutput.AnswerReview answer)
        {
            if (_open.TryRemove(answer.Id, out var waiting))
                waiting.TrySetResult(answer);
        }

        public async Task HandleAsync(HttpContext context)
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            deadline.CancelAfter(AnswerDeadline);
            var isPlaced = false;
            NodeOutput.AnswerReview answer;
            try
            {
                await _places.WaitAsync(deadline.Token).ConfigureAwait(false);
                isPlaced = true;
                answer = await AskAsync(context.Request, deadline.Token).ConfigureAwait(false);
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
            if (!context.RequestAborted.IsCancellationRequested)
                await WriteAsync(context.Response, answer, context.RequestAborted).ConfigureAwait(false);
        }

        private async Task<NodeOutput.AnswerReview> AskAsync(HttpRequest request, CancellationToken cancellation)
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
                await post(new NodeInput.ReviewRequested(id, request.Path.Value ?? "", content), cancellation).ConfigureAwait(false);
                return await waiting.Task.WaitAsync(cancellation).ConfigureAwait(false);
            }
            finally
            {
                _open.TryRemove(id, out _);
            }
        }

        private static NodeOutput.AnswerReview Words(int statusCode, string words) =>
            new(0, statusCode, Encoding.UTF8.GetBytes(words + "\n"));

        private static async Task WriteAsync(HttpResponse response, NodeOutput.AnswerReview answer, CancellationToken cancellation)
        {
            response.StatusCode = answer.StatusCode;
            response.ContentType = answer.StatusCode == 200 ? "application/json" : "text/plain; charset=utf-8";
            response.ContentLength = answer.Body.Length;
            await response.Body.WriteAsync(answer.Body, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The process starts and stops the server; signals are its matter.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
