using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace FerroLB.Benchmarks;

/// <summary>Asks an address over UDP every 10 ms and remembers which questions were answered.</summary>
internal sealed class TakeoverProbe : IDisposable
{
    private const int StillOpen = 20;
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(10);

    private readonly Socket _socket;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private readonly List<(double SentAt, bool IsAnswered)> _questions = [];
    private readonly Thread _sender;
    private volatile bool _isEnding;

    /// <summary>Starts; to be called on a thread in the client's namespace.</summary>
    public TakeoverProbe(IPAddress address, int port)
    {
        _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _socket.Connect(address, port);
        _sender = new(Send) { IsBackground = true };
        _sender.Start();
        new Thread(Receive) { IsBackground = true }.Start();
    }

    /// <summary>Milliseconds since the start.</summary>
    public double Now => _clock.Elapsed.TotalMilliseconds;

    /// <summary>
    /// The longest outage from a moment on, in milliseconds: from an answered question to the next answered one, with unanswered ones
    /// between; 0 when all were answered. The second is how many were not.
    /// </summary>
    public (double LongestGap, int Lost) GapSince(double start)
    {
        lock (_gate)
        {
            var (last, longest, lost, isOut) = (start, 0.0, 0, false);
            // The answers to the latest are still on their way.
            foreach (var (sentAt, isAnswered) in _questions.Where(question => question.SentAt >= start && question.SentAt < Now - 300))
            {
                if (isAnswered)
                {
                    longest = isOut ? Math.Max(longest, sentAt - last) : longest;
                    last = sentAt;
                }
                isOut = !isAnswered;
                lost += isAnswered ? 0 : 1;
            }
            return (isOut ? Math.Max(longest, Now - last) : longest, lost);
        }
    }

    /// <summary>How many of so many questions were answered, the latest left out because their answers may still come.</summary>
    public int AnsweredOfLast(int count)
    {
        lock (_gate)
        {
            var answered = 0;
            for (var i = Math.Max(0, _questions.Count - count - StillOpen); i < _questions.Count - StillOpen; i++)
                answered += _questions[i].IsAnswered ? 1 : 0;
            return answered;
        }
    }

    public void Dispose()
    {
        _isEnding = true;
        _sender.Join();
        _socket.Dispose();
    }

    private void Send()
    {
        UrgentThread.Raise();
        Span<byte> question = stackalloc byte[4];
        using var pause = new ManualResetEventSlim();
        for (var number = 0; !_isEnding; number++)
        {
            BinaryPrimitives.WriteInt32BigEndian(question, number);
            lock (_gate)
                _questions.Add((Now, false));
            try
            {
                _socket.Send(question);
            }
            catch (SocketException)
            {
                // Nobody answered ARP for it.
            }
            var rest = Spacing * (number + 1) - _clock.Elapsed;
            if (rest > TimeSpan.Zero)
                pause.Wait(rest);
        }
    }

    private void Receive()
    {
        UrgentThread.Raise();
        var answer = new byte[64];
        while (true)
        {
            try
            {
                if (_socket.Receive(answer) < 4)
                    continue;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.HostUnreachable or SocketError.ConnectionRefused)
            {
                continue;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }
            var number = BinaryPrimitives.ReadInt32BigEndian(answer);
            lock (_gate)
            {
                if (number >= 0 && number < _questions.Count)
                    _questions[number] = (_questions[number].SentAt, true);
            }
        }
    }
}
