using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Loop;

namespace FerroLB.Runtime.Gossip;

/// <summary>
/// Runs a <see cref="GossipMachine"/> on a thread of its own, over real sockets.
/// <code>
/// UDP socket --datagrams--\                        /--> envelope on --> UDP socket
/// TCP connections --octets--> queue --> envelope off --> machine --> envelope on --> TCP connections
/// this process --wishes---/                        \--> what it tells: joined, left, reports
/// </code>
/// The queue is bounded: while it is full the sockets are not read, and the kernel drops datagrams and holds streams back. The keys are
/// used by this thread alone.
/// </summary>
public sealed class GossipLoop : IDisposable
{
    private const int MostDatagramBytes = 65_535;
    private const int SocketBufferBytes = 2 * 1024 * 1024;
    private const int EventsPerWakeUp = 256;
    private const int Backlog = 128;
    private const long MostHeldBytes = 64L * 1024 * 1024;
    private static readonly TimeSpan SnapshotInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly GossipLoopOptions _options;
    private readonly Action<GossipOutput> _tell;
    private readonly Action<GossipSnapshot>? _report;
    private readonly GossipMachine _machine;
    private readonly Socket _datagrams;
    private readonly Socket _listener;
    private readonly InputQueue<GossipEvent> _events;
    private readonly Dictionary<long, GossipConnection> _connections = [];
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource<LoopEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _nonce = new byte[GossipSeal.NonceBytes];
    private Instant _snapshotDue;
    private long _acceptedStreams;
    private long _heldBytes;
    private long _refused;
    private volatile GossipSnapshot _snapshot;

    /// <summary>Opens the sockets; <see cref="Start"/> starts the thread.</summary>
    /// <param name="options">Who the member is and where it listens.</param>
    /// <param name="tell">Takes what the machine tells, on the loop's thread; must not wait.</param>
    /// <param name="report">Takes the picture whenever the machine told something, on the loop's thread; must not wait.</param>
    /// <exception cref="SocketException">The address or the port is not to be had.</exception>
    public GossipLoop(GossipLoopOptions options, Action<GossipOutput> tell, Action<GossipSnapshot>? report = null)
    {
        (_options, _tell, _report) = (options, tell, report);
        var config = options.Config with { EnvelopeBytes = options.Envelope.MostOverheadBytes };
        _machine = new(config, new SeededRandom(options.Seed), MonotonicClock.Now);
        _snapshot = _machine.Snapshot;
        _events = new(Math.Max(1, config.Tuning.HandoffQueueDepth));
        var bind = options.Bind.ToEndPoint();
        _datagrams = new(bind.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _listener = new(bind.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _datagrams.ReceiveBufferSize = _datagrams.SendBufferSize = SocketBufferBytes;
            _datagrams.Bind(bind);
            _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            _listener.Bind(bind);
            _listener.Listen(Backlog);
        }
        catch
        {
            _datagrams.Dispose();
            _listener.Dispose();
            throw;
        }
    }

    /// <summary>Completes when the loop has ended.</summary>
    public Task<LoopEnd> Completion => _ended.Task;

    /// <summary>The picture after the last change, at most a second old.</summary>
    public GossipSnapshot Snapshot => _snapshot;

    /// <summary>Datagrams and streams that were refused for their label or seal.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Starts the thread. Streams are opened in the network namespace of the thread that calls this.</summary>
    public void Start()
    {
        new Thread(Run) { Name = "gossip", IsBackground = true }.Start();
        _ = ReceiveAsync();
        _ = AcceptAsync();
    }

    /// <summary>Tells the machine a wish: to join, to leave, other data. Waits while very much is queued.</summary>
    public ValueTask PostAsync(GossipInput wish) => PostAsync(new(GossipEventKind.Wish, Input: wish), _end.Token);

    /// <summary>Asks the loop to end; <see cref="Completion"/> tells when it did.</summary>
    public void Stop()
    {
        _end.Cancel();
        _events.Wake();
    }

    /// <summary>Ends the loop and closes the sockets.</summary>
    public void Dispose()
    {
        Stop();
        _datagrams.Dispose();
        _listener.Dispose();
    }

    private ValueTask PostAsync(GossipEvent happened, CancellationToken cancellation) => _events.PostAsync(happened, cancellation);

    private void Run()
    {
        var taken = new List<GossipEvent>();
        try
        {
            while (!_end.IsCancellationRequested)
                Step(taken);
            _ended.TrySetResult(LoopEnd.Clean);
        }
#pragma warning disable CA1031 // Whatever it was, the picture of the world can no longer be trusted: the process ends.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _ended.TrySetResult(new(LoopEnd.Broken, e.ToString()));
        }
        foreach (var connection in _connections.Values)
            connection.Dispose();
    }

    private void Step(List<GossipEvent> taken)
    {
        taken.Clear();
        var patience = _machine.NextDeadline is { } deadline ? deadline - MonotonicClock.Now : SnapshotInterval;
        _events.Take(taken, EventsPerWakeUp, patience < TimeSpan.Zero ? TimeSpan.Zero : patience);
        var now = MonotonicClock.Now;
        foreach (var happened in taken)
        {
            Handle(happened, now);
            Drain(now);
        }
        if (_machine.NextDeadline <= now)
        {
            _machine.Advance(now);
            Drain(now);
        }
        if (now >= _snapshotDue)
            Publish(now);
    }

    private void Publish(Instant now)
    {
        _snapshot = _machine.Snapshot;
        _snapshotDue = now + SnapshotInterval;
    }

    private void Handle(GossipEvent happened, Instant now)
    {
        switch (happened.Kind)
        {
            case GossipEventKind.Datagram:
                if (_options.Envelope.OpenDatagram(happened.Octets, out var plain) == GossipRefusal.None)
                    _machine.Handle(new GossipInput.DatagramReceived(happened.From, plain), now);
                else
                    Interlocked.Increment(ref _refused);
                break;
            case GossipEventKind.Accepted:
                _connections[happened.Stream] = happened.Connection!;
                _machine.Handle(new GossipInput.StreamAccepted(happened.Stream, happened.From), now);
                break;
            case GossipEventKind.Opened:
                _machine.Handle(new GossipInput.StreamOpened(happened.Stream), now);
                break;
            case GossipEventKind.Octets when _connections.TryGetValue(happened.Stream, out var connection):
                TakeOctets(connection, happened.Octets.Span, now);
                break;
            case GossipEventKind.Ended:
                _machine.Handle(new GossipInput.StreamClosed(happened.Stream), now);
                break;
            case GossipEventKind.Failed:
                _machine.Handle(new GossipInput.StreamFailed(happened.Stream, happened.Reason), now);
                break;
            case GossipEventKind.Wish:
                _machine.Handle(happened.Input!, now);
                break;
        }
    }

    private void TakeOctets(GossipConnection connection, ReadOnlySpan<byte> octets, Instant now)
    {
        var before = connection.Opener.HeldBytes;
        var refusal = connection.Opener.Append(octets, out var plain);
        _heldBytes += connection.Opener.HeldBytes - before;
        if (refusal == GossipRefusal.None && _heldBytes > MostHeldBytes)
            refusal = GossipRefusal.TooLong;
        if (refusal == GossipRefusal.None)
        {
            if (plain.Length > 0)
                _machine.Handle(new GossipInput.StreamBytes(connection.Stream, plain), now);
            return;
        }
        Interlocked.Increment(ref _refused);
        _machine.Handle(new GossipInput.StreamFailed(connection.Stream, $"its envelope was refused: {refusal}"), now);
    }

    private void Drain(Instant now)
    {
        var isNews = false;
        while (_machine.TryTake(out var output))
        {
            switch (output)
            {
                case GossipOutput.SendDatagram order:
                    Send(order);
                    break;
                case GossipOutput.OpenStream order:
                    Open(order);
                    break;
                case GossipOutput.WriteStream order when _connections.TryGetValue(order.Stream, out var connection):
                    connection.Write(_options.Envelope.CloseStreamMessage(order.Plain, DrawNonce(), isOpener: order.Stream < 0));
                    break;
                case GossipOutput.WriteStream:
                    break;
                case GossipOutput.CloseStream order:
                    if (_connections.Remove(order.Stream, out var closed))
                    {
                        _heldBytes -= closed.Opener.HeldBytes;
                        closed.Close();
                    }
                    break;
                default:
                    isNews = true;
                    _tell(output);
                    break;
            }
        }
        if (!isNews)
            return;
        Publish(now);
        _report?.Invoke(_snapshot);
    }

    private void Send(GossipOutput.SendDatagram order)
    {
        try
        {
            _datagrams.SendTo(_options.Envelope.CloseDatagram(order.Plain, DrawNonce()), order.To.ToEndPoint());
        }
        catch (SocketException)
        {
            // No route, for example: the datagram is lost, as on any network.
        }
    }

    private void Open(GossipOutput.OpenStream order)
    {
        var address = order.To.ToEndPoint();
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        var connection = new GossipConnection(order.Stream, socket, _options.Envelope.OpenStream(isOpener: true), PostAsync);
        _connections[order.Stream] = connection;
        _ = connection.RunAsync(order.To);
    }

    private byte[] DrawNonce()
    {
        if (_options.Envelope.Seals)
            RandomNumberGenerator.Fill(_nonce);
        return _nonce;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[MostDatagramBytes];
        var any = new IPEndPoint(_options.Bind.Ip.IsIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        await RepeatAsync(async () =>
        {
            var result = await _datagrams.ReceiveFromAsync(buffer, SocketFlags.None, any, _end.Token).ConfigureAwait(false);
            byte[] octets = [.. buffer.AsSpan(0, result.ReceivedBytes)];
            var datagram = new GossipEvent(GossipEventKind.Datagram, From: result.RemoteEndPoint.ToGossipAddress(), Octets: octets);
            await PostAsync(datagram, _end.Token).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private Task AcceptAsync() => RepeatAsync(async () =>
    {
        var socket = await _listener.AcceptAsync(_end.Token).ConfigureAwait(false);
        var from = socket.RemoteEndPoint!.ToGossipAddress();
        var opener = _options.Envelope.OpenStream(isOpener: false);
        var connection = new GossipConnection(++_acceptedStreams, socket, opener, PostAsync);
        await PostAsync(new(GossipEventKind.Accepted, connection.Stream, from, Connection: connection), _end.Token).ConfigureAwait(false);
        _ = connection.RunAsync(null);
    });

    private async Task RepeatAsync(Func<Task> step)
    {
        try
        {
            while (true)
            {
                try
                {
                    await step().ConfigureAwait(false);
                }
                catch (SocketException) when (!_end.IsCancellationRequested)
                {
                    // One that hung up before it was accepted, or no descriptor left for now.
                    await Task.Delay(RetryDelay, _end.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The loop ends.
        }
#pragma warning disable CA1031 // The loop must not go on deaf.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Break(e);
        }
    }

    private bool IsEnd(Exception e) => e is OperationCanceledException or ObjectDisposedException || _end.IsCancellationRequested;

    private void Break(Exception e)
    {
        _ended.TrySetResult(new(LoopEnd.Broken, e.ToString()));
        Stop();
    }
}
