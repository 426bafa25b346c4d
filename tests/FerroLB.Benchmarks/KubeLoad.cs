using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Interop.Lan;
using FerroLB.Runtime.KubeHttp;

namespace FerroLB.Benchmarks;

/// <summary>
/// A plain client of the API server, as small as one can be: it keeps a fixed number of requests in flight over HTTP/2 and does nothing
/// else. What it reaches is what the server can do.
/// </summary>
internal sealed class KubeLoad : IDisposable
{
    private readonly KubeAccess _access;
    private readonly X509Certificate2 _authority;
    private readonly HttpClient _http;

    /// <summary>Makes a client for the server of a kubeconfig.</summary>
    /// <param name="kubeconfig">The file.</param>
    /// <param name="networkNamespace">From where the server is reached, by its name of `ip netns`; null for this process's own.</param>
    public KubeLoad(string kubeconfig, string? networkNamespace = null)
    {
        _access = Kubeconfig.Read([kubeconfig]);
        _authority = X509Certificate2.CreateFromPem(_access.Authorities!.Read());
#pragma warning disable CA2000 // The client owns its handler.
        var handler = new SocketsHttpHandler { SslOptions = new() { RemoteCertificateValidationCallback = IsOfTheServer } };
        if (networkNamespace is not null)
            handler.ConnectCallback = (context, _) => new(Connect(networkNamespace, context.DnsEndPoint));
        _http = new(handler)
#pragma warning restore CA2000
        {
            BaseAddress = _access.Server,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        _http.DefaultRequestHeaders.Authorization = new("Bearer", _access.Token!.Read().Trim());
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("flb-benchmark/1");
    }

    /// <summary>Sends requests with so many in flight; every answer must be a success.</summary>
    public void SendAll(HttpMethod method, string contentType, int inFlight, IEnumerable<(string Url, string Body)> requests)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = inFlight };
        Parallel.ForEachAsync(requests, options, async (request, stop) =>
        {
            using var message = new HttpRequestMessage(method, request.Url)
            {
                Version = HttpVersion.Version20,
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes(request.Body)),
            };
            message.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
            using var answer = await _http.SendAsync(message, stop).ConfigureAwait(false);
            var body = await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw new InvalidOperationException($"{method} {request.Url}: {(int)answer.StatusCode} {Encoding.UTF8.GetString(body)}");
        }).GetAwaiter().GetResult();
    }

    /// <summary>Creates an object.</summary>
    public void Create(string url, object value) =>
        SendAll(HttpMethod.Post, "application/json", 1, [(url, JsonSerializer.Serialize(value))]);

    /// <summary>Reads a document.</summary>
    public JsonElement Get(string url)
    {
        using var document = JsonDocument.Parse(_http.GetStringAsync(new Uri(url, UriKind.Relative)).GetAwaiter().GetResult());
        return document.RootElement.Clone();
    }

    /// <summary>Deletes all objects of a collection.</summary>
    public void DeleteAll(string url) => _http.DeleteAsync(new Uri(url, UriKind.Relative)).GetAwaiter().GetResult().Dispose();

    /// <summary>Reads every line of a watch as it comes, on a thread of the pool, until the token ends it.</summary>
    public async Task WatchAsync(string url, Action<ReadOnlyMemory<byte>> onLine, CancellationToken stop)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, url) { Version = HttpVersion.Version20 };
        using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        answer.EnsureSuccessStatusCode();
        var lines = await answer.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        var buffer = new byte[1 << 20];
        var filled = 0;
        while (await lines.ReadAsync(buffer.AsMemory(filled), stop).ConfigureAwait(false) is var count and > 0)
        {
            filled += count;
            var start = 0;
            while (buffer.AsSpan(start, filled - start).IndexOf((byte)'\n') is var length and >= 0)
            {
                onLine(buffer.AsMemory(start, length));
                start += length + 1;
            }
            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _authority.Dispose();
        _access.Dispose();
    }

    private static NetworkStream Connect(string networkNamespace, DnsEndPoint server) => NamespaceThread.Run(networkNamespace, () =>
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(server.Host, server.Port);
        return new NetworkStream(socket, ownsSocket: true);
    });

    private bool IsOfTheServer(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        using var build = new X509Chain();
        build.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        build.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        build.ChainPolicy.CustomTrustStore.Add(_authority);
        return shown is X509Certificate2 leaf && build.Build(leaf);
    }
}
