using System;
using System.Collections.Generic;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Protocols.Bgp.Session;

namespace FerroLB.Runtime.Bgp;

/// <summary>
/// The connections of many sessions, each known by the number of its peer and its own: carries out what session machines order. Used by one
/// thread; what happens on the connections is posted from others.
/// </summary>
/// <param name="keyOf">Finds the TCP-MD5 key of a handle.</param>
/// <param name="post">Takes what happened to a peer's session; waits while the loop is behind.</param>
internal sealed class BgpStreams(
    Func<string, ReadOnlyMemory<byte>> keyOf, Func<int, BgpSessionInput, CancellationToken, ValueTask> post) : IDisposable
{
    private readonly Dictionary<(int Peer, long Stream), BgpStream> _streams = [];
    private int _running;

    /// <summary>How many connections there are, closing ones not counted.</summary>
    public int Count => _streams.Count;

    /// <summary>Whether connections are open, or closing and still sending their last words.</summary>
    public bool IsBusy => Volatile.Read(ref _running) > 0;

    /// <summary>Carries out an order; false when it is none about a connection.</summary>
    public bool Execute(int peer, BgpSessionOutput order)
    {
        switch (order)
        {
            case BgpSessionOutput.OpenStream open:
                Open(peer, open);
                return true;
            case BgpSessionOutput.WriteStream write:
                if (_streams.TryGetValue((peer, write.Stream), out var target))
                    target.Write(write.Bytes);
                return true;
            case BgpSessionOutput.CloseStream close:
                if (_streams.Remove((peer, close.Stream), out var ending))
                    ending.Close();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes over a connection that a peer opened; the session is told by its owner.</summary>
    public void Adopt(int peer, long stream, Socket socket, BgpStreamOptions options)
    {
        try
        {
            BgpSocket.SetTimeToLive(socket, options);
            Run(peer, stream, socket, null);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            _ = PostAsync(peer, new BgpSessionInput.StreamFailed(stream, BgpStream.FailureOf(e.SocketErrorCode), e.Message));
        }
    }

    /// <summary>Forgets a connection of which its end was told.</summary>
    public void Forget(int peer, BgpSessionInput input)
    {
        var stream = input switch
        {
            BgpSessionInput.StreamClosed closed => closed.Stream,
            BgpSessionInput.StreamFailed failed => failed.Stream,
            _ => 0,
        };
        if (stream != 0 && _streams.Remove((peer, stream), out var ended))
            ended.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, stream) in _streams)
            stream.Dispose();
        _streams.Clear();
    }

    private void Open(int peer, BgpSessionOutput.OpenStream open)
    {
        try
        {
            if (!BgpSocket.HasVrf(open.Options.Vrf))
            {
                _ = PostAsync(peer, new BgpSessionInput.StreamFailed(open.Stream, BgpStreamFailure.NoSuchVrf, ""));
                return;
            }
            var key = open.Options.KeyHandle.Length == 0 ? default : keyOf(open.Options.KeyHandle);
            Run(peer, open.Stream, BgpSocket.ForConnection(open.Options, key.Span), open.Options);
        }
        catch (SocketException e)
        {
            // Posted and not handled here, for the machine is in the middle of giving its orders.
            _ = PostAsync(peer, new BgpSessionInput.StreamFailed(open.Stream, BgpStream.FailureOf(e.SocketErrorCode), e.Message));
        }
    }

    private void Run(int peer, long stream, Socket socket, BgpStreamOptions? open)
    {
        var connection = new BgpStream(stream, socket, (input, cancellation) => post(peer, input, cancellation));
        _streams[(peer, stream)] = connection;
        _ = RunAsync(connection, open);
    }

    private async Task RunAsync(BgpStream connection, BgpStreamOptions? open)
    {
        Interlocked.Increment(ref _running);
        try
        {
            // Connecting begins before the first wait, so it happens in the network namespace of this thread.
            await connection.RunAsync(open).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private async Task PostAsync(int peer, BgpSessionInput input) => await post(peer, input, CancellationToken.None).ConfigureAwait(false);
}
