using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Bgp;

/// <summary>
/// The ports that peers connect to. A connection that somebody opened waits here under a number until it is admitted or refused; while the
/// loop is behind, none is taken from the kernel. Used by one thread.
/// </summary>
/// <param name="keyOf">Finds the TCP-MD5 key of a handle.</param>
/// <param name="post">Takes who connected; waits while the loop is behind.</param>
/// <param name="tell">Takes what became of a port, and never waits.</param>
internal sealed class BgpListeners(
    Func<string, ReadOnlyMemory<byte>> keyOf, Func<BgpNodeInput, CancellationToken, ValueTask> post, Action<BgpNodeInput> tell)
    : IDisposable
{
    private const int Backlog = 64;
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<BgpListenPoint, Listener> _listeners = [];
    private readonly ConcurrentDictionary<long, Socket> _waiting = new();
    private long _lastConnection;

    /// <summary>Listens to these ports and no others. What became of each that was not listened to yet is posted.</summary>
    public void Use(ImmutableArray<BgpListenWish> wishes)
    {
        foreach (var point in _listeners.Keys.Where(point => !wishes.Any(wish => wish.Point == point)).ToList())
        {
            _listeners.Remove(point, out var unwanted);
            unwanted!.Dispose();
        }
        foreach (var wish in wishes)
        {
            if (!_listeners.TryGetValue(wish.Point, out var listener))
                Open(wish);
            else if (Sign(listener, wish.Keys) is var problem && (problem is not null || listener.HasProblem))
                Tell(listener, problem);
        }
    }

    /// <summary>The connection of a number, taken out; null when there is none.</summary>
    public Socket? Take(long connection) => _waiting.TryRemove(connection, out var socket) ? socket : null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, listener) in _listeners)
            listener.Dispose();
        foreach (var (_, socket) in _waiting)
            socket.Dispose();
    }

    private void Open(BgpListenWish wish)
    {
        var point = wish.Point;
        Listener? listener = null;
        try
        {
            var isIPv4 = point.Family == Protocols.Primitives.AddressFamily.IPv4;
            listener = new Listener(point, BgpSocket.ForListening(isIPv4, point.Port, point.Vrf));
            // The keys come first, so that nobody ever gets in without one.
            var problem = Sign(listener, wish.Keys);
            listener.Socket.Listen(Backlog);
            _listeners.Add(point, listener);
            _ = AcceptAsync(listener);
            Tell(listener, problem);
        }
        catch (SocketException e)
        {
            listener?.Dispose();
            tell(new BgpNodeInput.ListenTried(point, ProblemOf(point, e)));
        }
    }

    private static string ProblemOf(BgpListenPoint point, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.AccessDenied when point.Port < 1024 =>
            "the speaker lacks the capability NET_BIND_SERVICE; add it to the container's securityContext, or set spec.peerPort to a " +
            "port from 1024 on and let the router connect to that",
        SocketError.AddressAlreadyInUse =>
            "another program of this node listens there; stop it, or set spec.peerPort to another port and let the router connect to that",
        _ => e.Message,
    };

    private string? Sign(Listener listener, ImmutableArray<BgpListenKey> keys)
    {
        string? problem = null;
        foreach (var address in listener.Signed.Keys.Where(address => !keys.Any(key => key.Peer == address)).ToList())
        {
            listener.Signed.Remove(address);
            problem ??= TrySign(listener, address, default);
        }
        foreach (var (peer, handle) in keys)
        {
            if (listener.Signed.TryGetValue(peer, out var before) && before == handle)
                continue;
            if (TrySign(listener, peer, keyOf(handle)) is { } failure)
                problem ??= failure;
            else
                listener.Signed[peer] = handle;
        }
        return problem;
    }

    private static string? TrySign(Listener listener, IpAddress peer, ReadOnlyMemory<byte> key)
    {
        try
        {
            BgpSocket.Sign(listener.Socket, peer, key.Span);
            return null;
        }
        catch (SocketException e)
        {
            return $"the password of {peer} cannot be used: {e.Message}";
        }
    }

    private async Task AcceptAsync(Listener listener)
    {
        while (true)
        {
            try
            {
                var socket = await listener.Socket.AcceptAsync(listener.End.Token).ConfigureAwait(false);
                await OfferAsync(listener, socket).ConfigureAwait(false);
            }
            catch (SocketException) when (!listener.End.IsCancellationRequested)
            {
                // The one that knocked is gone again, or there are too many open files: others may come.
                await Task.Delay(PauseAfterFailure).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task OfferAsync(Listener listener, Socket socket)
    {
        var connection = Interlocked.Increment(ref _lastConnection);
        _waiting[connection] = socket;
        var isOffered = false;
        try
        {
            if (Describe(connection, listener.Point, socket) is not { } caller)
                return;
            await post(new BgpNodeInput.ConnectionAccepted(caller), listener.End.Token).ConfigureAwait(false);
            isOffered = true;
        }
        finally
        {
            if (!isOffered)
                Take(connection)?.Dispose();
        }
    }

    private static BgpCaller? Describe(long connection, BgpListenPoint point, Socket socket)
    {
        try
        {
            socket.NoDelay = true;
            var from = (IPEndPoint)socket.RemoteEndPoint!;
            var linkIndex = from.Address.IsIPv6LinkLocal ? (int)from.Address.ScopeId : 0;
            return new(
                connection, point, BgpSocket.AddressOf(from), BgpSocket.AddressOf(socket.LocalEndPoint), linkIndex,
                BgpSocket.TimeToLiveOfCaller(socket));
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private void Tell(Listener listener, string? problem)
    {
        listener.HasProblem = problem is not null;
        tell(new BgpNodeInput.ListenTried(listener.Point, problem));
    }

    /// <summary>A socket that listens.</summary>
    private sealed class Listener(BgpListenPoint point, Socket socket) : IDisposable
    {
        public BgpListenPoint Point { get; } = point;

        public Socket Socket { get; } = socket;

        public CancellationTokenSource End { get; } = new();

        /// <summary>Whether a problem was told that is not over yet.</summary>
        public bool HasProblem { get; set; }

        /// <summary>The handles of the keys that the kernel knows, by address.</summary>
        public SortedDictionary<IpAddress, string> Signed { get; } = [];

        public void Dispose()
        {
            End.Cancel();
            Socket.Dispose();
        }
    }
}
