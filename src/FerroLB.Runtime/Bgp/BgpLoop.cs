using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Loop;

namespace FerroLB.Runtime.Bgp;

/// <summary>
/// Runs a <see cref="BgpNode"/> on a thread of its own, over real connections.
/// <code>
/// control loop --Command---\                             /--> connections, ports that are listened to
/// connections ----octets----\                           /---> router advertisements
/// ports ---------callers-----> bounded queue --> BgpNode ---> logs, metrics, reports, wishes for the BFD loop
/// routers ----advertisements/
/// BFD loop ------Report----/
/// </code>
/// While the queue is full no connection is read or accepted, and TCP holds the peers back; the control loop waits. The thread sleeps until
/// something happens or is due, and ends when the node has taken leave of its peers.
/// </summary>
public sealed class BgpLoop : IDisposable
{
    private const int QueueCapacity = 4_096;
    private const int MostInputsPerWakeUp = 256;
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(1500);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    private readonly IMachine<BgpNodeInput, BgpNodeOutput> _node;
    private readonly Action<BgpNodeOutput> _execute;
    private readonly InputQueue<BgpNodeInput> _queue = new(QueueCapacity);
    private readonly BgpStreams _streams;
    private readonly BgpListeners _listeners;
    private readonly RouterSocket _routers;
    private readonly LoopThread _thread = new("bgp");
    private readonly CancellationTokenSource _end = new();
    private bool _isSilent;

    /// <summary>Makes the loop; <see cref="Start"/> starts the thread.</summary>
    /// <param name="node">The machine. The loop alone calls it from now on.</param>
    /// <param name="execute">Carries out what is not about connections, on the loop's thread; must not wait.</param>
    public BgpLoop(BgpNode node, Action<BgpNodeOutput> execute)
        : this(node, node.KeyOf, execute)
    {
    }

    /// <summary>Makes the loop of another machine that speaks the same language.</summary>
    /// <param name="node">The machine. The loop alone calls it from now on.</param>
    /// <param name="keyOf">Finds the TCP-MD5 key of a handle, on the loop's thread.</param>
    /// <param name="execute">Carries out what is not about connections, on the loop's thread; must not wait.</param>
    internal BgpLoop(
        IMachine<BgpNodeInput, BgpNodeOutput> node, Func<string, ReadOnlyMemory<byte>> keyOf, Action<BgpNodeOutput> execute)
    {
        (_node, _execute) = (node, execute);
        _streams = new(keyOf, (peer, input, stop) => PostAsync(new BgpNodeInput.StreamHappened(peer, input), stop));
        _listeners = new(keyOf, PostAsync, Tell);
        _routers = new(PostAsync, Tell);
    }

    /// <summary>Completes when the loop has ended: cleanly after the node has taken leave of its peers.</summary>
    public Task<LoopEnd> Completion => _thread.Completion;

    /// <summary>Starts the thread. Connections are made in the network namespace of the thread that calls this.</summary>
    public void Start() => _thread.Start(Run);

    /// <summary>Hands a command to the node; waits while very many inputs were not taken yet. Goes nowhere when the loop has
    /// ended.</summary>
    public void Command(BgpCommand command) => Post(new BgpNodeInput.Commanded(command));

    /// <summary>Hands over that BFD found or lost a path. Never waits.</summary>
    public void Report(BfdStateChange change) => Tell(new BgpNodeInput.BfdChanged(change));

    /// <summary>Ends the loop and closes all connections at once.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _queue.Wake();
    }

    /// <summary>Hands an input to the node, as <see cref="Command"/> does.</summary>
    internal void Post(BgpNodeInput input)
    {
        try
        {
            var posting = PostAsync(input, CancellationToken.None);
            if (!posting.IsCompletedSuccessfully)
                posting.AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // Nobody takes it any more.
        }
    }

    private void Tell(BgpNodeInput input) => _ = TellAsync(input);

    private async Task TellAsync(BgpNodeInput input)
    {
        try
        {
            await PostAsync(input, CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Nobody takes it any more.
        }
    }

    private ValueTask PostAsync(BgpNodeInput input, CancellationToken stop) =>
        _queue.PostAsync(input, stop.CanBeCanceled ? stop : _end.Token);

    private void Run()
    {
        try
        {
            var inputs = new List<BgpNodeInput>(MostInputsPerWakeUp);
            while (!_isSilent && !_end.IsCancellationRequested)
                Step(inputs, _node.NextDeadline - MonotonicClock.Now);
            _listeners.Dispose();
            // What was ordered last is still on its way.
            for (var due = MonotonicClock.Now + LastWords; _streams.IsBusy && MonotonicClock.Now < due && !_end.IsCancellationRequested;)
                Step(inputs, Glance);
        }
        finally
        {
            _end.Cancel();
            _streams.Dispose();
            _listeners.Dispose();
            _routers.Dispose();
        }
    }

    private void Step(List<BgpNodeInput> inputs, TimeSpan? patience)
    {
        inputs.Clear();
        _queue.Take(inputs, MostInputsPerWakeUp, patience);
        var now = MonotonicClock.Now;
        foreach (var input in inputs)
        {
            if (input is BgpNodeInput.StreamHappened happened)
                _streams.Forget(happened.Peer, happened.Input);
            _node.Handle(input, now);
            Drain();
        }
        if (!(_node.NextDeadline <= now))
            return;
        _node.Advance(now);
        Drain();
    }

    private void Drain()
    {
        while (_node.TryTake(out var output))
            Execute(output);
    }

    private void Execute(BgpNodeOutput output)
    {
        switch (output)
        {
            case BgpNodeOutput.OrderStream order:
                _streams.Execute(order.Peer, order.Order);
                break;
            case BgpNodeOutput.Listen listen:
                _listeners.Use(listen.Wishes);
                break;
            case BgpNodeOutput.AdmitConnection admit:
                if (_listeners.Take(admit.Connection) is { } socket)
                    _streams.Adopt(admit.Peer, admit.Connection, socket, admit.Options);
                break;
            case BgpNodeOutput.RefuseConnection refuse:
                _listeners.Take(refuse.Connection)?.Dispose();
                break;
            case BgpNodeOutput.HearRouters hear:
                _routers.Use(hear.Links);
                break;
            case BgpNodeOutput.SendRouterMessage send:
                _routers.Send(send.LinkIndex, send.Destination, send.Message.Span);
                break;
            case BgpNodeOutput.TellSilent:
                _isSilent = true;
                break;
            default:
                _execute(output);
                break;
        }
    }
}
