using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Bfd;
using FerroLB.Runtime.Loop;

namespace FerroLB.Runtime.Bgp;

/// <summary>
/// Runs a <see cref="BgpNode"/> on a thread of its own, over real connections.
/// <code>
/// control loop --Command--\                             /--> connections
/// connections ---octets----> bounded queue --> BgpNode ----> logs, metrics, reports, wishes for the BFD loop
/// BFD loop -----Report----/
/// </code>
/// While the queue is full no connection is read, and TCP holds the peers back; the control loop waits. The thread sleeps until something
/// happens or is due, and ends when the node has taken leave of its peers.
/// </summary>
public sealed class BgpNodeLoop : IDisposable
{
    private const int QueueCapacity = 4_096;
    private const int MostInputsPerWakeUp = 256;
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(1500);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    private readonly BgpNode _node;
    private readonly Action<BgpNodeOutput> _execute;
    private readonly InputQueue<BgpNodeInput> _queue = new(QueueCapacity);
    private readonly BgpStreams _streams;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<LoopEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isSilent;

    /// <summary>Makes the loop; <see cref="Start"/> starts the thread.</summary>
    /// <param name="node">The machine. The loop alone calls it from now on.</param>
    /// <param name="execute">Carries out what is not about connections, on the loop's thread; must not wait.</param>
    public BgpNodeLoop(BgpNode node, Action<BgpNodeOutput> execute)
    {
        (_node, _execute) = (node, execute);
        _streams = new(node.KeyOf, (peer, input, stop) => PostAsync(new BgpNodeInput.StreamHappened(peer, input), stop));
    }

    /// <summary>Completes when the loop has ended: cleanly after the node has taken leave of its peers.</summary>
    public Task<LoopEnd> Completion => _ended.Task;

    /// <summary>Starts the thread. Connections are made in the network namespace of the thread that calls this.</summary>
    public void Start() => new Thread(Run) { Name = "bgp", IsBackground = true }.Start();

    /// <summary>Hands a command to the node; waits while very many inputs were not taken yet. Goes nowhere when the loop has
    /// ended.</summary>
    public void Command(BgpCommand command)
    {
        try
        {
            var posting = PostAsync(new BgpNodeInput.Commanded(command), CancellationToken.None);
            if (!posting.IsCompletedSuccessfully)
                posting.AsTask().GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // Nobody takes it any more.
        }
    }

    /// <summary>Hands over that BFD found or lost a path. Never waits.</summary>
    public void Report(BfdStateChange change) => _ = ReportAsync(change);

    /// <summary>Ends the loop and closes all connections at once.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _queue.Wake();
    }

    private async Task ReportAsync(BfdStateChange change)
    {
        try
        {
            await PostAsync(new BgpNodeInput.BfdChanged(change), CancellationToken.None).ConfigureAwait(false);
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
            // What was ordered last is still on its way.
            for (var due = MonotonicClock.Now + LastWords; _streams.IsBusy && MonotonicClock.Now < due && !_end.IsCancellationRequested;)
                Step(inputs, Glance);
            _ended.TrySetResult(LoopEnd.Clean);
        }
#pragma warning disable CA1031 // Whatever it was, the picture of the world can no longer be trusted: the process ends.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _ended.TrySetResult(new(LoopEnd.Broken, e.ToString()));
        }
        _end.Cancel();
        _streams.Dispose();
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
        {
            if (output is BgpNodeOutput.OrderStream order)
                _streams.Execute(order.Peer, order.Order);
            else if (output is BgpNodeOutput.TellSilent)
                _isSilent = true;
            else
                _execute(output);
        }
    }
}
