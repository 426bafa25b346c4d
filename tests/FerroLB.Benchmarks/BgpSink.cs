using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Bgp.Rib;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using SocketFamily = System.Net.Sockets.AddressFamily;

namespace FerroLB.Benchmarks;

/// <summary>
/// A router of the smallest kind, on a host of a <see cref="TestLan"/>: it holds sessions with whoever connects, or whom it connects to,
/// and notes what it is told. The same program measures FerroLB and the others.
/// </summary>
internal sealed class BgpSink : IDisposable
{
    /// <summary>The AS of every sink.</summary>
    public const uint Asn = 65100;

    private const int Port = 179;
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(5);

    private readonly TestLan _lan;
    private readonly string _host;
    private readonly uint _asn;
    private readonly uint _identifier;
    private readonly List<BgpSinkSession> _sessions = [];
    private readonly Timer _life;
    private Socket? _listener;
    private int _accepted;

    /// <summary>Makes a sink that neither listens nor connects yet.</summary>
    public BgpSink(TestLan lan, string host, uint asn = Asn)
    {
        (_lan, _host, _asn) = (lan, host, asn);
        // 192.0.2.N, by the AS, so that no two on one LAN are the same.
        _identifier = 0xC000_0200 + asn % 256;
        _life = new(_ => KeepAlive(), null, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10));
    }

    /// <summary>How many connections others opened so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Opens the port; when.</summary>
    public long Listen()
    {
        var listener = NamespaceThread.Run(_lan.NamespaceOf(_host), () =>
        {
            var socket = new Socket(SocketFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            socket.Listen(256);
            return socket;
        });
        var openedAt = Stopwatch.GetTimestamp();
        _listener = listener;
        new Thread(() => Accept(listener)) { IsBackground = true }.Start();
        return openedAt;
    }

    /// <summary>Closes the port and resets every connection.</summary>
    public void Crash()
    {
        _listener?.Dispose();
        _listener = null;
        lock (_sessions)
        {
            foreach (var session in _sessions)
                session.Reset();
            _sessions.Clear();
        }
    }

    /// <summary>Waits until a session is established that somebody opened; the newest.</summary>
    public BgpSinkSession WaitForSession(TimeSpan limit) => WaitForSessions(1, limit)[^1];

    /// <summary>Waits until so many sessions are established that somebody opened.</summary>
    public IReadOnlyList<BgpSinkSession> WaitForSessions(int count, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            lock (_sessions)
            {
                _sessions.RemoveAll(session => session.HasEnded);
                var found = _sessions.FindAll(session => session.EstablishedAt != 0);
                if (found.Count >= count)
                    return found;
                if (clock.Elapsed > limit)
                    throw new TimeoutException($"{found.Count} of {count} sessions within {limit.TotalSeconds} s");
                Monitor.Wait(_sessions, 1);
            }
        }
    }

    /// <summary>Connects to a router that waits for it, again and again until a session is established.</summary>
    public BgpSinkSession Connect(string address, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < limit)
        {
            if (TryConnect(address) is { } session)
            {
                if (session.WaitUntilEstablished(AttemptLimit))
                {
                    lock (_sessions)
                        _sessions.Add(session);
                    return session;
                }
                session.Dispose();
            }
            ControllerScene.Wait(Rest);
        }
        throw new TimeoutException($"{address} takes no session within {limit.TotalSeconds} s");
    }

    /// <summary>Announces addresses from the first one on, with this AS and a next hop.</summary>
    public void Announce(BgpSinkSession session, int count, string nextHop)
    {
        var rib = new AdjRibOut();
        var routes = new RouteChange[count];
        for (var i = 0; i < count; i++)
            routes[i] = new(new(IpAddress.V4(BgpSinkSession.FirstAddress + (uint)i), 32), RouteTerms.Plain);
        rib.Apply(routes);
        rib.SessionUp(new()
        {
            Negotiated = new() { LocalAsn = _asn, PeerAsn = 0, IPv4Unicast = true, FourOctetAs = true },
            IPv4NextHop = new(IpAddress.Parse(nextHop)),
        });
        var buffer = new byte[BgpFramer.MostBytes];
        for (var length = rib.WriteNext(buffer); length > 0; length = rib.WriteNext(buffer))
            session.Send(buffer.AsSpan(0, length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _life.Dispose();
        Crash();
    }

    private BgpSinkSession? TryConnect(string address)
    {
        try
        {
            return NamespaceThread.Run(_lan.NamespaceOf(_host), () =>
            {
                var socket = new Socket(SocketFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Connect(IPAddress.Parse(address), Port);
                return new BgpSinkSession(socket, _asn, _identifier);
            });
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private void Accept(Socket listener)
    {
        UrgentThread.Raise();
        try
        {
            while (true)
            {
                var session = new BgpSinkSession(listener.Accept(), _asn, _identifier);
                Interlocked.Increment(ref _accepted);
                lock (_sessions)
                    _sessions.Add(session);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The port is closed.
        }
    }

    /// <summary>Shows a sign of life on every session.</summary>
    public void KeepAlive()
    {
        lock (_sessions)
        {
            foreach (var session in _sessions)
                session.KeepAlive();
        }
    }
}
