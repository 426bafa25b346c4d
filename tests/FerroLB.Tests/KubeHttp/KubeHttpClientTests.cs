using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Runtime.KubeHttp;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace FerroLB.Tests.KubeHttp;

public sealed class KubeHttpClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<NodeInput> _inputs = Channel.CreateUnbounded<NodeInput>();

    [Fact]
    public async Task A_request_carries_token_and_body_over_HTTP_2_and_its_answer_comes_back_with_its_id()
    {
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            context.Response.StatusCode = 409;
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsync(string.Join(' ',
                context.Request.Protocol, context.Request.Method, context.Request.Path, context.Request.ContentType,
                context.Request.Headers.Authorization, context.Request.Headers.UserAgent, await reader.ReadToEndAsync()));
        });
        using var client = Client(api.Access());
        client.Send(Make(7, KubeVerb.Patch) with { Namespace = "default", Name = "web", Body = "{}"u8.ToArray() });
        var answer = await AnswerAsync();
        Assert.Equal((7, 409, TimeSpan.FromSeconds(7)), (answer.Id, answer.StatusCode, answer.RetryAfter));
        Assert.Equal(
            "HTTP/2 PATCH /api/v1/namespaces/default/services/web application/merge-patch+json Bearer t0ken flb-test/1 {}",
            Encoding.UTF8.GetString(answer.Body.Span));
    }

    [Fact]
    public async Task A_watch_delivers_its_lines_and_then_one_close()
    {
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{\"a\":1}\n{\"b\"");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync(":2}\n");
        });
        using var client = Client(api.Access());
        client.Send(Make(3, KubeVerb.Watch));
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(Assert.IsType<NodeInput.WatchEventReceived>(await NextAsync()).Line.Span));
        Assert.Equal("{\"b\":2}", Encoding.UTF8.GetString(Assert.IsType<NodeInput.WatchEventReceived>(await NextAsync()).Line.Span));
        Assert.Equal(3, Assert.IsType<NodeInput.WatchClosed>(await NextAsync()).RequestId);
    }

    [Fact]
    public async Task A_watch_that_is_refused_is_an_answer()
    {
        await using var api = await ScriptedApi.StartAsync(context =>
        {
            context.Response.StatusCode = 410;
            return context.Response.WriteAsync("expired");
        });
        using var client = Client(api.Access());
        client.Send(Make(3, KubeVerb.Watch));
        Assert.Equal(410, (await AnswerAsync()).StatusCode);
    }

    [Fact]
    public async Task A_watch_cut_off_in_the_middle_of_a_line_is_closed_with_a_reason()
    {
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{\"a\":1}\n{\"half");
            await context.Response.Body.FlushAsync();
            context.Abort();
        });
        using var client = Client(api.Access());
        client.Send(Make(3, KubeVerb.Watch));
        var closed = await NextAsync();
        if (closed is NodeInput.WatchEventReceived)
            closed = await NextAsync();
        Assert.NotEqual("", Assert.IsType<NodeInput.WatchClosed>(closed).Reason);
    }

    [Fact]
    public async Task A_silent_watch_is_ended_when_its_time_is_over()
    {
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var client = Client(api.Access());
        client.Send(Make(3, KubeVerb.Watch) with { WatchTimeout = TimeSpan.FromMilliseconds(1) });
        Assert.Equal(3, Assert.IsType<NodeInput.WatchClosed>(await NextAsync()).RequestId);
    }

    [Fact]
    public async Task After_a_cancel_nothing_more_comes_and_the_server_sees_it()
    {
        var aborted = new TaskCompletionSource();
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{}\n");
            await context.Response.Body.FlushAsync();
            context.RequestAborted.Register(() => aborted.TrySetResult());
            await aborted.Task;
        });
        using var client = Client(api.Access());
        client.Send(Make(3, KubeVerb.Watch));
        Assert.IsType<NodeInput.WatchEventReceived>(await NextAsync());
        client.Cancel(3);
        await aborted.Task.WaitAsync(Patience);
        client.Send(Make(4, KubeVerb.Watch));
        Assert.Equal(4, Assert.IsType<NodeInput.WatchEventReceived>(await NextAsync()).RequestId);
    }

    [Fact]
    public async Task While_nobody_takes_the_lines_the_watch_is_not_read()
    {
        var written = 0L;
        await using var api = await ScriptedApi.StartAsync(async context =>
        {
            var line = Encoding.UTF8.GetBytes(new string('x', 100_000) + "\n");
            for (var i = 0; i < 1000; i++)
            {
                await context.Response.Body.WriteAsync(line);
                Interlocked.Add(ref written, line.Length);
            }
        });
        var hold = new TaskCompletionSource();
        using var client = new KubeHttpClient(api.Access(), "flb-test/1", async (input, stop) =>
        {
            await hold.Task.WaitAsync(stop);
            await _inputs.Writer.WriteAsync(input, stop);
        });
        client.Send(Make(3, KubeVerb.Watch));
        Assert.True(SpinWait.SpinUntil(() => Interlocked.Read(ref written) > 100_000, Patience));
        hold.SetResult();
        for (var i = 0; i < 1000; i++)
            Assert.Equal(100_000, Assert.IsType<NodeInput.WatchEventReceived>(await NextAsync()).Line.Length);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_an_answer_with_words()
    {
        using var client = Client(new() { Server = new("https://127.0.0.1:1/"), Origin = "a test" });
        client.Send(Make(9, KubeVerb.List));
        var answer = await AnswerAsync();
        Assert.Equal((9, 0), (answer.Id, answer.StatusCode));
        Assert.Contains("https://127.0.0.1:1: Connection refused", answer.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        await using var api = await ScriptedApi.StartAsync(context => context.Response.WriteAsync("{}"));
        await using var other = await ScriptedApi.StartAsync(context => context.Response.WriteAsync("{}"));
        using var client = Client(api.Access() with { Authorities = RotatingFile.Constant(other.Authority) });
        client.Send(Make(1, KubeVerb.List));
        Assert.Contains("not issued by the configured certificate authority", (await AnswerAsync()).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_another_name_is_refused_unless_verification_is_off()
    {
        await using var api = await ScriptedApi.StartAsync(context => context.Response.WriteAsync("{}"));
        using var strict = Client(api.Access("localhost"));
        strict.Send(Make(1, KubeVerb.List));
        Assert.Contains("does not carry the name localhost", (await AnswerAsync()).Failure, StringComparison.Ordinal);
        using var lax = Client(api.Access("localhost") with { SkipsVerification = true });
        lax.Send(Make(2, KubeVerb.List));
        Assert.Equal(200, (await AnswerAsync()).StatusCode);
    }

    private KubeHttpClient Client(KubeAccess access) => new(access, "flb-test/1", _inputs.Writer.WriteAsync);

    private static KubeRequest Make(long id, KubeVerb verb) => new() { Id = id, Verb = verb, Resource = KubeResource.Services };

    private async Task<NodeInput> NextAsync() => await _inputs.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    private async Task<KubeResponse> AnswerAsync() => Assert.IsType<NodeInput.KubeResponded>(await NextAsync()).Response;
}
