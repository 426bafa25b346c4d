using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using FerroLB.Interop.Lan;

namespace FerroLB.Interop.Bgp;

/// <summary>A router that behaves in its own wrong way on every connection that is made to one of its addresses, port 179.</summary>
internal sealed class BadPeer : IDisposable
{
    private const int Port = 179;

    private readonly Socket _listener;
    private readonly Action<BadPeerConnection> _manner;
    private readonly List<long> _connections = [];
    private readonly CancellationTokenSource _end = new();
    private readonly int _seed;

    /// <summary>Adds the address to a host's eth0 and listens there.</summary>
    public BadPeer(TestLan lan, string host, string address, int seed, Action<BadPeerConnection> manner)
    {
        (_manner, _seed, Address) = (manner, seed, address);
        lan.Ip(host, $"addr add {address}/16 dev eth0");
        _listener = NamespaceThread.Run(lan.NamespaceOf(host), () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), Port));
            socket.Listen(64);
            return socket;
        });
        new Thread(Accept) { IsBackground = true }.Start();
    }

    /// <summary>Where it listens.</summary>
    public string Address { get; }

    /// <summary>When connections were made so far, in seconds of a clock of its own.</summary>
    public double[] Connections
    {
        get
        {
            lock (_connections)
                return [.. _connections.ConvertAll(at => (double)at / Stopwatch.Frequency)];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                var socket = _listener.Accept();
                int number;
                lock (_connections)
                {
                    _connections.Add(Stopwatch.GetTimestamp());
                    number = _connections.Count;
                }
                new Thread(() => Serve(socket, number)) { IsBackground = true }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Serve(Socket socket, int number)
    {
        using (socket)
        {
            try
            {
                _manner(new(socket, new((ulong)((_seed * 1000) + number)), _end.Token));
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The speaker has had enough of it.
            }
        }
    }
}
