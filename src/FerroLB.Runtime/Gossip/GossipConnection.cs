using System;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using FerroLB.Protocols.Gossip.Sealing;
using FerroLB.Protocols.Gossip.Wire;

namespace FerroLB.Runtime.Gossip;

/// <summary>
/// One TCP connection. It is opened if need be, read until it ends, and written to in order; what it reads is posted as it comes, and it
/// reads no further while the loop's queue is full. After <see cref="Close"/> it sends what is left, waits a moment for the other side to
/// end as well, and is gone.
/// </summary>
internal sealed class GossipConnection : IDisposable
{
    private const int ReadBytes = 16 * 1024;
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly Socket _socket;
    private readonly Func<GossipEvent, CancellationToken, ValueTask> _post;
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<byte[]> _writes = Channel.CreateBounded<byte[]>(4);

    public GossipConnection(long stream, Socket socket, GossipStreamOpener opener, Func<GossipEvent, CancellationToken, ValueTask> post)
    {
        (Stream, _socket, Opener, _post) = (stream, socket, opener, post);
        socket.NoDelay = true;
    }

    public long Stream { get; }

    /// <summary>Takes the envelope off what comes; the loop's thread uses it.</summary>
    public GossipStreamOpener Opener { get; }

    /// <summary>Opens the connection, if an address is given, and reads it to its end.</summary>
    public async Task RunAsync(GossipAddress? open)
    {
        try
        {
            if (open is { } address)
            {
                await _socket.ConnectAsync(address.ToEndPoint(), _end.Token).ConfigureAwait(false);
                await _post(new(GossipEventKind.Opened, Stream), _end.Token).ConfigureAwait(false);
            }
            var writing = WriteAsync();
            await ReadAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // An order to close ends the connection too, and then nobody listens any more.
            if (!_end.IsCancellationRequested)
                await _post(new(GossipEventKind.Failed, Stream, Reason: e.Message), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _socket.Dispose();
        }
    }

    /// <summary>Sends octets after those before.</summary>
    public void Write(byte[] octets) => _writes.Writer.TryWrite(octets);

    /// <summary>Ends the connection when everything is sent.</summary>
    public void Close()
    {
        _writes.Writer.TryComplete();
        _end.CancelAfter(Farewell);
    }

    /// <summary>Ends the connection at once.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _socket.Dispose();
    }

    private async Task ReadAsync()
    {
        while (true)
        {
            var buffer = new byte[ReadBytes];
            var count = await _socket.ReceiveAsync(buffer, _end.Token).ConfigureAwait(false);
            if (count == 0)
                break;
            await _post(new(GossipEventKind.Octets, Stream, Octets: buffer.AsMemory(0, count)), _end.Token).ConfigureAwait(false);
        }
        await _post(new(GossipEventKind.Ended, Stream), _end.Token).ConfigureAwait(false);
    }

    private async Task WriteAsync()
    {
        await foreach (var octets in _writes.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
        {
            for (var rest = octets.AsMemory(); !rest.IsEmpty;)
                rest = rest[await _socket.SendAsync(rest, _end.Token).ConfigureAwait(false)..];
        }
        _socket.Shutdown(SocketShutdown.Send);
    }
}
