using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Store.Calls;
using Microsoft.Extensions.Logging;

namespace FerroLB.ApiServer.Http.Webhooks;

/// <summary>
/// Makes the calls that the store asks for: one POST each, over TLS that is verified against the webhook's own authorities and, for a
/// Service, against its name in the cluster. Connections are kept per target and set of authorities, so a new certificate authority takes
/// effect with the first call after it was written into the configuration. Whatever goes wrong becomes an answer in words for the user.
/// </summary>
internal sealed class WebhookCaller : IDisposable
{
    private const int MostClients = 64;
    private const int MostCallsAtOnce = 128;
    private const int MostAnswerBytes = 16 << 20;
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);
    private readonly ServiceAddresses _services;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _slots = new(MostCallsAtOnce);
    private readonly Lock _lock = new();
    private readonly List<(WebhookTarget Target, HttpClient Client)> _clients = [];

    /// <summary>Makes a caller without connections.</summary>
    public WebhookCaller(ServiceAddresses services, ILogger log)
    {
        _services = services;
        _log = log;
    }

    /// <summary>Makes calls in parallel; an answer for each, in the same order. Throws only when cancelled.</summary>
    public Task<ExternalAnswer[]> CallAsync(ImmutableArray<ExternalCall> calls, CancellationToken cancellation) =>
        Task.WhenAll(calls.Select(call => CallAsync(call, cancellation)));

    /// <summary>Makes one call. Throws only when cancelled.</summary>
    public async Task<ExternalAnswer> CallAsync(ExternalCall call, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(call.Timeout);
        string url = call.Target.UrlWithTimeout(call.Timeout);
        try
        {
            await _slots.WaitAsync(deadline.Token).ConfigureAwait(false);
            try
            {
                return await PostAsync(call, url, deadline.Token).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested && IsExpected(failure))
        {
            string error = Describe(failure, call.Target, url);
            _log.LogWarning("Calling webhook {Name} failed: {Error}", call.Name, error);
            return ExternalAnswer.Failed(error);
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        foreach ((_, HttpClient client) in _clients)
            client.Dispose();
        _slots.Dispose();
    }

    private static bool IsExpected(Exception failure) => failure is HttpRequestException or OperationCanceledException or IOException
        or SocketException or CryptographicException or FormatException or UriFormatException or AuthenticationException
        or InvalidOperationException;

    private async Task<ExternalAnswer> PostAsync(ExternalCall call, string url, CancellationToken deadline)
    {
        if (call.Target.IsService && AddressOf(call.Target) is null)
        {
            return ExternalAnswer.Failed($"Post \"{url}\": no address is known for service \"{call.Target.ServiceName}\" in namespace " +
                $"\"{call.Target.ServiceNamespace}\"; start the API server with --service-address " +
                $"{call.Target.ServiceNamespace}/{call.Target.ServiceName}=HOST:PORT");
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Content = new ReadOnlyMemoryContent(call.Body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Accept.ParseAdd("application/json");
        request.Headers.UserAgent.ParseAdd("kube-apiserver-admission");
        using HttpResponseMessage response = await ClientFor(call.Target).SendAsync(request, deadline).ConfigureAwait(false);
        byte[] body = await response.Content.ReadAsByteArrayAsync(deadline).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return ExternalAnswer.Of(body);
        string text = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 2048))).Trim();
        return ExternalAnswer.Failed(response.StatusCode >= HttpStatusCode.InternalServerError
            ? $"an error on the server (\"{text}\") has prevented the request from succeeding"
            : response.StatusCode == HttpStatusCode.NotFound ? "the server could not find the requested resource"
            : string.Create(CultureInfo.InvariantCulture, $"the server answered {(int)response.StatusCode} (\"{text}\")"));
    }

    private HttpClient ClientFor(WebhookTarget target)
    {
        lock (_lock)
        {
            int known = _clients.FindIndex(entry => entry.Target == target);
            if (known >= 0)
                return _clients[known].Client;
            // The oldest is only forgotten, not closed: a call may be using it. Its connections close when they idle.
            if (_clients.Count >= MostClients)
                _clients.RemoveAt(0);
            var client = new HttpClient(HandlerFor(target))
            {
                Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = MostAnswerBytes,
            };
            _clients.Add((target, client));
            return client;
        }
    }

    private SocketsHttpHandler HandlerFor(WebhookTarget target)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = ConnectionLifetime,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ConnectTimeout = TimeSpan.FromSeconds(30),
        };
        if (target.AuthorityPem.Length > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(target.AuthorityPem)));
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
        }
        if (AddressOf(target) is { } address)
            handler.ConnectCallback = (_, cancellation) => ConnectAsync(address, cancellation);
        return handler;
    }

    private DnsEndPoint? AddressOf(WebhookTarget target) =>
        target.IsService ? _services.Find(target.ServiceNamespace, target.ServiceName, target.ServicePort) : null;

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint address, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string Describe(Exception failure, WebhookTarget target, string url)
    {
        string asked = Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) ? parsed.Authority : url;
        string where = AddressOf(target) is { } address ? $"{address.Host}:{address.Port}" : asked;
        Exception cause = failure;
        while (cause is HttpRequestException or IOException && cause.InnerException is { } inner)
            cause = inner;
        string why = cause switch
        {
            OperationCanceledException => "context deadline exceeded",
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => $"dial tcp {where}: connect: connection refused",
            SocketException socket => $"dial tcp {where}: {socket.Message}",
            AuthenticationException tls => "tls: failed to verify certificate: " + tls.Message,
            _ => cause.Message,
        };
        return $"Post \"{url}\": {why}";
    }
}
