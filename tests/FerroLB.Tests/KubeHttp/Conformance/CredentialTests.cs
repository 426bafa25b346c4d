using System;
using System.IO;
using System.Net;
using System.Threading.Channels;
using System.Threading.Tasks;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Runtime.KubeHttp;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace FerroLB.Tests.KubeHttp.Conformance;

/// <summary>Tokens and authorities that others replace, names and addresses in certificates, and the credentials of a pod.</summary>
public sealed class CredentialTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("flb-credentials-");
    private readonly Channel<NodeInput> _inputs = Channel.CreateUnbounded<NodeInput>();

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public void Token_file_is_read_again_within_a_minute_and_its_last_content_stays_while_it_is_gone()
    {
        var now = 0L;
        var path = Write("token", "one");
        var token = RotatingFile.At(path, () => now);
        Write("token", "two");
        now = 29_000;
        Assert.Equal("one", token.Read());
        now = 31_000;
        Assert.Equal("two", token.Read());
        File.Delete(path);
        now = 90_000;
        Assert.Equal("two", token.Read());
    }

    [Fact]
    public async Task Token_that_the_server_refuses_is_read_again_at_once()
    {
        await using var api = await ScriptedApi.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Headers.Authorization == "Bearer new" ? 200 : 401;
            return context.Response.WriteAsync("{}");
        });
        var token = RotatingFile.At(Write("token", "old\n"));
        Write("token", "new\n");
        using var client = Client(api.Access() with { Token = token });
        Assert.Equal(401, (await SendAsync(client)).StatusCode);
        Assert.Equal(200, (await SendAsync(client)).StatusCode);
    }

    [Fact]
    public async Task Authority_that_was_replaced_is_read_again_as_soon_as_a_certificate_does_not_fit()
    {
        await using var old = await ScriptedApi.StartAsync(context => context.Response.WriteAsync("{}"));
        await using var api = await ScriptedApi.StartAsync(context => context.Response.WriteAsync("{}"));
        var authorities = RotatingFile.At(Write("ca.crt", old.Authority));
        using var client = Client(api.Access() with { Authorities = authorities });
        Assert.Equal(0, (await SendAsync(client)).StatusCode);
        Write("ca.crt", api.Authority);
        Assert.Equal(200, (await SendAsync(client)).StatusCode);
    }

    [Fact]
    public async Task While_authorities_overlap_the_certificates_of_both_are_trusted()
    {
        await using var old = await ScriptedApi.StartAsync(context => context.Response.WriteAsync("{}"));
        await using var api = await ScriptedApi.StartAsync(context => context.Response.WriteAsync("{}"));
        var both = RotatingFile.Constant($"{old.Authority}\n{api.Authority}\n");
        foreach (var server in new[] { old, api })
        {
            using var client = Client(server.Access() with { Authorities = both });
            Assert.Equal(200, (await SendAsync(client)).StatusCode);
        }
    }

    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("localhost", null, true)]
    [InlineData("127.0.0.1", "kubernetes.default.svc", true)]
    [InlineData("127.0.0.1", "kubernetes.elsewhere", false)]
    public async Task Certificate_must_carry_the_address_or_the_name_that_is_asked_for(string host, string? name, bool isGood)
    {
        await using var api = await ScriptedApi.StartAsync(
            context => context.Response.WriteAsync("{}"), IPAddress.Loopback, "localhost", "kubernetes.default.svc");
        using var client = Client(api.Access(host) with { ServerName = name });
        Assert.Equal(isGood ? 200 : 0, (await SendAsync(client)).StatusCode);
    }

    [Fact]
    public async Task Certificate_with_a_name_alone_is_not_good_for_an_address()
    {
        await using var api = await ScriptedApi.StartAsync(context => context.Response.WriteAsync("{}"), null, "localhost");
        using var client = Client(api.Access());
        Assert.Equal(0, (await SendAsync(client)).StatusCode);
    }

    [Theory]
    [InlineData("10.96.0.1", "https://10.96.0.1/")]
    [InlineData("fd00:10:96::1", "https://[fd00:10:96::1]/")]
    public void Pod_reaches_the_api_at_the_address_of_its_environment_with_its_service_account(string host, string server)
    {
        Write("token", "t0ken");
        Write("ca.crt", "PEM");
        using var access = ServiceAccount.Read(_directory.FullName, host, "443");
        Assert.Equal((server, "t0ken", "PEM"), (access!.Server.ToString(), access.Token!.Read(), access.Authorities!.Read()));
        Assert.Null(ServiceAccount.Read(_directory.FullName, null, null));
    }

    [Fact]
    public async Task Object_of_ten_megabytes_passes_in_an_answer_and_in_a_line()
    {
        var text = new string('x', 10_000_000);
        await using var api = await ScriptedApi.StartAsync(context => context.Response.WriteAsync($"{text}\n"));
        using var client = Client(api.Access());
        Assert.Equal(10_000_001, (await SendAsync(client)).Body.Length);
        client.Send(new KubeRequest { Id = 2, Verb = KubeVerb.Watch, Resource = KubeResource.Services });
        var line = Assert.IsType<NodeInput.WatchEventReceived>(await _inputs.Reader.ReadAsync().AsTask().WaitAsync(Patience));
        Assert.Equal(10_000_000, line.Line.Length);
    }

    private KubeHttpClient Client(KubeAccess access) => new(access, "flb-test/1", _inputs.Writer.WriteAsync);

    private async Task<KubeResponse> SendAsync(KubeHttpClient client)
    {
        client.Send(new KubeRequest { Id = 1, Verb = KubeVerb.List, Resource = KubeResource.Services });
        return Assert.IsType<NodeInput.KubeResponded>(await _inputs.Reader.ReadAsync().AsTask().WaitAsync(Patience)).Response;
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
