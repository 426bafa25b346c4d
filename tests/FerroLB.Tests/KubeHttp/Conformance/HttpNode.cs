using System;
using System.Collections.Generic;
using System.Threading.Channels;
using System.Threading.Tasks;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.KubeHttp;
using FerroLB.Tests.ApiServer.Http;

namespace FerroLB.Tests.KubeHttp.Conformance;

/// <summary>
/// A node whose Kubernetes client is the real one, over TLS and HTTP/2 to a real server, while its clock is the test's: nothing that waits
/// goes on before <see cref="Pass"/>, so a test can change the world in between without a race.
/// </summary>
internal sealed class HttpNode : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly IMachine<NodeInput, NodeOutput> _node;
    private readonly Channel<NodeInput> _inputs = Channel.CreateUnbounded<NodeInput>();
    private readonly KubeHttpClient _http;
    private readonly SortedSet<long> _unanswered = [];

    public HttpNode(IMachine<NodeInput, NodeOutput> node, HostedServer server, KubeHttpTiming? timing = null)
    {
        _node = node;
        _http = new KubeHttpClient(Kubeconfig.Read([server.KubeConfig]), "flb-test/1", _inputs.Writer.WriteAsync, timing);
    }

    public Instant Now { get; private set; } = Instant.Zero;

    public List<string> Logs { get; } = [];

    /// <summary>How many requests other than watches wait for their answers.</summary>
    public int UnansweredCount => _unanswered.Count;

    /// <summary>Called before a request leaves.</summary>
    public Func<KubeRequest, Task> BeforeSend { get; set; } = _ => Task.CompletedTask;

    public async Task StartAsync()
    {
        _node.Handle(new NodeInput.ClockRead(Epoch), Now);
        await AdvanceAsync();
    }

    /// <summary>Takes what the server says until a condition holds; fails after a minute.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            var input = await _inputs.Reader.ReadAsync().AsTask().WaitAsync(Patience);
            if (input is NodeInput.KubeResponded answer)
                _unanswered.Remove(answer.Response.Id);
            _node.Handle(input, Now);
            await DrainAsync();
            await AdvanceAsync();
        }
    }

    /// <summary>Lets time pass for the node.</summary>
    public async Task Pass(TimeSpan time)
    {
        Now += time;
        await AdvanceAsync();
    }

    public void Dispose() => _http.Dispose();

    private async Task AdvanceAsync()
    {
        do
        {
            _node.Advance(Now);
            await DrainAsync();
        }
        while (_node.NextDeadline <= Now);
    }

    private async Task DrainAsync()
    {
        while (_node.TryTake(out var output))
        {
            switch (output)
            {
                case NodeOutput.SendKubeRequest send:
                    await BeforeSend(send.Request);
                    if (send.Request.Verb != KubeVerb.Watch)
                        _unanswered.Add(send.Request.Id);
                    _http.Send(send.Request);
                    break;
                case NodeOutput.CancelKubeRequest cancel:
                    _http.Cancel(cancel.RequestId);
                    _unanswered.Remove(cancel.RequestId);
                    break;
                case NodeOutput.WriteLog { Event: { } line }:
                    Logs.Add(line.Message);
                    break;
            }
        }
    }
}
