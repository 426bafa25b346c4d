using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Loop;

namespace FerroLB.Runtime.Bgp;

/// <summary>
/// Runs session machines on a thread of their own, over real connections.
/// <code>
/// connections --octets--\                              /--> connections
/// listener --accepted--> bounded queue --> the machine --> what it tells: up, down, states, errors
/// owner --wishes--------/  of the peer                 \
/// </code>
/// While the queue is full no connection is read, and TCP holds the peers back.
/// </summary>
public sealed class BgpLoop : IDisposable
{
    private const int QueueCapacity = 4_096;
    private const int EventsPerWakeUp = 256;

    private readonly ulong _seed;
    private readonly Func<string, ReadOnlyMemory<byte>> _keyOf;
    private readonly Action<int, BgpSessionOutput> _tell;
    private readonly InputQueue<BgpLoopEvent> _events = new(QueueCapacity);
    private readonly SortedDictionary<int, BgpLoopPeer> _peers = [];
    private readonly List<Socket> _listeners = [];
    private readonly BgpStreams _streams;
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<LoopEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lastAccepted;

    /// <summary>Makes the loop; <see cref="Start"/> starts the thread.</summary>
    /// <param name="seed">Decides all that is drawn at random.</param>
    /// <param name="keyOf">Finds the TCP-MD5 key of a handle.</param>
    /// <param name="tell">Takes what a peer's session tells, on the loop's thread; must not wait. What is posted from there is handled
    /// after what the session is told already.</param>
    public BgpLoop(ulong seed, Func<string, ReadOnlyMemory<byte>> keyOf, Action<int, BgpSessionOutput> tell)
    {
        (_seed, _keyOf, _tell) = (seed, keyOf, tell);
        _streams = new(keyOf, (peer, input, cancellation) => _events.PostAsync(new(peer, input, null, null), cancellation));
    }

    /// <summary>Completes when the loop has ended.</summary>
    public Task<LoopEnd> Completion => _ended.Task;

    /// <summary>Starts the thread. Connections are made in the network namespace of the thread that calls this.</summary>
    public void Start() => new Thread(Run) { Name = "bgp", IsBackground = true }.Start();

    /// <summary>Adds a peer, not started yet; one of the same number is replaced.</summary>
    public ValueTask AddAsync(int peer, BgpSessionConfig config) => _events.PostAsync(new(peer, null, config, null), _end.Token);

    /// <summary>Tells a peer's session a wish or a fact.</summary>
    public ValueTask PostAsync(int peer, BgpSessionInput input) => _events.PostAsync(new(peer, input, null, null), _end.Token);

    /// <summary>
    /// Listens to a port for both families, for peers that connect by themselves. Call it before <see cref="Start"/>, in the network
    /// namespace that is meant.
    /// </summary>
    /// <exception cref="SocketException">The port is taken, or needs a right that this process lacks.</exception>
    public void Listen(int port, string vrf)
    {
        foreach (var isIPv4 in new[] { true, false })
            _listeners.Add(BgpSocket.ForListening(isIPv4, port, vrf));
        foreach (var listener in _listeners)
            _ = AcceptAsync(listener);
    }

    /// <summary>How a peer's session is; null when there is no such peer. Asked and answered on the loop's thread.</summary>
    public async Task<BgpSessionSnapshot?> SnapshotAsync(int peer)
    {
        var answer = new TaskCompletionSource<BgpSessionSnapshot?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _events.PostAsync(new(peer, null, null, null, answer), _end.Token).ConfigureAwait(false);
        return await answer.Task.ConfigureAwait(false);
    }

    /// <summary>Asks the loop to end; <see cref="Completion"/> tells when it did.</summary>
    public void Stop()
    {
        _end.Cancel();
        _events.Wake();
    }

    /// <summary>Ends the loop and closes all connections at once.</summary>
    public void Dispose()
    {
        Stop();
        foreach (var listener in _listeners)
            listener.Dispose();
    }

    private void Run()
    {
        var taken = new List<BgpLoopEvent>();
        try
        {
            while (!_end.IsCancellationRequested)
            {
                taken.Clear();
                _events.Take(taken, EventsPerWakeUp, Patience());
                foreach (var happened in taken)
                    Handle(happened, MonotonicClock.Now);
                foreach (var (number, peer) in _peers)
                {
                    if (!(peer.Machine.NextDeadline <= MonotonicClock.Now))
                        continue;
                    peer.Machine.Advance(MonotonicClock.Now);
                    Drain(number, peer);
                }
            }
            _ended.TrySetResult(LoopEnd.Clean);
        }
#pragma warning disable CA1031 // Whatever it was, the picture of the world can no longer be trusted: the process ends.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _ended.TrySetResult(new(LoopEnd.Broken, e.ToString()));
        }
        _streams.Dispose();
    }

    private TimeSpan? Patience()
    {
        Instant? due = null;
        foreach (var (_, peer) in _peers)
            due = Instant.Earlier(due, peer.Machine.NextDeadline);
        return due is { } next ? next > MonotonicClock.Now ? next - MonotonicClock.Now : TimeSpan.Zero : null;
    }

    private void Handle(BgpLoopEvent happened, Instant now)
    {
        if (happened.Config is { } config)
        {
            var machine = new BgpSessionMachine(config, new SeededRandom(_seed).Fork($"peer {happened.Peer}"), now);
            _peers[happened.Peer] = new(config, machine);
            Sign(config);
        }
        else if (happened.Accepted is { } socket)
        {
            Accept(socket, now);
        }
        else if (happened.Answer is { } answer)
        {
            answer.TrySetResult(_peers.TryGetValue(happened.Peer, out var asked) ? asked.Machine.Snapshot : null);
        }
        else if (_peers.TryGetValue(happened.Peer, out var peer) && happened.Input is { } input)
        {
            if (input is BgpSessionInput.ConfigChanged changed)
                Replace(happened.Peer, peer with { Config = changed.Config });
            _streams.Forget(happened.Peer, input);
            peer.Machine.Handle(input, now);
            Drain(happened.Peer, peer);
        }
    }

    private void Replace(int number, BgpLoopPeer peer)
    {
        _peers[number] = peer;
        Sign(peer.Config);
    }

    private void Sign(BgpSessionConfig config)
    {
        var key = config.KeyHandle.Length == 0 ? default : _keyOf(config.KeyHandle);
        foreach (var listener in _listeners)
        {
            if (listener.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork != config.Peer.IsIPv4)
                continue;
            try
            {
                BgpSocket.Sign(listener, config.Peer, key.Span);
            }
            catch (SocketException) when (key.IsEmpty)
            {
                // There was no key that could be taken back.
            }
        }
    }

    private void Accept(Socket socket, Instant now)
    {
        try
        {
            var from = BgpSocket.AddressOf(socket.RemoteEndPoint);
            foreach (var (number, peer) in _peers)
            {
                if (peer.Config.Peer != from)
                    continue;
                BgpSocket.SetTimeToLive(socket, peer.Config.StreamOptions);
                var local = BgpSocket.AddressOf(socket.LocalEndPoint);
                var stream = ++_lastAccepted;
                _streams.Adopt(number, stream, socket);
                peer.Machine.Handle(new BgpSessionInput.StreamAccepted(stream, local), now);
                Drain(number, peer);
                return;
            }
        }
        catch (SocketException)
        {
            // It broke while it waited.
        }
        socket.Dispose();
    }

    private void Drain(int number, BgpLoopPeer peer)
    {
        while (peer.Machine.TryTake(out var output))
        {
            if (!_streams.Execute(number, output))
                _tell(number, output);
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                var socket = await listener.AcceptAsync(_end.Token).ConfigureAwait(false);
                socket.NoDelay = true;
                await _events.PostAsync(new(0, null, null, socket), _end.Token).ConfigureAwait(false);
            }
            catch (SocketException)
            {
                // The one that knocked is gone again, or there are too many open files: others may come.
                await Task.Yield();
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
