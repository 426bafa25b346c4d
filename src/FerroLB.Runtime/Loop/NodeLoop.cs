using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Loop;

/// <summary>
/// Runs a node's machine, a controller or the control half of a speaker, on one thread of its own. Everything that the machine learns
/// comes through one bounded queue; everything that it orders goes to one executor; nobody else ever touches it, so the machine needs no
/// locks.
/// <code>
/// Kubernetes answers, watch lines --PostAsync--> [ queue ] --> Handle --> executor --> HTTP, log, metrics, link loop
/// link loop, members --Report--> (newest only) -----^     \-> Snapshot, for readers on any thread
/// SIGTERM --RequestShutdown-------------------------^
/// </code>
/// The thread wakes for an input or for the machine's next deadline, reads the clock once, works off what is there, publishes the Snapshot
/// and waits again. When the queue is full, those who post wait: a watch stops reading its connection and the API server is held back by
/// TCP. Of the link loop's reports of each kind, and of the members' pictures, only the newest counts, and those who report never
/// wait. A broken
/// invariant, or any exception, ends the loop with <see cref="LoopEnd.Broken"/>: the process must exit and be started anew.
/// </summary>
/// <typeparam name="TSnapshot">The machine's immutable view for readers.</typeparam>
public sealed class NodeLoop<TSnapshot> : IDisposable
    where TSnapshot : class
{
    private const int QueueCapacity = 4096;
    private const int MostInputsPerWakeUp = 256;
    private static readonly TimeSpan ClockInterval = TimeSpan.FromSeconds(1);

    private readonly IMachine<NodeInput, NodeOutput> _node;
    private readonly Func<TSnapshot> _readSnapshot;
    private readonly Action<NodeOutput> _execute;
    private readonly InputQueue<NodeInput> _queue = new(QueueCapacity);
    private readonly LoopThread _thread = new("node");
    private readonly LinkReports _reports = new();
    private GossipSnapshot? _members;
    private BgpReport? _sessions;
    private TSnapshot? _snapshot;
    private Instant? _clockReadAt;
    private volatile bool _isShutdownRequested;
    private bool _isShutdownTold;
    private bool _isComplete;

    /// <summary>Makes the loop; <see cref="Start"/> starts it.</summary>
    /// <param name="node">The machine. The loop alone calls it from now on.</param>
    /// <param name="readSnapshot">Reads the machine's Snapshot; called on the loop's thread.</param>
    /// <param name="execute">Carries out an order; called on the loop's thread. <see cref="NodeOutput.CompleteShutdown"/> does not reach
    /// it.</param>
    public NodeLoop(IMachine<NodeInput, NodeOutput> node, Func<TSnapshot> readSnapshot, Action<NodeOutput> execute)
    {
        _node = node;
        _readSnapshot = readSnapshot;
        _execute = execute;
    }

    /// <summary>The view published last; null before the first step.</summary>
    public TSnapshot? Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Completes when the loop has ended.</summary>
    public Task<LoopEnd> Completion => _thread.Completion;

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start(Run);

    /// <summary>Hands a fact to the machine, after waiting for room in the queue.</summary>
    public ValueTask PostAsync(NodeInput input, CancellationToken cancellation) => _queue.PostAsync(input, cancellation);

    /// <summary>Hands the link loop's newest report of a kind to the machine; replaces one that was not yet taken. Never waits.</summary>
    public void Report(LinkReport report)
    {
        lock (_reports)
            _reports.Put(report);
        _queue.Wake();
    }

    /// <summary>Hands the newest picture of the members to the machine; replaces one that was not yet taken. Never waits.</summary>
    public void Report(GossipSnapshot members)
    {
        Volatile.Write(ref _members, members);
        _queue.Wake();
    }

    /// <summary>Hands the newest report of the BGP sessions to the machine; replaces one that was not yet taken. Never waits.</summary>
    public void Report(BgpReport sessions)
    {
        Volatile.Write(ref _sessions, sessions);
        _queue.Wake();
    }

    /// <summary>Asks the machine to hand over and end; <see cref="Completion"/> tells when it did.</summary>
    public void RequestShutdown()
    {
        _isShutdownRequested = true;
        _queue.Wake();
    }

    /// <inheritdoc/>
    public void Dispose() => _queue.Dispose();

    private void Run()
    {
        var inputs = new List<NodeInput>(MostInputsPerWakeUp);
        while (!_isComplete)
            Step(inputs);
    }

    private void Step(List<NodeInput> inputs)
    {
        var deadline = _node.NextDeadline;
        inputs.Clear();
        _queue.Take(inputs, MostInputsPerWakeUp, deadline - MonotonicClock.Now);
        var now = MonotonicClock.Now;
        TellClock(now);
        while (TakeReport() is { } report)
            Handle(new NodeInput.LinkReported(report), now);
        if (Interlocked.Exchange(ref _members, null) is { } members)
            Handle(new NodeInput.MembersReported(members), now);
        if (Interlocked.Exchange(ref _sessions, null) is { } sessions)
            Handle(new NodeInput.BgpReported(sessions), now);
        foreach (var input in inputs)
            Handle(input, now);
        if (_isShutdownRequested && !_isShutdownTold)
        {
            _isShutdownTold = true;
            Handle(new NodeInput.ShutdownRequested(), now);
        }
        if (_node.NextDeadline <= now)
        {
            _node.Advance(now);
            Drain();
        }
        Volatile.Write(ref _snapshot, _readSnapshot());
    }

    private LinkReport? TakeReport()
    {
        lock (_reports)
            return _reports.Take();
    }

    private void TellClock(Instant now)
    {
        if (_clockReadAt is { } last && now - last <= ClockInterval)
            return;
        _clockReadAt = now;
        Handle(new NodeInput.ClockRead(DateTimeOffset.UtcNow), now);
    }

    private void Handle(NodeInput input, Instant now)
    {
        _node.Handle(input, now);
        Drain();
    }

    private void Drain()
    {
        while (_node.TryTake(out var output))
        {
            if (output is NodeOutput.CompleteShutdown)
                _isComplete = true;
            else
                _execute(output);
        }
    }
}
