using System;
using System.Collections.Concurrent;
using System.Globalization;
using System.IO;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;

namespace FerroLB.Interop.ApiServer;

/// <summary>A webhook on loopback: TLS with an authority of its own, one answer per connection.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly Func<string, JsonNode, JsonNode?> _answer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _accepting;

    /// <summary>Starts listening.</summary>
    /// <param name="dnsName">The name for which the certificate is issued.</param>
    /// <param name="answer">From path and review to the answer; null never answers.</param>
    public WebhookServer(string dnsName, Func<string, JsonNode, JsonNode?> answer)
    {
        _answer = answer;
        using X509Certificate2 authority = Authority();
        _certificate = Issue(authority, dnsName);
        CaBundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(authority.ExportCertificatePem()));
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>For clientConfig.caBundle.</summary>
    public string CaBundle { get; }

    /// <summary>The request lines that arrived.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
        _certificate.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                TcpClient client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _ = ServeAsync(client);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            await using (var tls = new SslStream(client.GetStream()))
            {
                await tls.AuthenticateAsServerAsync(_certificate);
                await AnswerAsync(tls);
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // The client refused the certificate or went away, which is what some tests want.
        }
    }

    private async Task AnswerAsync(SslStream tls)
    {
        using var reader = new StreamReader(tls, Encoding.UTF8, false, 4096, leaveOpen: true);
        if (await reader.ReadLineAsync(_stopping.Token) is not { Length: > 0 } requestLine)
            return;
        Requests.Enqueue(requestLine);
        int length = 0;
        while (await reader.ReadLineAsync(_stopping.Token) is { Length: > 0 } header)
        {
            if (header.StartsWith("Content-Length: ", StringComparison.OrdinalIgnoreCase))
                length = int.Parse(header[16..], CultureInfo.InvariantCulture);
        }
        var body = new char[length];
        await reader.ReadBlockAsync(body, _stopping.Token);
        if (_answer(requestLine.Split(' ')[1].Split('?')[0], JsonNode.Parse(new string(body))!) is not { } answer)
        {
            await Task.Delay(Timeout.Infinite, _stopping.Token);
            return;
        }
        byte[] content = Encoding.UTF8.GetBytes(answer.ToJsonString());
        string head = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {content.Length}\r\nConnection: close\r\n\r\n";
        await tls.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. content], _stopping.Token);
        await tls.ShutdownAsync();
    }

    private static X509Certificate2 Authority()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=webhook-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
    }

    private static X509Certificate2 Issue(X509Certificate2 authority, string dnsName)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=webhook", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued =
            request.Create(authority, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1, 2, 3, 4]);
        return issued.CopyWithPrivateKey(key);
    }
}
