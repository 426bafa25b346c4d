using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Threading.Channels;
using System.Threading.Tasks;
using FerroLB.Core.Certificates;
using FerroLB.Core.Nodes;
using FerroLB.Runtime.Tls;
using FerroLB.Runtime.Webhook;
using Xunit;

namespace FerroLB.Tests.Webhook;

public sealed class WebhookServerTests : IAsyncLifetime
{
    private readonly Channel<NodeInput> _inputs = Channel.CreateUnbounded<NodeInput>();
    private readonly int _port = FreePort.Next();
    private WebhookServer _server = null!;

    public ValueTask InitializeAsync() => StartAsync(TlsTerms.Default, isHttp2: false);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Call_reaches_the_loop_and_the_order_answers_it()
    {
        using var http = Client();
        var answer = http.PostAsync(Url("/convert"), new StringContent("{\"a\":1}"));
        var call = Assert.IsType<NodeInput.ReviewRequested>(await _inputs.Reader.ReadAsync());
        Assert.Equal("/convert", call.Path);
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(call.Body.Span));
        _server.Execute(new NodeOutput.AnswerReview(call.Id, 200, Encoding.UTF8.GetBytes("{}")));
        using var response = await answer;
        Assert.Equal("{}", await response.Content.ReadAsStringAsync());
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpVersion.Version11, response.Version);
    }

    [Fact]
    public async Task Call_that_nobody_answers_gets_500_before_the_API_server_gives_up()
    {
        using var http = Client();
        var started = Environment.TickCount64;
        using var response = await http.PostAsync(Url("/x"), new StringContent("{}"));
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Contains("did not answer within 9 s", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(Environment.TickCount64 - started >= 8_500);
        // The late answer meets nobody, and that is all right.
        _server.Execute(new NodeOutput.AnswerReview(((NodeInput.ReviewRequested)await _inputs.Reader.ReadAsync()).Id, 200, default));
    }

    [Fact]
    public async Task Body_of_three_mebibytes_is_taken_and_a_larger_one_refused()
    {
        using var http = Client();
        var answer = http.PostAsync(Url("/x"), new ByteArrayContent(new byte[WebhookServer.MostBodyBytes]));
        var call = Assert.IsType<NodeInput.ReviewRequested>(await _inputs.Reader.ReadAsync());
        Assert.Equal(WebhookServer.MostBodyBytes, call.Body.Length);
        _server.Execute(new NodeOutput.AnswerReview(call.Id, 200, default));
        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("/x"));
        request.Content = new ByteArrayContent(new byte[WebhookServer.MostBodyBytes + 1]);
        request.Headers.ExpectContinue = true;
        using var refused = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        using var get = await http.GetAsync(Url("/x"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, get.StatusCode);
    }

    [Fact]
    public async Task A_hundred_calls_at_once_are_all_answered()
    {
        using var http = Client();
        var answers = Enumerable.Range(0, 100).Select(i => http.PostAsync(Url($"/{i}"), new StringContent("{}"))).ToList();
        for (var i = 0; i < 100; i++)
        {
            var call = (NodeInput.ReviewRequested)await _inputs.Reader.ReadAsync();
            _server.Execute(new NodeOutput.AnswerReview(call.Id, 200, Encoding.UTF8.GetBytes(call.Path)));
        }
        for (var i = 0; i < 100; i++)
            Assert.Equal($"/{i}", await (await answers[i]).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Ordered_certificate_is_made_and_shown_from_the_next_connection_on()
    {
        var order = CertificateRules.Order(7, CertificateNeed.Everything, null, ["second.test"], DateTimeOffset.UtcNow);
        _server.Execute(new NodeOutput.IssueCertificate(order));
        var issued = Assert.IsType<NodeInput.CertificateIssued>(await _inputs.Reader.ReadAsync());
        Assert.Equal(7, issued.OrderId);
        _server.Execute(new NodeOutput.ServeCertificate(issued.Bundle!));
        Assert.Equal("CN=second.test", await ShownSubjectAsync(SslProtocols.Tls13));
        _server.Execute(new NodeOutput.IssueCertificate(order with { Id = 8, Authority = new("x", "y", "", "") }));
        Assert.NotNull(Assert.IsType<NodeInput.CertificateIssued>(await _inputs.Reader.ReadAsync()).Failure);
    }

    [Fact]
    public async Task Only_the_agreed_versions_suites_and_protocols_are_spoken()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => ShownSubjectAsync(SslProtocols.Tls12));
        await _server.DisposeAsync();
        await StartAsync(TlsTerms.Parse("VersionTLS12", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "", out _), isHttp2: true);
        var allowed = TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384;
        Assert.Equal("CN=first.test", await ShownSubjectAsync(SslProtocols.Tls12, allowed));
        await Assert.ThrowsAnyAsync<Exception>(
            () => ShownSubjectAsync(SslProtocols.Tls12, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256));
        using var http = Client();
        http.DefaultRequestVersion = HttpVersion.Version20;
        http.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var response = await http.GetAsync(Url("/"));
        Assert.Equal(HttpVersion.Version20, response.Version);
    }

    private async ValueTask StartAsync(TlsTerms terms, bool isHttp2)
    {
        var certificate = ServedCertificate.Given();
        var order = CertificateRules.Order(1, CertificateNeed.Everything, null, ["first.test"], DateTimeOffset.UtcNow);
        certificate.Use(CertificateIssuer.Issue(order));
        _server = new(new(_port, certificate, terms, isHttp2), (input, stop) => _inputs.Writer.WriteAsync(input, stop));
        await _server.ListenAsync();
    }

    private Uri Url(string path) => new($"https://127.0.0.1:{_port}{path}");

    private async Task<string> ShownSubjectAsync(SslProtocols protocols, params TlsCipherSuite[] suites)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port);
        await using var stream = new SslStream(client.GetStream());
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "first.test",
            EnabledSslProtocols = protocols,
            CipherSuitesPolicy = suites.Length == 0 ? null : new CipherSuitesPolicy(suites),
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        return stream.RemoteCertificate!.Subject;
    }

    private static HttpClient Client() => new(new SocketsHttpHandler
    {
        SslOptions = new() { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        Expect100ContinueTimeout = TimeSpan.FromSeconds(60),
    });
}
