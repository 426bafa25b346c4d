using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using FerroLB.Protocols.Bgp.Session;

namespace FerroLB.Runtime.Bgp;

/// <summary>
/// One TCP connection with a peer. It is opened if need be, read until it ends, and written to in order; what happens is posted as it
/// comes, and nothing more is read while the loop's queue is full. After <see cref="Close"/> it sends what is left, throws away what still
/// comes, so that no reset overtakes the last words, and is gone within a second or so.
/// </summary>
internal sealed class BgpStream : IDisposable
{
    private const int ReadBytes = 64 * 1024;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly long _stream;
    private readonly Func<BgpSessionInput, CancellationToken, ValueTask> _post;
    private readonly CancellationTokenSource _end = new();
    // A session orders one write at a time, and at most a farewell after it.
    private readonly Channel<ReadOnlyMemory<byte>> _writes = Channel.CreateBounded<ReadOnlyMemory<byte>>(2);
    private volatile bool _isClosing;

    public BgpStream(long stream, Socket socket, Func<BgpSessionInput, CancellationToken, ValueTask> post) =>
        (_stream, _socket, _post) = (stream, socket, post);

    /// <summary>Opens the connection and reads it to its end; one that a peer opened has no options.</summary>
    public async Task RunAsync(BgpStreamOptions? open)
    {
        try
        {
            if (open is not null)
            {
                var target = BgpSocket.EndPoint(open.Peer, open.Port, open.LinkIndex);
                await _socket.ConnectAsync(target, _end.Token).ConfigureAwait(false);
                var local = BgpSocket.AddressOf(_socket.LocalEndPoint);
                await PostAsync(new BgpSessionInput.StreamOpened(_stream, local)).ConfigureAwait(false);
            }
            var writing = WriteAsync();
            await ReadAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            var failure = e is SocketException error ? FailureOf(error.SocketErrorCode) : BgpStreamFailure.Other;
            await PostAsync(new BgpSessionInput.StreamFailed(_stream, failure, e.Message)).ConfigureAwait(false);
        }
        finally
        {
            _socket.Dispose();
        }
    }

    /// <summary>Sends octets after those before.</summary>
    public void Write(ReadOnlyMemory<byte> octets) => _writes.Writer.TryWrite(octets);

    /// <summary>Ends the connection when everything is sent.</summary>
    public void Close()
    {
        _isClosing = true;
        _writes.Writer.TryComplete();
        _end.CancelAfter(Farewell);
    }

    /// <summary>Ends the connection at once.</summary>
    public void Dispose()
    {
        _isClosing = true;
        _writes.Writer.TryComplete();
        _end.Cancel();
        _socket.Dispose();
    }

    /// <summary>What a system error means for a session.</summary>
    public static BgpStreamFailure FailureOf(SocketError error) => error switch
    {
        SocketError.ConnectionRefused => BgpStreamFailure.Refused,
        SocketError.TimedOut => BgpStreamFailure.TimedOut,
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.HostDown => BgpStreamFailure.Unreachable,
        SocketError.AddressNotAvailable => BgpStreamFailure.NoSuchSource,
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => BgpStreamFailure.Reset,
        _ => BgpStreamFailure.Other,
    };

    private async Task ReadAsync()
    {
        var buffer = new byte[ReadBytes];
        while (true)
        {
            var count = await _socket.ReceiveAsync(buffer, _end.Token).ConfigureAwait(false);
            if (count == 0)
                break;
            await PostAsync(new BgpSessionInput.StreamBytes(_stream, buffer.AsSpan(0, count).ToArray())).ConfigureAwait(false);
        }
        await PostAsync(new BgpSessionInput.StreamClosed(_stream)).ConfigureAwait(false);
        _writes.Writer.TryComplete();
    }

    private async Task WriteAsync()
    {
        await foreach (var octets in _writes.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
        {
            for (var rest = octets; !rest.IsEmpty;)
                rest = rest[await _socket.SendAsync(rest, _end.Token).ConfigureAwait(false)..];
            await PostAsync(new BgpSessionInput.StreamWritable(_stream)).ConfigureAwait(false);
        }
        _socket.Shutdown(SocketShutdown.Send);
    }

    // After an order to close, nobody listens any more.
    private ValueTask PostAsync(BgpSessionInput input) => _isClosing ? ValueTask.CompletedTask : _post(input, CancellationToken.None);
}
